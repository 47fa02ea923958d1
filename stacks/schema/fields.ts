import { z } from "zod";
import type { ResourceAmounts } from "../../components/kubernetes/resources";
import { REGIONS } from "../../components/gcp/regions";
import { isPinned } from "../../components/kubernetes/image";
import { parseQuantity, quantityValue } from "../../components/kubernetes/quantity";
import { isDay } from "./day";

/**
 * The leaf types of the stack file. Each carries the sentence an error shows as "allowed", so that a message always says
 * what to write instead.
 */

/** What a leaf type says about itself; stacks/config makes error messages and the configuration reference of it. */
export interface LeafFacts {
  /** What kind of value it is, without article: `size`, `image`. */
  kind: string;
  /** What may be written, as the continuation of "allowed: ". */
  allowed: string;
  /** The largest amount, as a Kubernetes quantity, for kinds that have one. */
  largest?: string;
}

function leaf<T extends z.ZodType>(schema: T, facts: LeafFacts): T {
  return schema.meta({ ...facts });
}

/**
 * A storage or memory size in bytes, as a Kubernetes quantity: `5Gi`, `512Mi`.
 *
 * @param maximum The largest size, included.
 */
export function bytes(maximum = "64Ti") {
  return leaf(
    z
      .string()
      .regex(/^[1-9]\d*(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)$/)
      .refine((text) => (parseQuantity(text) ?? Infinity) <= quantityValue(maximum))
      // Kubernetes warns of a fraction of a byte, and the worker ignores a cache budget that has one.
      .refine((text) => Number.isInteger(parseQuantity(text) ?? NaN)),
    {
      kind: "size",
      allowed: `a size in whole bytes such as 512Mi or 5Gi, more than 0 and at most ${maximum}`,
      largest: maximum,
    },
  );
}

/** CPU in cores, as a Kubernetes quantity: `250m`, `"2"`, `1.5`. */
export function cpu() {
  return leaf(
    z
      .union([z.string().regex(/^([1-9]\d*m|[1-9]\d*(\.\d+)?|0\.\d*[1-9]\d*)$/), z.number().positive()])
      .refine((value) => (parseQuantity(value) ?? Infinity) <= 1024)
      .refine((value) => isWholeMillis(parseQuantity(value) ?? NaN)),
    {
      kind: "CPU amount",
      allowed: "CPU such as 250m, 2 or 1.5, in steps of 1m, more than 0 and at most 1024 cores",
      largest: "1024",
    },
  );
}

/** Kubernetes counts CPU in thousandths of a core. */
function isWholeMillis(cores: number): boolean {
  return Math.abs(cores * 1000 - Math.round(cores * 1000)) < 1e-6;
}

/** A Kubernetes object name: a DNS label. */
export function objectName() {
  // A label holds 63 characters, and a StatefulSet puts its name, '-' and a hash of 10 into one of each pod.
  return leaf(z.string().regex(/^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/), {
    kind: "name",
    allowed: "1 to 52 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
  });
}

/** A name that others are made of, such as a region: a short DNS label. */
export function shortName() {
  return leaf(z.string().regex(/^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$/), {
    kind: "short name",
    allowed: "1 to 30 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
  });
}

/** How many servers a NATS cluster has. */
export function clusterSize() {
  return leaf(z.union([z.literal(1), z.literal(3), z.literal(5)]), {
    kind: "odd number",
    allowed: "1, 3 or 5: an even number would survive no more losses than the odd one below it",
  });
}

/** A container image with an explicit tag or digest. */
export function image() {
  return leaf(z.string().refine(isPinned), {
    kind: "image",
    allowed:
      "an image with a tag or digest, such as ghcr.io/noetl/server:3.39.3 or registry/name@sha256:…; not :latest",
  });
}

/** A whole number within bounds, both included. */
export function whole(minimum: number, maximum: number) {
  return leaf(z.int().min(minimum).max(maximum), {
    kind: "whole number",
    allowed: `a whole number from ${minimum} to ${maximum}`,
  });
}

/** A TCP port. */
export function port() {
  return whole(1, 65535);
}

/** A NATS name without separators: stream or consumer. */
export function natsName() {
  return leaf(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), {
    kind: "NATS name",
    allowed: "1 to 64 letters, digits, '_' and '-'",
  });
}

/** A NATS user: nats.conf names a variable after it. */
export function natsUser() {
  return leaf(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/), {
    kind: "NATS user",
    allowed: "1 to 32 lower-case letters, digits and '_', beginning with a letter",
  });
}

/** A time span as nats-server reads it. */
export function duration() {
  return leaf(z.string().regex(/^[1-9]\d{0,8}(ms|s|m|h)$/), {
    kind: "time span",
    allowed: "a whole number with ms, s, m or h, such as 10s",
  });
}

/** A NATS subject; wildcards `*` and `>` stand alone between dots, `>` last. */
export function natsSubject() {
  return leaf(
    z
      .string()
      .max(255)
      .regex(/^([A-Za-z0-9_$-]+|\*)(\.([A-Za-z0-9_$-]+|\*))*(\.>)?$/),
    {
      kind: "NATS subject",
      allowed: "a subject such as noetl.commands.shared.>, tokens between dots, '*' or a final '>' as wildcards",
    },
  );
}

/** One token of a NATS subject. */
export function natsToken() {
  return leaf(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), {
    kind: "segment",
    allowed: "1 to 64 letters, digits, '_' and '-'",
  });
}

/** A path of the NoETL catalog. */
export function catalogPath() {
  return leaf(
    z
      .string()
      .max(255)
      .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/),
    {
      kind: "catalog path",
      allowed: "a path such as subscriptions/iot_sensor_stream, without '/' at its ends",
    },
  );
}

/** Variables that workers read for themselves. */
const OF_WORKERS =
  "(NATS|WORKER|NOETL_(INTERNAL|IPC|KEYCHAIN|MATERIALIZER|STATE_BUILDER|TLS|WORKER))_|NOETL_(SERVER_URL|RUN_MODE|DATA_DIR|STATE_BUILDER|SUBSCRIPTION_PATH)$|(RUST_LOG|TZ|HOME|PATH|PYTHONPATH)$";

/** The name of an environment variable that holds a credential: none that workers read for themselves. */
export function envName() {
  return leaf(z.string().regex(new RegExp(`^(?!${OF_WORKERS})[A-Z][A-Z0-9_]{0,127}$`)), {
    kind: "variable",
    allowed: "capital letters, digits and '_', such as NOETL_FLIGHT_BEARER_TOKEN; no variable of the worker itself",
  });
}

/** The name of a Secret. */
export function secretName() {
  return leaf(
    z
      .string()
      .max(253)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/),
    {
      kind: "Secret name",
      allowed: "lower-case letters, digits, '-' and '.', such as noetl-flight-bearer",
    },
  );
}

/** A key of a Secret. */
export function secretKey() {
  return leaf(z.string().regex(/^[-._a-zA-Z0-9]{1,253}$/), {
    kind: "Secret key",
    allowed: "1 to 253 letters, digits, '-', '_' and '.'",
  });
}

/** The id of a Google Cloud project; not its number, nor its name for people. */
export function gcpProject() {
  return leaf(z.string().regex(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/), {
    kind: "project id",
    allowed: "a project id: 6 to 30 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
  });
}

/** A machine of Compute Engine. */
export function machineType() {
  return leaf(z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+){1,4}$/), {
    kind: "machine type",
    allowed: "a machine type of Compute Engine such as e2-standard-4",
  });
}

/** A machine of Cloud SQL; which there are, a rule says. */
export function sqlTier() {
  return leaf(z.string().regex(/^db-[A-Za-z0-9-]{1,60}$/), {
    kind: "tier",
    allowed:
      "db-custom-CORES-MEGABYTES such as db-custom-2-7680, db-perf-optimized-N-CORES, db-g1-small or db-f1-micro",
  });
}

/** The name of a setting of PostgreSQL. */
export function sqlFlag() {
  return leaf(z.string().regex(/^[a-z][a-z0-9_.]{0,62}$/), {
    kind: "flag",
    allowed: "lower-case letters, digits, '_' and '.', such as log_min_duration_statement",
  });
}

/** A time of day in UTC, on the hour or half hour. */
export function timeOfDay() {
  return leaf(z.string().regex(/^([01]\d|2[0-3]):[03]0$/), {
    kind: "time of day",
    allowed: 'a time in UTC on the hour or half hour, such as "03:00", in quotes',
  });
}

const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const CIDR = new RegExp(`^(${OCTET}\\.){3}${OCTET}/(3[0-2]|[12]?\\d)$`);

/** The name of a Firestore database. */
export function firestoreDatabase() {
  return leaf(z.string().regex(/^(\(default\)|[a-z][-a-z0-9]{2,61}[a-z0-9])$/), {
    kind: "Firestore database",
    allowed: "(default), or 4 to 63 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
  });
}

/** Where a Firestore database is: a region, or one of the two multi-regions. */
export function firestoreLocation() {
  return leaf(z.enum([...REGIONS, "nam5", "eur3"]), {
    kind: "Firestore location",
    allowed: "nam5, eur3, or a region of Google Cloud such as us-central1 or europe-west4",
  });
}

/** A range of IPv4 addresses. */
export function cidr() {
  return leaf(z.string().regex(CIDR), {
    kind: "address range",
    allowed: "IPv4 addresses such as 10.0.0.0/8 or 10.96.0.1/32",
  });
}

/** A label of a Kubernetes object and its value. */
export function label() {
  return leaf(
    z
      .string()
      .regex(/^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?=[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/),
    {
      kind: "label",
      allowed: "NAME=VALUE, such as app=prometheus or app.kubernetes.io/name=prometheus",
    },
  );
}

const CRON_STEP = "(/[1-9][0-9]?)?";
const cronField = (value: string) => `(\\*|(${value})(-(${value}))?)${CRON_STEP}`;
const cronList = (value: string) => `${cronField(value)}(,${cronField(value)})*`;
const CRON = new RegExp(
  `^${[
    cronList("[0-5]?[0-9]"),
    cronList("[01]?[0-9]|2[0-3]"),
    cronList("[1-9]|[12][0-9]|3[01]"),
    cronList("[1-9]|1[0-2]"),
    cronList("[0-6]"),
  ].join(" ")}$`,
);

/** A cron expression of five fields. */
export function cronSchedule() {
  return leaf(z.string().regex(CRON), {
    kind: "schedule",
    allowed: 'minute, hour, day of month, month and day of week (0 to 6), such as "0 * * * *" or "*/15 3 * * 1-5"',
  });
}

/** A PostgreSQL identifier that needs no quoting. */
export function sqlName() {
  return leaf(z.string().regex(/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/), {
    kind: "SQL name",
    allowed: "1 to 63 lower-case letters, digits and '_', beginning with a letter or '_', but not with pg_",
  });
}

/** A DNS host name or IPv4 address, without scheme and port. */
export function host() {
  return leaf(
    z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/),
    {
      kind: "host",
      allowed: "a host name or IPv4 address without scheme and port, such as postgres.example.com",
    },
  );
}

/** A name in the public DNS that Google makes certificates for: no address, no wildcard, and no longer than 63. */
export function certificateName() {
  return leaf(
    z
      .string()
      .max(63)
      .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z][-a-z0-9]*[a-z0-9]$/),
    {
      kind: "DNS name",
      allowed:
        "a DNS name of at most 63 lower-case letters, digits, '-' and '.', such as noetl.example.com; no IP address, no wildcard",
    },
  );
}

/** An http or https URL without user info. */
export function httpUrl() {
  return leaf(
    z
      .string()
      .regex(/^https?:\/\/[^\s/@?#]+(:\d+)?(\/[^\s@]*)?$/)
      .refine((text) => URL.canParse(text)),
    {
      kind: "URL",
      allowed: "an http:// or https:// URL without user name and password",
    },
  );
}

/** Where a web page comes from, as browsers say it: scheme, host and port, nothing behind them. */
export function origin() {
  return leaf(z.string().regex(/^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/), {
    kind: "origin",
    allowed: "an origin such as https://noetl.example.com or http://localhost:3000, without a path; not *",
  });
}

/** An absolute path inside a container. */
export function filePath() {
  return leaf(z.string().regex(/^\/(?!.*\.\.)[A-Za-z0-9._/-]+$/), {
    kind: "path",
    allowed: "an absolute path such as /etc/noetl/token, without '..'",
  });
}

/** One line of text without control characters, and without `$(`, which the kubelet would take for a variable. */
export function line(maximum: number) {
  return leaf(
    z
      .string()
      .min(1)
      .max(maximum)
      // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
      .regex(/^(?!.*\$\()[^\x00-\x1f\x7f]*$/),
    { kind: "text", allowed: `one line of 1 to ${maximum} characters, without "$("` },
  );
}

/** An expression of PromQL, which may have several lines; what it says is checked by the rules of monitoring. */
export function promql() {
  return leaf(z.string().min(1).max(5000), { kind: "PromQL", allowed: "an expression of at most 5000 characters" });
}

/** Name of a label of Prometheus or Kubernetes; which of them are legal where, the rules of monitoring tell. */
export function labelName() {
  return leaf(z.string().regex(/^[A-Za-z_][A-Za-z0-9_./-]{0,127}$/), {
    kind: "label",
    allowed: "letters, digits, '_', '.', '/' and '-', beginning with a letter",
  });
}

/** Why somebody did something: a line that says more than a word. */
export function reason() {
  return leaf(
    z
      .string()
      .max(500)
      .regex(/^\S[^\n]{8,}\S$/),
    { kind: "reason", allowed: "a line of 10 to 500 characters" },
  );
}

/** A day of the calendar. */
export function date() {
  return leaf(
    z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/)
      .refine(isDay),
    { kind: "date", allowed: 'a day such as "2027-03-31", in quotes' },
  );
}

/** A moment, in UTC. */
export function instant() {
  return leaf(
    z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)
      .refine((text) => !Number.isNaN(Date.parse(text))),
    { kind: "moment", allowed: 'a moment in UTC such as "2026-11-21T10:00:00Z", in quotes' },
  );
}

/** The name of a rule of the checks. */
export function ruleName() {
  return leaf(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/), {
    kind: "rule",
    allowed: "the name of a rule: lower-case letters, digits and '-'",
  });
}

/** Marks a leaf that only an encrypted value (`secure:`) may fill; see stacks/config/secrets. */
const SECRET = "secret";

/** What stands for every secret value offline, where nothing can decrypt it. */
export const PLACEHOLDER = "offline-placeholder";

/**
 * A value that the stack file holds encrypted. In the file it stands as `secure: …` (written by
 * `pulumi config set --secret --path`); the program gets the decrypted text.
 */
export function secret() {
  return z
    .string()
    .min(1)
    .meta({ [SECRET]: true, kind: "secret", allowed: "an encrypted value, as `secure: …`" });
}

/** Certificates as text; what is in them, rules tell, which know what they are for and show none of it. */
export function pem() {
  return leaf(z.string().min(1), {
    kind: "certificate",
    allowed: "certificates in PEM form, one after another: -----BEGIN CERTIFICATE----- and so on",
  });
}

/** Requests and limits of a container. */
export function resources(defaults: ResourceAmounts) {
  return z
    .strictObject({
      requests: z
        .strictObject({
          cpu: cpu().default(defaults.requests.cpu).describe("CPU the scheduler reserves."),
          memory: bytes().default(defaults.requests.memory).describe("Memory the scheduler reserves."),
        })
        .prefault({})
        .describe("What a container is guaranteed."),
      limits: z
        .strictObject({
          cpu: cpu().default(defaults.limits.cpu).describe("CPU above which the container is throttled."),
          memory: bytes().default(defaults.limits.memory).describe("Memory above which the container is killed."),
        })
        .prefault({})
        .describe("What a container may use at most."),
    })
    .prefault({})
    .describe("CPU and memory of each container.");
}
