import { LEAST_PER_DATABASE, type PoolBudget, type PoolSizes } from "../../components/database/pgbouncer-pools";
import { poolBudgetOf, poolSizesOf } from "../../stacks/schema/connections";
import { manifestOf, type ResourceGraph } from "../graph";
import { objectOf, textOf } from "../json";
import type { Workload } from "../workloads";
import { title, type CheckContext, type Finding } from "./check";

const INI = "pgbouncer.ini";

/** What a rendered pgbouncer.ini allows. */
export interface RenderedPools {
  /** Databases that clients may ask for. */
  databases: number;
  /** `max_db_connections`: of one pod to one database. */
  perDatabase: number;
  /** `max_client_conn` of one pod. */
  clients: number;
}

/** The platform's own pooler, as it was rendered, and what its sizes are derived from. */
export interface Pooler {
  workload: Workload;
  rendered: RenderedPools;
  /** Most server connections at a time, with a pod that drains while an update rolls. */
  most: number;
  budget: PoolBudget;
  sizes: PoolSizes;
}

/** Clients of the pooler, against what the instance allows. */
interface Clients {
  used: number;
  surge: number;
  maximum: number;
  reserved: number;
}

/** Reads the pooler from its ConfigMap and Deployment; undefined where there is none. */
export function poolerOf({ graph, workloads, config }: CheckContext): Pooler | undefined {
  const [rendered, budget, sizes] = [renderedPools(graph), poolBudgetOf(config), poolSizesOf(config)];
  const workload = workloads.find(({ containers }) => containers.some(({ name }) => name === "pgbouncer"));
  if (!rendered || !budget || !sizes || !workload) return undefined;
  const most = (workload.replicas.max + 1) * rendered.databases * rendered.perDatabase;
  return { workload, rendered, most, budget, sizes };
}

/** What pgbouncer.ini says, in whatever ConfigMap it is. */
function renderedPools(graph: ResourceGraph): RenderedPools | undefined {
  for (const resource of graph.resources) {
    const manifest = manifestOf(resource);
    const text = manifest?.kind === "ConfigMap" ? textOf(objectOf(manifest.data)[INI]) : undefined;
    if (text !== undefined) return readIni(text);
  }
  return undefined;
}

function readIni(text: string): RenderedPools {
  const [, databases = "", rest = ""] = /^\[databases\]\n([^[]*)\[pgbouncer\]\n([^]*)$/m.exec(text) ?? [];
  const values = new Map(rest.split("\n").map((line) => line.split(" = ") as [string, string | undefined]));
  return {
    databases: databases.split("\n").filter((line) => line.includes("=")).length,
    perDatabase: Number(values.get("max_db_connections") ?? 0),
    clients: Number(values.get("max_client_conn") ?? 0),
  };
}

/** How the pool sizes come about, for people. */
export function explainPooler({ rendered, most, budget, sizes, workload }: Pooler, { used, surge }: Clients): string {
  return [
    `in all ${used} clients of ${title(workload)}${surge === 0 ? "" : `, ${used + surge} while updates roll`}; one pod takes ${rendered.clients}`,
    "",
    ...explainSizes(budget, sizes),
    `at most ${sizes.pods} × ${rendered.databases} × ${rendered.perDatabase} = ${most} server connections`,
  ].join("\n");
}

/** How the pool sizes follow from what the instance has. */
export function explainSizes(budget: PoolBudget, sizes: PoolSizes): string[] {
  const { maxConnections, reserved, direct, poolSize, databases } = budget;
  const past = direct.map(({ who, connections }) => ` − ${connections} of ${who}`).join("");
  const limit = sizes.share > poolSize ? `, of which noetl:pgbouncer.poolSize takes ${poolSize}` : "";
  return [
    `${maxConnections} max_connections − ${reserved} reserved${past} = ${sizes.available} for PgBouncer`,
    `${sizes.available} ÷ ${sizes.pods} pods (${budget.replicas}, and one that drains while an update rolls) ÷ ${databases.length} databases (${databases.join(", ")}) = ${sizes.share}${limit}`,
    `so max_db_connections ${sizes.perDatabase} = default_pool_size ${sizes.poolSize} + reserve_pool_size ${sizes.reservePool}`,
  ];
}

/** What is wrong with the rendered pooler. */
export function poolerFindings({ workload, rendered, most, sizes }: Pooler, clients: Clients): Finding[] {
  const common = { rule: "connection-budget", resource: workload.resource.urn };
  const findings: Finding[] = [];
  if (most > sizes.available || rendered.perDatabase < LEAST_PER_DATABASE) {
    findings.push({
      severity: "error",
      ...common,
      message: `PgBouncer may open ${most} server connections (${workload.replicas.max + 1} pods × ${rendered.databases} databases × ${rendered.perDatabase}), but PostgreSQL has ${sizes.available} for it`,
      fix: "raise noetl:postgres.maxConnections, or lower noetl:pgbouncer.replicas or poolSize",
    });
  }
  const { used, surge } = clients;
  if (used + surge > rendered.clients) {
    findings.push({
      severity: used > rendered.clients ? "error" : "info",
      ...common,
      message: `${used + surge} clients${surge === 0 ? "" : " while updates roll"} are more than the ${rendered.clients} that one pod of PgBouncer takes, which must do while the others are away`,
      fix: `raise noetl:pgbouncer.maxClientConnections to ${used + surge}, or lower noetl:server.pool.max`,
    });
  }
  return findings;
}
