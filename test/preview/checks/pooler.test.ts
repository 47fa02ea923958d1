import { describe, expect, test } from "@jest/globals";
import { checkContext } from "../../../preview/checks";
import {
  connectionBudget,
  connectionBudgetCheck,
  explainConnectionBudget,
} from "../../../preview/checks/connection-budget";
import { config, configMap, env, findingsOf, graph, workload } from "../support";

const INI = `[databases]
noetl = host=db port=5432 dbname=noetl
demo_noetl = host=db port=5432 dbname=demo_noetl

[pgbouncer]
max_client_conn = 40
max_db_connections = 16
`;
const SETTINGS = {
  postgres: { mode: "inCluster", extraDatabases: ["demo_noetl"] },
  pgbouncer: { poolSize: 16, maxClientConnections: 40 },
};

interface Shown {
  ini?: string;
  servers?: number;
  kind?: "StatefulSet" | "Deployment";
  replicas?: number;
}

function shown({ ini = INI, servers = 3, kind = "StatefulSet", replicas = 2 }: Shown = {}) {
  const server = workload({
    kind,
    name: "server",
    container: { env: env({ POSTGRES_MAX_CONNECTIONS: "10" }) },
    spec: { replicas: servers },
  });
  const pooler = workload({
    name: "pgbouncer",
    namespace: "postgres",
    container: { name: "pgbouncer" },
    spec: { replicas },
  });
  return graph(server, configMap("pgbouncer", { "pgbouncer.ini": ini }, "postgres"), pooler);
}

const URN = "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::pgbouncer";

describe("connection budget behind the platform's own pooler", () => {
  test("given pools within the budget, when checked, then nothing is found, and it is told how they add up", () => {
    const context = checkContext({ graph: shown(), config: config(SETTINGS) });
    expect(findingsOf(connectionBudgetCheck, shown(), SETTINGS)).toEqual([]);
    expect(explainConnectionBudget(connectionBudget(context))).toBe(
      `StatefulSet noetl/server: 3 × 10 = 30
in all 30 clients of Deployment postgres/pgbouncer; one pod takes 40

200 max_connections − 20 reserved − 1 of the schema Job = 179 for PgBouncer
179 ÷ 3 pods (2, and one that drains while an update rolls) ÷ 2 databases (noetl, demo_noetl) = 29, of which noetl:pgbouncer.poolSize takes 16
so max_db_connections 16 = default_pool_size 12 + reserve_pool_size 4
at most 3 × 2 × 16 = 96 server connections`,
    );
  });

  test("given a Python server that goes past it, when explained, then it is no client, and PgBouncer has less", () => {
    const python = workload({
      name: "noetl-server",
      container: {
        env: env({
          POSTGRES_HOST: "postgres.postgres.svc.cluster.local",
          NOETL_POSTGRES_POOL_MAX_SIZE: "16",
          NOETL_BG_POOL_MAX_SIZE: "4",
        }),
      },
      spec: { replicas: 1 },
    });
    const platform = shown();
    const both = { ...platform, resources: [...platform.resources, ...graph(python).resources] };
    const settings = { ...SETTINGS, pythonServer: {} };
    expect(findingsOf(connectionBudgetCheck, both, settings)).toEqual([]);
    const context = checkContext({ graph: both, config: config(settings) });
    expect(explainConnectionBudget(connectionBudget(context))).toContain(`
Deployment noetl/noetl-server: 1 × 20 = 20, past PgBouncer
in all 30 clients of Deployment postgres/pgbouncer; one pod takes 40

200 max_connections − 20 reserved − 1 of the schema Job − 40 of the Python server, twice while it is replaced = 139 for PgBouncer
`);
  });

  test("given a Python server that goes through it, as with Cloud SQL, when explained, then it is a client", () => {
    const python = workload({
      name: "noetl-server",
      container: {
        env: env({ POSTGRES_HOST: "pgbouncer.postgres.svc.cluster.local", NOETL_POSTGRES_POOL_MAX_SIZE: "16" }),
      },
      spec: { replicas: 1 },
    });
    const platform = shown({ servers: 1 });
    const both = { ...platform, resources: [...platform.resources, ...graph(python).resources] };
    const budget = connectionBudget(checkContext({ graph: both, config: config(SETTINGS) }));
    expect([budget.used, budget.surge]).toEqual([26, 16]);
  });

  test("given a rendered file that allows more than the instance has, when checked, then it is an error", () => {
    const ini = INI.replace("max_db_connections = 16", "max_db_connections = 30");
    expect(findingsOf(connectionBudgetCheck, shown({ ini }), SETTINGS)).toEqual([
      {
        severity: "error",
        rule: "connection-budget",
        resource: URN,
        message: "PgBouncer may open 180 server connections (3 pods × 2 databases × 30), but PostgreSQL has 179 for it",
        fix: "raise noetl:postgres.maxConnections, or lower noetl:pgbouncer.replicas or poolSize",
      },
    ]);
  });

  test("given more clients than one pod takes, when checked, then it is an error", () => {
    expect(findingsOf(connectionBudgetCheck, shown({ servers: 5 }), SETTINGS)).toEqual([
      {
        severity: "error",
        rule: "connection-budget",
        resource: URN,
        message:
          "50 clients are more than the 40 that one pod of PgBouncer takes, which must do while the others are away",
        fix: "raise noetl:pgbouncer.maxClientConnections to 50, or lower noetl:server.pool.max",
      },
    ]);
  });

  test("given more only while an update rolls, when checked, then it is information", () => {
    expect(findingsOf(connectionBudgetCheck, shown({ servers: 4, kind: "Deployment" }), SETTINGS)).toMatchObject([
      { severity: "info", message: expect.stringMatching(/^50 clients while updates roll are more than the 40/) },
    ]);
  });
});
