import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { PgBouncer, type PgBouncerArgs } from "../../../components/database/pgbouncer";
import { pgbouncerIni, userlistLine } from "../../../components/database/pgbouncer-ini";
import { poolSizes, type PoolBudget } from "../../../components/database/pgbouncer-pools";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const POOLS = {
  poolSize: 12,
  minPoolSize: 1,
  reservePool: 4,
  reservePoolTimeout: 5,
  perDatabase: 16,
  maxClientConnections: 600,
  queryWaitTimeout: 120,
  serverLifetime: 21600,
  serverIdleTimeout: 300,
  serverTls: "prefer",
} as const;

const ARGS: PgBouncerArgs = {
  namespace: { name: "postgres", created: "postgres" },
  image: "edoburu/pgbouncer:v1.24.1-p1",
  replicas: 2,
  database: {
    host: "db.example.com",
    port: 5433,
    database: "noetl",
    user: "noetl",
    schema: "noetl",
    adminUser: "postgres",
    transactionPooling: false,
  },
  otherDatabases: ["demo_noetl"],
  pools: POOLS,
  exporterImage: "pgbouncer-exporter:v0.12.1",
  resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
  password: "canary",
};

const PROXY = {
  image: "cloud-sql-proxy:2.18.3",
  instance: "project:us-central1:noetl-shared-pg",
  port: 6432,
  serviceAccount: "cloudsql-proxy",
  resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
};

function render(args: Partial<PgBouncerArgs> = {}) {
  return recorded(() => new PgBouncer("pgbouncer", { ...ARGS, ...args }));
}

function podOf(graph: Awaited<ReturnType<typeof render>>) {
  const { spec } = objectNamed(graph, "Deployment/pgbouncer") as unknown as {
    spec: { template: { metadata: { annotations: Record<string, string> }; spec: Record<string, unknown> } };
  };
  return spec.template;
}

describe("PgBouncer", () => {
  test("is two pods behind one Service, of which a drain takes one at a time", async () => {
    const graph = await render();
    expect(objectNames(graph)).toEqual([
      "ConfigMap/pgbouncer",
      "Deployment/pgbouncer",
      "PodDisruptionBudget/pgbouncer",
      "Secret/pgbouncer-users",
      "Service/pgbouncer",
    ]);
    expect(objectNamed(graph, "Service/pgbouncer").spec).toEqual({
      selector: { app: "pgbouncer" },
      ports: [{ name: "psql", port: 5432, targetPort: "psql" }],
    });
    expect(objectNamed(graph, "Deployment/pgbouncer").spec).toMatchObject({
      replicas: 2,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    });
    expect(objectNamed(graph, "PodDisruptionBudget/pgbouncer").spec).toMatchObject({ maxUnavailable: 1 });
  });

  test("given one replica, then there is no disruption budget, which would stop every drain", async () => {
    expect(objectNames(await render({ replicas: 1 }))).not.toContain("PodDisruptionBudget/pgbouncer");
  });

  test("its passwords appear nowhere but in the Secret", async () => {
    const graph = await render();
    expect(JSON.stringify(graph)).not.toMatch(/canary/);
    expect(Object.keys(objectNamed(graph, "Secret/pgbouncer-users").stringData as object)).toEqual([
      "userlist.txt",
      "exporter",
    ]);
  });

  test("given other limits, then the pods are replaced, since the file is read only at the start", async () => {
    const before = podOf(await render()).metadata.annotations["noetl.io/config"];
    const after = podOf(await render({ pools: { ...POOLS, poolSize: 11 } })).metadata.annotations["noetl.io/config"];
    expect(before).toMatch(/^[0-9a-f]{8}$/);
    expect(after).not.toBe(before);
  });

  test("given a proxy, then it is a native sidecar that the databases are reached through", async () => {
    const graph = await render({ proxy: PROXY, exporterImage: undefined });
    expect(podOf(graph).spec).toMatchObject({
      serviceAccountName: "cloudsql-proxy",
      initContainers: [
        {
          name: "cloud-sql-proxy",
          restartPolicy: "Always",
          args: [
            "--structured-logs",
            "--address=127.0.0.1",
            "--port=6432",
            "--private-ip",
            "--health-check",
            "--http-address=0.0.0.0",
            "--http-port=9801",
            "--exit-zero-on-sigterm",
            "project:us-central1:noetl-shared-pg",
          ],
        },
      ],
      containers: [{ name: "pgbouncer" }],
    });
    expect((objectNamed(graph, "ConfigMap/pgbouncer").data as Record<string, string>)["pgbouncer.ini"]).toMatch(
      /^noetl = host=127\.0\.0\.1 port=6432 dbname=noetl$/m,
    );
  });

  test("tells how to reach it, and where its metrics are", async () => {
    let made: PgBouncer | undefined;
    await recorded(() => (made = new PgBouncer("pgbouncer", ARGS)));
    expect(made?.connection).toEqual({
      ...ARGS.database,
      host: "pgbouncer.postgres.svc.cluster.local",
      port: 5432,
      transactionPooling: true,
    });
    expect(made?.metrics).toEqual({ namespace: "postgres", app: "pgbouncer", port: 9127 });
  });
});

describe("pgbouncer.ini", () => {
  test("says everything, in a fixed order", () => {
    const databases = [{ name: "noetl", host: "127.0.0.1", port: 6432 }];
    const statsUsers = ["stats"];
    expect(pgbouncerIni({ ...POOLS, databases, port: 5432, authFile: "/users.txt", statsUsers })).toBe(`[databases]
noetl = host=127.0.0.1 port=6432 dbname=noetl

[pgbouncer]
listen_addr = *
listen_port = 5432
unix_socket_dir =
auth_type = scram-sha-256
auth_file = /users.txt
stats_users = stats
pool_mode = transaction
ignore_startup_parameters = extra_float_digits,options
max_client_conn = 600
default_pool_size = 12
min_pool_size = 1
reserve_pool_size = 4
reserve_pool_timeout = 5
max_db_connections = 16
query_wait_timeout = 120
server_lifetime = 21600
server_idle_timeout = 300
server_tls_sslmode = prefer
log_connections = 0
log_disconnections = 0
`);
  });

  test("a quote in a password is doubled", () => {
    expect(userlistLine("noetl", 'a"b\\c')).toBe('"noetl" "a""b\\c"\n');
  });
});

describe("pool sizes", () => {
  const budget: PoolBudget = {
    maxConnections: 200,
    reserved: 20,
    direct: [{ who: "the schema Job", connections: 1 }],
    replicas: 2,
    databases: ["noetl", "demo_noetl", "ducklake_catalog"],
    poolSize: 16,
    reservePool: 4,
  };

  test("given room, then the setting decides", () => {
    expect(poolSizes(budget)).toEqual({
      available: 179,
      pods: 3,
      share: 19,
      perDatabase: 16,
      poolSize: 12,
      reservePool: 4,
      most: 144,
    });
  });

  test("given less, then the budget decides, and a quarter of it is the reserve", () => {
    expect(poolSizes({ ...budget, maxConnections: 100 })).toMatchObject({
      share: 8,
      perDatabase: 8,
      poolSize: 6,
      reservePool: 2,
    });
    expect(poolSizes({ ...budget, maxConnections: 40 })).toMatchObject({
      share: 2,
      perDatabase: 2,
      poolSize: 2,
      reservePool: 0,
    });
  });

  test("given none, then there are none", () => {
    expect(poolSizes({ ...budget, maxConnections: 10 })).toMatchObject({ available: 0, perDatabase: 0, most: 0 });
  });

  test("whatever the budget, it is kept, and nothing that one more connection for each would fit in is left", () => {
    const number = (max: number) => fc.integer({ min: 0, max });
    const any = fc.record({
      maxConnections: number(10000),
      reserved: number(1000),
      direct: fc.array(fc.record({ who: fc.constant("somebody"), connections: number(5) }), { maxLength: 2 }),
      replicas: fc.integer({ min: 1, max: 20 }),
      databases: fc.array(fc.constant("noetl"), { minLength: 1, maxLength: 60 }),
      poolSize: fc.integer({ min: 2, max: 1000 }),
      reservePool: number(100),
    });
    fc.assert(
      fc.property(any, (given) => {
        const sizes = poolSizes(given);
        expect(sizes.most).toBeLessThanOrEqual(sizes.available);
        expect(sizes.poolSize + sizes.reservePool).toBe(sizes.perDatabase);
        expect(sizes.reservePool).toBeLessThanOrEqual(sizes.perDatabase / 4);
        const oneMore = sizes.most + sizes.pods * given.databases.length;
        expect(oneMore > sizes.available || sizes.perDatabase === given.poolSize).toBe(true);
      }),
    );
  });
});
