import { LEAST_PER_DATABASE, poolSizes, type PoolBudget } from "../../components/database/pgbouncer-pools";
import { defaultConnections, tierOf } from "../../components/gcp/tiers";
import { poolBudgetOf } from "../../stacks/schema/connections";
import { at, listOf, textOf } from "../json";
import type { Resource } from "../graph";
import type { Check, Finding, Platform } from "./check";
import { GCP, gcpResources } from "./gcp-graph";
import { explainSizes } from "./pooler";

/**
 * The machine decides how many connections there are, long before the platform opens them: a smaller one is a restart
 * away, and then the pools of the other stack do not fit.
 */
export const cloudSqlConnections: Check = {
  id: "cloud-sql-connections",
  title: "The machine of Cloud SQL has the connections that the reserve and PgBouncer's pools need.",
  scope: "infrastructure",
  run: (platform) => instancesOf(platform).flatMap((instance) => findings(instance, platform)),
};

/** An instance of Cloud SQL with its connections. */
interface Instance {
  resource: Resource;
  tier: string;
  /** `max_connections`, by a flag or by the machine's memory. */
  connections: number;
  /** Whether a flag says so. */
  flag: boolean;
}

function instancesOf({ graph }: Pick<Platform, "graph">): Instance[] {
  return gcpResources(graph, GCP.instance).map((resource) => {
    const { settings } = resource.inputs;
    const tier = textOf(at(settings, "tier")) ?? "";
    const flags = listOf(at(settings, "databaseFlags"));
    const flag = flags.find((each) => at(each, "name") === "max_connections");
    const machine = tierOf(tier);
    const ofMachine = typeof machine === "string" ? 0 : defaultConnections(machine);
    const connections = flag === undefined ? ofMachine : Number(textOf(at(flag, "value")));
    return { resource, tier, connections, flag: flag !== undefined };
  });
}

/** What the platform's stack will open, of what this instance has; undefined where this file says nothing of PgBouncer. */
function budgetOf({ connections }: Instance, { config }: Pick<Platform, "config">): PoolBudget | undefined {
  const budget = poolBudgetOf(config);
  return budget && { ...budget, maxConnections: connections };
}

function findings(instance: Instance, platform: Platform): Finding[] {
  const { resource, tier, connections } = instance;
  const { reservedConnections: reserved } = platform.config.postgres;
  const common = { rule: cloudSqlConnections.id, resource: resource.urn };
  const fix = "take a larger noetl:postgres.tier, or set noetl:postgres.maxConnections";
  if (connections <= reserved) {
    const message = `${tier} has ${connections} connections, and ${reserved} are reserved`;
    return [{ severity: "error", ...common, message, fix: `${fix}, or lower noetl:postgres.reservedConnections` }];
  }
  const budget = budgetOf(instance, platform);
  if (!budget) return [];
  const { share, available, pods } = poolSizes(budget);
  const asked = `${pods} pods × ${budget.databases.length} databases`;
  if (share < LEAST_PER_DATABASE) {
    const message = `${tier} has ${connections} connections, ${available} of them for PgBouncer: fewer than ${LEAST_PER_DATABASE} each for ${asked}`;
    return [{ severity: "error", ...common, message, fix: `${fix}, or lower noetl:pgbouncer.replicas` }];
  }
  if (share >= budget.poolSize) return [];
  const message = `${tier} has ${connections} connections, ${available} of them for PgBouncer: ${share} each for ${asked}, not the ${budget.poolSize} of noetl:pgbouncer.poolSize`;
  return [{ severity: "info", ...common, message, fix }];
}

/** The connections of the infrastructure layer's instances for people, and what PgBouncer makes of them. */
export function explainInstances(platform: Platform): string {
  const instances = instancesOf(platform);
  if (instances.length === 0) return "no instance of Cloud SQL in this stack";
  return instances
    .flatMap((instance) => {
      const { tier, connections, flag } = instance;
      const said = flag ? "by noetl:postgres.maxConnections" : "by the machine's memory";
      const budget = budgetOf(instance, platform);
      return [
        `${tier}: ${connections} max_connections, ${said}`,
        ...(budget
          ? explainSizes(budget, poolSizes(budget))
          : ["what the platform opens of them is not known here: say noetl:pgbouncer as the platform's stack does"]),
      ];
    })
    .join("\n");
}
