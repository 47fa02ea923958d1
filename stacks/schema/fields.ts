import { z } from "zod";
import { isPinned } from "../../components/kubernetes/image";
import { parseQuantity } from "../../components/kubernetes/quantity";

/**
 * The leaf types of the stack file. Each carries the sentence an error shows as "allowed", so that a message always says
 * what to write instead.
 */

const MAX_BYTES = 64 * 2 ** 40;

/** A storage or memory size in bytes, as a Kubernetes quantity: `5Gi`, `512Mi`. */
export function bytes() {
  const allowed = "a size such as 512Mi or 5Gi, more than 0 and at most 64Ti";
  return z
    .string({ error: allowed })
    .regex(/^[1-9]\d*(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)$/, { error: allowed })
    .refine(
      (text) => {
        const value = parseQuantity(text);
        return value !== undefined && value <= MAX_BYTES;
      },
      { error: allowed, abort: true },
    );
}

/** CPU in cores, as a Kubernetes quantity: `250m`, `"2"`, `1.5`. */
export function cpu() {
  const allowed = "CPU such as 250m, 2 or 1.5, more than 0 and at most 1024 cores";
  return z
    .union([z.string().regex(/^([1-9]\d*m|[1-9]\d*(\.\d+)?|0\.\d*[1-9]\d*)$/), z.number().positive()], {
      error: allowed,
    })
    .refine(
      (value) => {
        const cores = parseQuantity(value);
        return cores !== undefined && cores <= 1024;
      },
      { error: allowed, abort: true },
    );
}

/** A Kubernetes object name: a DNS label. */
export function objectName() {
  const allowed = "a name of 1 to 53 lower-case letters, digits and '-', beginning with a letter, not ending with '-'";
  // 63 is the DNS limit; 10 characters stay free for what controllers append (pod ordinals, hashes).
  return z.string({ error: allowed }).regex(/^[a-z]([-a-z0-9]{0,51}[a-z0-9])?$/, { error: allowed });
}

/** A container image with an explicit tag or digest. */
export function image() {
  const allowed =
    "a container image with a tag or digest, such as ghcr.io/noetl/server:2.42.0 or registry/name@sha256:…; not :latest";
  return z.string({ error: allowed }).refine(isPinned, { error: allowed });
}

/** A whole number within bounds, both included. */
export function whole(minimum: number, maximum: number) {
  return z.int().min(minimum).max(maximum);
}

/** A TCP port. */
export function port() {
  return whole(1, 65535);
}

/** A NATS name without separators: stream or consumer. */
export function natsName() {
  const allowed = "1 to 64 letters, digits, '_' and '-'";
  return z.string({ error: allowed }).regex(/^[A-Za-z0-9_-]{1,64}$/, { error: allowed });
}

/** A NATS subject; wildcards `*` and `>` stand alone between dots, `>` last. */
export function natsSubject() {
  const allowed = "a subject such as noetl.commands.shared.>, tokens between dots, '*' or a final '>' as wildcards";
  return z
    .string({ error: allowed })
    .max(255, { error: allowed })
    .regex(/^([A-Za-z0-9_$-]+|\*)(\.([A-Za-z0-9_$-]+|\*))*(\.>)?$/, { error: allowed });
}

/** A PostgreSQL identifier that needs no quoting. */
export function sqlName() {
  const allowed = "1 to 63 lower-case letters, digits and '_', beginning with a letter or '_'";
  return z.string({ error: allowed }).regex(/^[a-z_][a-z0-9_]{0,62}$/, { error: allowed });
}

/** A DNS host name or IPv4 address, without scheme and port. */
export function host() {
  const allowed = "a host name or IPv4 address without scheme and port, such as postgres.example.com";
  return z
    .string({ error: allowed })
    .max(253, { error: allowed })
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/i, { error: allowed });
}

/** An http or https URL without user info. */
export function httpUrl() {
  const allowed = "an http:// or https:// URL without user name and password";
  return z.string({ error: allowed }).regex(/^https?:\/\/[^\s/@?#]+(:\d+)?(\/[^\s@]*)?$/, { error: allowed });
}

/** An absolute path inside a container. */
export function filePath() {
  const allowed = "an absolute path such as /etc/noetl/token, without '..'";
  return z.string({ error: allowed }).regex(/^\/(?!.*\.\.)[A-Za-z0-9._/-]+$/, { error: allowed });
}

/** One line of text without control characters. */
export function line(maximum: number) {
  const allowed = `one line of 1 to ${maximum} characters`;
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  return z
    .string({ error: allowed })
    .min(1, { error: allowed })
    .max(maximum, { error: allowed })
    .regex(/^[^\x00-\x1f\x7f]*$/, { error: allowed });
}

/** Marks a leaf that only an encrypted value (`secure:`) may fill; see stacks/config/secrets. */
export const SECRET = "secret";

/**
 * A value that the stack file holds encrypted. In the file it stands as `secure: …` (written by
 * `pulumi config set --secret --path`); the program gets the decrypted text.
 */
export function secret() {
  const allowed = "an encrypted value: pulumi config set --secret --path 'noetl:secrets.NAME'";
  return z
    .string({ error: allowed })
    .min(1, { error: allowed })
    .meta({ [SECRET]: true });
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

/** CPU and memory, requested and limited, as Kubernetes quantities. */
export interface ResourceAmounts {
  requests: { cpu: string | number; memory: string };
  limits: { cpu: string | number; memory: string };
}
