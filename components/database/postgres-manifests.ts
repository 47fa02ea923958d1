import type * as k8s from "@pulumi/kubernetes";
import { fromSecret, literal } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { quantityValue } from "../kubernetes/quantity";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";

export const NAME = "postgres";
export const PORT = 5432;
export const SECRET_NAME = "postgres-secret";

/** The user and group of the official image's Debian variant. */
const POSTGRES_UID = 999;

/** What a PostgreSQL is like. Sizes are Kubernetes quantities. */
export interface PostgresFacts {
  image: string;
  /** Superuser that the image creates with the volume. */
  adminUser: string;
  /** Database, role and schema of the NoETL server. */
  database: string;
  user: string;
  schema: string;
  /** Size of the data volume. */
  storage: string;
  /** Storage class of the data volume; it cannot change later. */
  storageClass: string;
  /** `max_connections`. */
  maxConnections: number;
  /** `shared_buffers`. */
  sharedBuffers: string;
  /** `work_mem`, per sort and connection. */
  workMem: string;
  resources: ResourceAmounts;
}

export function metadata(name: string, namespace: Namespace) {
  return { name, namespace: namespace.created, labels: labels({ app: NAME, component: "database" }) };
}

export function service(namespace: Namespace): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(NAME, namespace),
    spec: { selector: selector(NAME), ports: [{ name: "postgres", port: PORT, targetPort: "postgres" }] },
  };
}

export function nodePortService(namespace: Namespace, nodePort: number): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(`${NAME}-ext`, namespace),
    spec: {
      type: "NodePort",
      selector: selector(NAME),
      ports: [{ name: "postgres", port: PORT, targetPort: "postgres", nodePort }],
    },
  };
}

export function statefulSet(namespace: Namespace, facts: PostgresFacts): k8s.apps.v1.StatefulSetArgs {
  return {
    metadata: metadata(NAME, namespace),
    spec: {
      serviceName: NAME,
      replicas: 1,
      selector: { matchLabels: selector(NAME) },
      template: {
        metadata: { labels: labels({ app: NAME, component: "database" }) },
        spec: {
          ...restrictedPod({ uid: POSTGRES_UID, fsGroup: POSTGRES_UID }),
          // A "smart" shutdown waits for clients; the kubelet's SIGTERM does that, so give it time before SIGKILL.
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: NAME,
              image: facts.image,
              args: serverArguments(facts),
              ports: [{ name: "postgres", containerPort: PORT }],
              env: [
                literal("POSTGRES_USER", facts.adminUser),
                fromSecret("POSTGRES_PASSWORD", { secret: SECRET_NAME, key: "POSTGRES_PASSWORD" }),
                // A subfolder: the volume's own root may hold lost+found, which initdb refuses.
                literal("PGDATA", "/var/lib/postgresql/data/pgdata"),
                literal("TZ", "UTC"),
              ],
              resources: resourceRequirements(facts.resources),
              // The image answers on its socket while it still initialises the volume; TCP comes up only when it is done.
              startupProbe: { ...isReady(facts), periodSeconds: 2, failureThreshold: 150, timeoutSeconds: 5 },
              readinessProbe: { ...isReady(facts), periodSeconds: 5, failureThreshold: 3, timeoutSeconds: 3 },
              livenessProbe: { ...isReady(facts), periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 },
              securityContext: RESTRICTED_CONTAINER,
              volumeMounts: [
                { name: "postgres-data", mountPath: "/var/lib/postgresql/data" },
                { name: "run", mountPath: "/var/run/postgresql" },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "run", emptyDir: {} },
            { name: "tmp", emptyDir: {} },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: "postgres-data", labels: labels({ app: NAME, component: "database" }) },
          spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: facts.storageClass,
            resources: { requests: { storage: facts.storage } },
          },
        },
      ],
    },
  };
}

function serverArguments(facts: PostgresFacts): string[] {
  const settings = {
    max_connections: facts.maxConnections,
    shared_buffers: `${kilobytes(facts.sharedBuffers)}kB`,
    work_mem: `${kilobytes(facts.workMem)}kB`,
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** PostgreSQL's `kB` are 1024 bytes. */
function kilobytes(size: string): number {
  return Math.floor(quantityValue(size) / 1024);
}

function isReady({ adminUser }: PostgresFacts): k8s.types.input.core.v1.Probe {
  return { exec: { command: ["pg_isready", "--host=127.0.0.1", `--username=${adminUser}`, "--dbname=postgres"] } };
}
