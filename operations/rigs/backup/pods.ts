import { NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../../../components/kubernetes/pod";
import { SCHEMA } from "../../../components/database/names";
import type { Json } from "../../../preview/graph";
import { at, isObject, type JsonObject, listOf, objectOf, textOf } from "../../../preview/json";
import { workloadsOf, type Workload } from "../../../preview/workloads";
import { UserError } from "../../../stacks/errors";
import type { Platform } from "../platform";

/** Label of every pod that a rig makes. */
const APP = "noetl-verify";

/** How long a pod of a rig may live, in seconds, whatever has become of the rig. */
const LIFE = 3600;

/** What a dump is of, and where it goes. */
export interface Dump {
  source: string;
  scratch: string;
  /** As of which moment: the name of an exported snapshot. */
  snapshot: string;
}

/** Straight from one to the other: a file system of its own, pods of the platform have not. */
const DUMP_AND_RESTORE = [
  "set -eu",
  // Not every shell of the image's variants can.
  "if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi",
  'pg_dump --no-password --format=custom --snapshot="$SNAPSHOT" --dbname="$SOURCE" |',
  '  pg_restore --no-password --exit-on-error --no-owner --no-acl --dbname="$SCRATCH"',
].join("\n");

const RESOURCES = { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "512Mi" } };

/**
 * A Job that dumps a database and restores the dump into another one of the same instance: image, login and way to the
 * instance are those of the Job that makes the schema.
 *
 * @throws UserError when the stack has no such Job
 */
export function dumpJob(
  platform: Pick<Platform, "graph">,
  name: string,
  { source, scratch, snapshot }: Dump,
): JsonObject {
  const { namespace, podLabels, podSpec } = schemaJob(platform);
  const env = { SOURCE: source, SCRATCH: scratch, SNAPSHOT: snapshot };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, labels: podLabels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: LIFE,
      template: {
        metadata: { labels: podLabels },
        spec: {
          ...withCommand(podSpec, ["sh", "-c", DUMP_AND_RESTORE], env),
          restartPolicy: "Never",
        },
      },
    },
  };
}

/**
 * A pod that does nothing but keep a way to the instance open: where that is Cloud SQL, its proxy is beside it.
 *
 * @throws UserError when the stack has no Job that makes the schema
 */
export function proxyPod(platform: Pick<Platform, "graph">, name: string): JsonObject {
  const { namespace, podLabels, podSpec } = schemaJob(platform);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: podLabels },
    spec: {
      ...withCommand(podSpec, ["sleep", String(LIFE)], {}),
      restartPolicy: "Never",
      activeDeadlineSeconds: LIFE,
    },
  };
}

/** A NATS of its own, empty, that only a port-forward reaches. @param image of the platform's NATS */
export function scratchNats(name: string, image: string): JsonObject {
  const spec = {
    ...restrictedPod({ uid: NOBODY }),
    restartPolicy: "Never",
    activeDeadlineSeconds: LIFE,
    containers: [
      {
        name: "nats",
        image,
        command: ["nats-server", "-a", "127.0.0.1", "-p", "4222", "-js", "-sd", "/data"],
        ports: [{ name: "client", containerPort: 4222 }],
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "512Mi" } },
        securityContext: RESTRICTED_CONTAINER,
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
    ],
    volumes: [{ name: "data", emptyDir: { sizeLimit: "2Gi" } }],
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "nats", labels: { app: APP, "app.kubernetes.io/name": APP } },
    spec,
  };
}

function schemaJob({ graph }: Pick<Platform, "graph">): Workload {
  const found = workloadsOf(graph).find(({ kind, podLabels }) => kind === "Job" && podLabels.app === SCHEMA);
  if (found === undefined) throw new UserError("the stack has no Job that makes the database's schema");
  return found;
}

/** The same pod with another command; of its variables and volumes, those that are for the way to the instance. */
function withCommand(podSpec: JsonObject, command: string[], more: Readonly<Record<string, string>>): JsonObject {
  const [main, ...others] = listOf(podSpec.containers).filter(isObject);
  const env = listOf(main?.env).filter((variable) => textOf(at(variable, "name"))?.startsWith("PG"));
  const container: JsonObject = {
    ...without(objectOf(main), "volumeMounts"),
    command,
    env: [...env, ...Object.entries(more).map(([name, value]): Json => ({ name, value }))],
    resources: RESOURCES,
  };
  return { ...without(podSpec, "volumes"), containers: [container, ...others] };
}

function without(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([each]) => each !== key));
}
