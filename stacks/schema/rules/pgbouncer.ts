import { LEAST_PER_DATABASE } from "../../../components/database/pgbouncer-pools";
import { poolBudgetOf, poolSizesOf } from "../connections";
import { withinLimits } from "./resources";
import { rule, when } from "./rule";

export const onePooler = rule(
  "`pgbouncer` and `postgres.transactionPooling` are not both set: one pooler is enough",
  ["pgbouncer", "postgres"],
  ({ pgbouncer, postgres }) =>
    when(pgbouncer !== undefined && postgres.mode === "external" && postgres.transactionPooling, {
      path: ["postgres", "transactionPooling"],
      message: "a pooler stands in front of the instance already, and pgbouncer would be a second one",
      allowed: "false, with the instance itself as postgres.host; or no pgbouncer",
      see: ["pgbouncer"],
    }),
);

export const poolsInBudget = rule(
  `\`postgres.maxConnections\` less the reserve leaves each pod of \`pgbouncer\` at least ${LEAST_PER_DATABASE} connections to each database`,
  ["pgbouncer", "postgres", "server", "secrets", "pythonServer"],
  (config) => {
    const [budget, sizes] = [poolBudgetOf(config), poolSizesOf(config)];
    if (!budget || !sizes || budget.maxConnections === 0 || sizes.share >= LEAST_PER_DATABASE) return [];
    const { maxConnections, reserved, databases } = budget;
    const direct = budget.direct.reduce((sum, { connections }) => sum + connections, 0);
    const least = sizes.pods * databases.length * LEAST_PER_DATABASE + reserved + direct;
    const past = budget.direct.map(({ who, connections }) => `${connections} of ${who}`).join(" and ");
    return [
      {
        path: ["postgres", "maxConnections"],
        message: `${maxConnections} less ${reserved} reserved and ${past} leaves ${sizes.available} for ${sizes.pods} pods of PgBouncer (one drains while an update rolls) × ${databases.length} databases`,
        allowed: `at least ${least}`,
        next: "or lower pgbouncer.replicas, postgres.reservedConnections or the number of databases",
        see: ["pgbouncer"],
      },
    ];
  },
);

export const minPoolInPool = rule(
  "`pgbouncer.minPoolSize` is at most `pgbouncer.poolSize`",
  ["pgbouncer"],
  ({ pgbouncer }) =>
    when(pgbouncer !== undefined && pgbouncer.minPoolSize > pgbouncer.poolSize, {
      path: ["pgbouncer", "minPoolSize"],
      message: `${pgbouncer?.minPoolSize ?? 0} connections to keep are more than the ${pgbouncer?.poolSize ?? 0} of pgbouncer.poolSize`,
      allowed: `a whole number from 0 to ${pgbouncer?.poolSize ?? 0}`,
      see: ["pgbouncer", "poolSize"],
    }),
);

export const pgbouncerResources = rule(
  "what a container requests is at most its limit",
  ["pgbouncer"],
  ({ pgbouncer }) => (pgbouncer ? withinLimits(["pgbouncer"], pgbouncer.resources) : []),
);
