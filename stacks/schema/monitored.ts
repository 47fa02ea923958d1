import { JOBS, type Monitored, type MonitoredNats, type MonitoredPool } from "../../components/monitoring/monitored";
import type { RuleGroup } from "../../components/monitoring/rules";
import type { PlatformConfig } from ".";
import { poolsOf, type PoolConfig } from "./pools";

/** The sections that say what there is to watch. */
export const WATCHED = [
  "monitoring",
  "server",
  "workerPools",
  "systemPool",
  "subscriptions",
  "nats",
  "natsSupercluster",
  "keda",
  "certManager",
  "pgbouncer",
] as const satisfies readonly (keyof PlatformConfig)[];

/** They, as rules and documents read them. */
export type WatchedConfig = Pick<PlatformConfig, (typeof WATCHED)[number]>;

/** Namespaces that the platform's own parts run in. */
const OWN_NAMESPACES = ["noetl", "nats", "postgres"];

/** nats-server's own connections to each other server, beside which the system account has one. */
const POOL_SIZE = 3;

/** What there is to watch. */
export function monitoredOf(config: WatchedConfig): Monitored {
  const { monitoring, server, subscriptions, keda, certManager, pgbouncer } = config;
  const installed = [keda, certManager].filter(({ install }) => install === true);
  const namespaces = [...OWN_NAMESPACES, ...installed.map(({ namespace }) => namespace)];
  const issuing = certManagerWatched(config);
  return {
    server: { namespace: "noetl", replicas: server.replicas },
    pools: watchedPools(config),
    nats: watchedNats(config),
    keda: keda.install === true && keda.metrics ? { namespace: keda.namespace, job: JOBS.keda } : undefined,
    pgbouncer: pgbouncer?.exporter ? { namespace: "postgres", job: JOBS.pgbouncer } : undefined,
    certManager: issuing && {
      namespace: issuing.namespace,
      job: JOBS.certManager,
      certificatesOf: namespaces,
    },
    kubeState: monitoring.kubeState ? { namespaces } : undefined,
    subscriptions: subscriptions.length > 0,
    thresholds: monitoring.thresholds,
  };
}

/** Where cert-manager is scraped: where the stack says so, and where it installs it. */
export function certManagerWatched({
  monitoring,
  certManager,
}: Pick<PlatformConfig, "monitoring" | "certManager">): { namespace: string } | undefined {
  const { install, metrics, namespace } = certManager;
  return install === true ? (metrics ? { namespace } : undefined) : monitoring.certManager;
}

/** The stack file's own rules. What an alert lacks is empty, and the checks tell. */
export function customGroups({ monitoring }: Pick<PlatformConfig, "monitoring">): RuleGroup[] {
  return monitoring.customRules.map(({ rules, ...group }) => ({
    ...group,
    rules: rules.map(({ record, alert, expr, labels: list, ...rule }) => {
      const labels = list.length > 0 ? Object.fromEntries(list.map(({ name, value }) => [name, value])) : undefined;
      if (alert === undefined) return { record: record ?? "", expr, labels };
      const { severity = "", summary = "", description = summary, runbook } = rule;
      return {
        alert,
        expr,
        for: rule.for,
        severity,
        component: "custom",
        labels,
        summary,
        description,
        runbookUrl: runbook,
      };
    }),
  }));
}

/** Each consumer once, as the first pool that takes from it has it. Python workers do not tell of their consumers. */
function watchedPools(config: WatchedConfig): MonitoredPool[] {
  const all = poolsOf(config)
    .filter(({ pool }) => !("runtime" in pool) || pool.runtime === "rust")
    .flatMap(({ pool, routes }) => routes.map(({ stream, consumer }) => ({ stream, consumer, ...scalingOf(pool) })));
  return all.filter(
    ({ stream, consumer }, index) =>
      all.findIndex((other) => other.stream === stream && other.consumer === consumer) === index,
  );
}

function scalingOf({ replicas = 1, scaling }: PoolConfig): Pick<MonitoredPool, "steady" | "scaling"> {
  if (scaling === undefined) return { steady: replicas > 0 };
  if (scaling.kind === "hpa") return { steady: true };
  const { minReplicas, maxReplicas, idleToZero, lagThreshold } = scaling;
  return { steady: minReplicas > 0 && !idleToZero, scaling: { maxReplicas, lagThreshold } };
}

function watchedNats(config: WatchedConfig): MonitoredNats | undefined {
  const { exporter, replicas, extra } = config.nats;
  if (!exporter) return undefined;
  const commandStreams = [...new Set(poolsOf(config).map(({ pool }) => pool.stream))];
  const routesPerPeer = (extra.poolSize ?? POOL_SIZE) + 1;
  return { namespace: "nats", job: JOBS.nats, replicas, routesPerPeer, commandStreams };
}
