import type { Check, CheckContext, Finding } from "./check";
import { envNumber, envValue, title } from "./check";
import { NAME as PYTHON_SERVER } from "../../components/noetl/python-server-manifests";
import type { PlatformConfig } from "../../stacks/schema";
import { maxConnectionsOf } from "../../stacks/schema/postgres";
import type { Container, Workload } from "../workloads";
import { at, numberOf, textOf } from "../json";
import { explainPooler, poolerFindings, poolerOf, type Pooler } from "./pooler";

/** One kind of pod that connects to PostgreSQL. */
export interface ConnectionShare {
  workload: Workload;
  /** Most pods at a time, without those of a rolling update. */
  pods: number;
  /** Connections one pod may open, in all its pools. */
  perPod: number;
  /** Pods that a rolling update adds. */
  surge: number;
  /** Whether they go to the instance, past the platform's own pooler. */
  past: boolean;
}

/** Who may open how many connections, against what the instance allows. */
export interface ConnectionBudget {
  shares: ConnectionShare[];
  /** All pods that keep running, at their most; where there is a pooler, of those that go through it. */
  used: number;
  /** What rolling updates of all workloads at once would add. */
  surge: number;
  /** `max_connections` of the instance. */
  maximum: number;
  /** Connections kept free. */
  reserved: number;
  /** `maximum − reserved`. */
  available: number;
  /** Whether a transaction pooler multiplexes them, so that pool sizes say nothing about the instance. */
  pooled: boolean;
  /** The platform's own pooler: what it may open counts against the instance instead. */
  pooler?: Pooler;
}

/**
 * A connection beyond `max_connections` is refused, and the server then answers errors under load, not at start. The
 * deployment specification demands replicas × POSTGRES_MAX_CONNECTIONS ≤ max_connections − headroom.
 */
export const connectionBudgetCheck: Check = {
  id: "connection-budget",
  title: "All connection pools together fit PostgreSQL's max_connections less the reserve.",
  run: (context) => {
    const budget = connectionBudget(context);
    if (budget.pooler) return poolerFindings(budget.pooler, budget);
    return budget.pooled ? [] : findings(budget);
  },
};

/** Adds up every pool of the platform: containers whose environment says how large theirs is. */
export function connectionBudget(context: CheckContext): ConnectionBudget {
  const { workloads, config } = context;
  const pooler = poolerOf(context);
  const shares = workloads.flatMap((workload): ConnectionShare[] => {
    const perPod = workload.containers.reduce(
      (sum, c) => sum + (envNumber(c, "POSTGRES_MAX_CONNECTIONS") ?? 0) * poolsOf(c, config) + pythonPools(c),
      0,
    );
    if (perPod === 0 || workload.transient) return [];
    const past = pooler !== undefined && goesPast(pooler, workload);
    return [{ workload, pods: workload.replicas.max, perPod, surge: surgePods(workload), past }];
  });
  const { postgres } = config;
  const counted = shares.filter(({ past }) => !past);
  const { reservedConnections: reserved } = postgres;
  const maximum = maxConnectionsOf(postgres);
  return {
    shares,
    used: counted.reduce((sum, { pods, perPod }) => sum + pods * perPod, 0),
    surge: counted.reduce((sum, { surge, perPod }) => sum + surge * perPod, 0),
    maximum,
    reserved,
    available: Math.max(0, maximum - reserved),
    pooled: pooler !== undefined || (postgres.mode === "external" && postgres.transactionPooling),
    ...(pooler && { pooler }),
  };
}

/**
 * Connection pools a container opens to the instance. With a database for each shard a server opens one to each, one for
 * what belongs to no shard, and the one that POSTGRES_* describe.
 */
function poolsOf({ env }: Container, { server, secrets }: PlatformConfig): number {
  if (!env.some(({ name }) => name === "NOETL_SHARDS")) return 1;
  return secrets.shardDsns ? 2 : server.shards.count + 2;
}

/** Of the Python server: one pool for its API, one for what it does in the background. */
function pythonPools(container: Container): number {
  return (
    (envNumber(container, "NOETL_POSTGRES_POOL_MAX_SIZE") ?? 0) + (envNumber(container, "NOETL_BG_POOL_MAX_SIZE") ?? 0)
  );
}

/** Whether a workload connects to the instance itself, where there is a pooler. */
function goesPast({ workload: { name, namespace } }: Pooler, { containers }: Workload): boolean {
  const hosts = containers.flatMap((container) => envValue(container, "POSTGRES_HOST") ?? []);
  return hosts.some((host) => host !== `${name}.${namespace}.svc.cluster.local`);
}

/** The derivation for people, one line a share. */
export function explainConnectionBudget(budget: ConnectionBudget): string {
  const lines = budget.shares.map(
    ({ workload, pods, perPod, past }) =>
      `${title(workload)}: ${pods} × ${perPod} = ${pods * perPod}${past ? ", past PgBouncer" : ""}`,
  );
  if (budget.pooler) return [...lines, explainPooler(budget.pooler, budget)].join("\n");
  const limit = budget.pooled
    ? `a transaction pooler stands in front: its own pool, not these, counts against ${budget.maximum} max_connections`
    : `of ${budget.available} (${budget.maximum} max_connections − ${budget.reserved} reserved)`;
  const surge = budget.surge === 0 ? "" : `; ${budget.used + budget.surge} while updates roll`;
  return [...lines, `in all ${budget.used}${budget.pooled ? " client connections; " : " "}${limit}${surge}`].join("\n");
}

function findings(budget: ConnectionBudget): Finding[] {
  const { used, surge, available, maximum, reserved, shares } = budget;
  const largest = shares.reduce<ConnectionShare | undefined>(
    (most, share) => (most && most.pods * most.perPod >= share.pods * share.perPod ? most : share),
    undefined,
  );
  if (!largest || used + surge <= available) return [];
  const sum = shares.map(({ pods, perPod }) => `${pods} × ${perPod}`).join(" + ");
  const limit = `${maximum} max_connections − ${reserved} reserved = ${available}`;
  const common = { rule: connectionBudgetCheck.id, resource: largest.workload.resource.urn };
  const python = shares.some(({ workload }) => workload.name === PYTHON_SERVER);
  const pools = `noetl:server.pool.max${python ? " or noetl:pythonServer.pool.max" : ""}`;
  const fits = Math.floor(available / largest.perPod);
  if (used > available) {
    return [
      {
        severity: "error",
        ...common,
        message: `${sum}${shares.length > 1 || largest.pods > 1 ? ` = ${used}` : ""} connections, but ${limit}`,
        fix: `raise noetl:postgres.maxConnections to ${used + reserved}, or lower noetl:server.replicas${
          shares.length === 1 && fits > 0 ? ` to ${fits}` : ""
        } or ${pools}`,
      },
    ];
  }
  return [
    {
      severity: "info",
      ...common,
      message: `${used} connections fit ${limit}, but ${used + surge} while a rolling update runs old and new pods side by side`,
      fix: `raise noetl:postgres.maxConnections to ${used + surge + reserved}, or lower ${pools}`,
    },
  ];
}

/** Pods a rolling update adds: `maxSurge` of a Deployment, 25 % rounded up unless it says otherwise. */
function surgePods({ kind, manifest, replicas }: Workload): number {
  if (kind !== "Deployment" || at(manifest.spec, "strategy", "type") === "Recreate") return 0;
  const maxSurge = at(manifest.spec, "strategy", "rollingUpdate", "maxSurge");
  const absolute = numberOf(maxSurge);
  if (absolute !== undefined) return absolute;
  const percent = Number.parseFloat(textOf(maxSurge) ?? "25%");
  return Math.ceil((replicas.max * percent) / 100);
}
