import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { fromSecret } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import { spreadOver } from "../kubernetes/spread";
import { cloudSqlProxy, type CloudSqlProxy } from "./cloud-sql-proxy";

export const NAME = "pgbouncer";
export const PORT = 5432;
export const METRICS_PORT = 9127;
export const USERLIST = "/etc/pgbouncer/users/userlist.txt";
export const STATS_USER = "pgbouncer_stats";

const SECRET_NAME = "pgbouncer-users";

/** The image's own user, `postgres` of Alpine. */
const PGBOUNCER_UID = 70;

/** What a PgBouncer's pods are like. */
export interface PgBouncerFacts {
  namespace: Namespace;
  image: string;
  replicas: number;
  /** The Cloud SQL Auth Proxy beside it. Default: none, the databases are reached directly. */
  proxy?: CloudSqlProxy | undefined;
  /** Image of the exporter that makes metrics of its statistics. Default: no metrics. */
  exporterImage?: string | undefined;
  resources: ResourceAmounts;
}

function metadata(namespace: Namespace, name = NAME) {
  return { name, namespace: namespace.created, labels: labels({ app: NAME, component: "database" }) };
}

export function service(namespace: Namespace): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(namespace),
    spec: { selector: selector(NAME), ports: [{ name: "psql", port: PORT, targetPort: "psql" }] },
  };
}

export function configMap(namespace: Namespace, ini: string): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(namespace), data: { "pgbouncer.ini": ini } };
}

/** Metadata of the Secret with users and passwords. */
export function usersMetadata(namespace: Namespace) {
  return metadata(namespace, SECRET_NAME);
}

export function disruptionBudget(namespace: Namespace): k8s.policy.v1.PodDisruptionBudgetArgs {
  return oneAtATime(metadata(namespace), NAME);
}

/**
 * @param config Changes with pgbouncer.ini, which is read at the start only.
 * @param users Changes with the userlist, without telling anything of it.
 */
export function deployment(
  facts: PgBouncerFacts,
  config: string,
  users: pulumi.Input<string>,
): k8s.apps.v1.DeploymentArgs {
  const { namespace, proxy } = facts;
  return {
    metadata: metadata(namespace),
    spec: {
      replicas: facts.replicas,
      selector: { matchLabels: selector(NAME) },
      // One at a time and none more: the pool sizes count on replicas + 1 pods at most.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      template: {
        metadata: {
          labels: labels({ app: NAME, component: "database" }),
          annotations: { "noetl.io/config": config, "noetl.io/users": users },
        },
        spec: {
          ...restrictedPod({ uid: PGBOUNCER_UID }),
          ...(proxy && { serviceAccountName: proxy.serviceAccount, initContainers: [cloudSqlProxy(proxy)] }),
          // Transactions that have begun end by themselves; longer ones are cut off.
          terminationGracePeriodSeconds: 60,
          ...(facts.replicas > 1 && { topologySpreadConstraints: spreadOver(NAME, "zone", "node") }),
          containers: [pooler(facts), ...(facts.exporterImage === undefined ? [] : [exporter(facts.exporterImage)])],
          volumes: [
            { name: "config", configMap: { name: NAME } },
            {
              name: "users",
              secret: { secretName: SECRET_NAME, items: [{ key: "userlist.txt", path: "userlist.txt" }] },
            },
          ],
        },
      },
    },
  };
}

function pooler(facts: PgBouncerFacts): k8s.types.input.core.v1.Container {
  const listens = { tcpSocket: { port: "psql" } };
  return {
    name: NAME,
    image: facts.image,
    // Not the image's entrypoint, which writes a configuration of its own.
    command: ["pgbouncer", "/etc/pgbouncer/config/pgbouncer.ini"],
    ports: [{ name: "psql", containerPort: PORT }],
    resources: resourceRequirements(facts.resources),
    readinessProbe: { ...listens, initialDelaySeconds: 5, periodSeconds: 5 },
    livenessProbe: { ...listens, initialDelaySeconds: 15, periodSeconds: 10 },
    lifecycle: { preStop: { exec: { command: ["sh", "-c", DRAIN] } } },
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [
      { name: "config", mountPath: "/etc/pgbouncer/config", readOnly: true },
      { name: "users", mountPath: "/etc/pgbouncer/users", readOnly: true },
    ],
  };
}

/**
 * The Service forgets the pod first. SIGINT then lets transactions end; SIGTERM would cut them off in PgBouncer 1.22 and
 * before, and wait for clients that never leave since. It must not arrive meanwhile, so this waits for the end.
 */
export const DRAIN = "sleep 5; kill -INT 1; while kill -0 1; do sleep 1; done";

function exporter(image: string): k8s.types.input.core.v1.Container {
  return {
    name: "exporter",
    image,
    ports: [{ name: "metrics", containerPort: METRICS_PORT }],
    env: [fromSecret("PGBOUNCER_EXPORTER_CONNECTION_STRING", { secret: SECRET_NAME, key: "exporter" })],
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { cpu: "100m", memory: "64Mi" } },
    livenessProbe: { httpGet: { path: "/", port: "metrics" }, initialDelaySeconds: 5, periodSeconds: 30 },
    securityContext: RESTRICTED_CONTAINER,
  };
}
