import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dsnOf } from "../../../components/database/shards";
import type { Json, ResourceGraph } from "../../../preview/graph";
import { manifestOf } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { readStackFile } from "../../../stacks/config/stack-file";
import { objectNamed } from "../../support/recorded";
import { runContainer, type Container } from "./container";
import { postgresPrograms, startPostgres, type PostgresServer } from "./postgres-server";

/** What the rendered manifests make of a database, run against a real PostgreSQL. */

const ADMIN_PASSWORD = "admin-canary";
const PASSWORD = "noetl-canary";

const programs = postgresPrograms();
// Named in the output, so that a run without PostgreSQL is not taken for a run that passed.
const suite = programs === undefined ? describe.skip : describe;
if (programs === undefined) console.warn("skipped: PostgreSQL is not installed (Debian: apt-get install postgresql)");

suite("the rendered database", () => {
  let graph: ResourceGraph;
  let server: PostgresServer;

  beforeAll(async () => {
    graph = await renderStack(readStackFile(join(__dirname, "..", "..", "..", "Pulumi.kind.yaml")));
    const { args } = containerOf(objectNamed(graph, "StatefulSet/postgres")) as unknown as { args: string[] };
    server = await startPostgres(programs ?? "", { user: "demo", password: ADMIN_PASSWORD }, args);
  });

  afterAll(() => server.stop());

  const local = () => ({ PGHOST: "127.0.0.1", PGPORT: String(server.port) });

  /** Runs the schema Job's container as the kubelet would. */
  function runJob(password = PASSWORD, shown = graph) {
    const job = shown.resources.map(manifestOf).find((manifest) => manifest?.kind === "Job");
    const { data } = objectNamed(shown, "ConfigMap/noetl-schema") as unknown as { data: Record<string, string> };
    const files = Object.fromEntries(Object.entries(data).map(([name, text]) => [`/schema/${name}`, text]));
    const secrets = { "noetl-schema/PGPASSWORD": ADMIN_PASSWORD, "noetl-schema/NOETL_PASSWORD": password };
    return runContainer(containerOf(job), { secrets, files, env: local(), programs: server.programs });
  }

  /** What psql answers, as the server's role or the administrator. */
  function psql(query: string, { user = "noetl", password = PASSWORD, database = "noetl" } = {}) {
    const { status, stdout, stderr } = spawnSync(
      join(server.programs, "psql"),
      ["-X", "-w", "-At", "-v", "ON_ERROR_STOP=1", "-c", query],
      { encoding: "utf8", env: { ...local(), PGUSER: user, PGPASSWORD: password, PGDATABASE: database } },
    );
    return status === 0 ? stdout.trim() : `failed: ${stderr.trim()}`;
  }

  const asAdmin = { user: "demo", password: ADMIN_PASSWORD, database: "postgres" };

  function dump(): string {
    const { stdout } = spawnSync(join(server.programs, "pg_dumpall"), ["--no-role-passwords"], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      env: { ...local(), PGUSER: asAdmin.user, PGPASSWORD: asAdmin.password, PGDATABASE: "postgres" },
    });
    // Newer pg_dumps fence their output with a random word.
    return stdout.replaceAll(/^\\(un)?restrict .*$/gm, "");
  }

  test("the server takes the rendered settings", () => {
    const settings = ["max_connections", "shared_buffers", "work_mem"].map((name) => psql(`SHOW ${name}`, asAdmin));
    expect(settings).toEqual(["200", "128MB", "2MB"]);
  });

  test("the Job makes role, databases and schema, and shows no password", async () => {
    const { status, output } = await runJob();
    expect(output).toMatch(/\ndone\n$/);
    expect(status).toBe(0);
    expect(output).not.toMatch(/canary/);
    expect(psql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1", asAdmin).split("\n")).toEqual([
      "demo_noetl",
      "ducklake_catalog",
      "noetl",
      "postgres",
    ]);
    expect(psql("SELECT version FROM noetl.schema_version")).toBe(wantedVersion());
  });

  test("run again, the Job changes nothing", async () => {
    await runJob();
    const before = dump();
    expect(await runJob()).toMatchObject({ status: 0 });
    expect(dump()).toBe(before);
  });

  test.each(["it's", 'say "hi"', "back\\slash", "$HOME `id`", " blank ", "uni✓code", "%41:@/?#"])(
    "given the password %j, the Job sets it and the role logs in with it",
    async (password) => {
      expect(await runJob(password)).toMatchObject({ status: 0 });
      expect(psql("SELECT 1", { password })).toBe("1");
      expect(psql("SELECT 1", { password: "wrong" })).toMatch(/password authentication failed/);
      await runJob();
    },
  );

  test("given databases that Cloud SQL's API made, the Job hands them to the server's role", async () => {
    await runJob();
    psql("CREATE ROLE cloudsqlsuperuser", asAdmin);
    psql("ALTER DATABASE demo_noetl OWNER TO cloudsqlsuperuser", asAdmin);
    expect(await runJob()).toMatchObject({ status: 0 });
    const owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'demo_noetl'";
    expect(psql(owner, asAdmin)).toBe("noetl");
    psql("DROP ROLE cloudsqlsuperuser", asAdmin);
  });

  test("the server's role can use its tables and its database-side ids, and is no superuser", async () => {
    await runJob();
    expect(psql("SELECT count(*) FROM noetl.event")).toBe("0");
    expect(psql("SELECT noetl.snowflake_id() > 0")).toBe("t");
    expect(psql("SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'noetl'")).toBe("f|f|f");
  });

  test("the server's init container waits for the schema, and ends when it is there", async () => {
    await runJob();
    const { initContainers } = podOf(objectNamed(graph, "Deployment/noetl-server-rust"));
    const wait = initContainers?.find(({ name }) => name === "wait-for-schema");
    const secrets = { "noetl-secret/NOETL_PASSWORD": PASSWORD };
    const run = (env: Record<string, string>) =>
      runContainer(wait as unknown as Container, { secrets, env, programs: server.programs });
    const goal = `schema noetl version ${wantedVersion()} in noetl at 127.0.0.1:${server.port}`;
    expect(await run(local())).toEqual({ status: 0, output: `found ${goal}\n` });

    // It waits while the version is missing: the one it looks for appears only after it has said that it waits.
    psql("DELETE FROM noetl.schema_version");
    const waiting = run(local());
    await runJob();
    psql(`INSERT INTO noetl.schema_version (version) VALUES ('${wantedVersion()}') ON CONFLICT DO NOTHING`);
    expect(await waiting).toMatchObject({ status: 0 });
  });

  test("given a database for each shard, the Job makes them with their tables, and the init container waits for all", async () => {
    const kind = readStackFile(join(__dirname, "..", "..", "..", "Pulumi.kind.yaml"));
    const { server: settings } = kind.config;
    const shards = { ...settings.shards, count: 2, databases: "perShard" as const };
    const sharded = await renderStack({ ...kind, config: { ...kind.config, server: { ...settings, shards } } });
    const { initContainers } = podOf(objectNamed(sharded, "Deployment/noetl-server-rust"));
    const wait = initContainers?.find(({ name }) => name === "wait-for-schema") as unknown as Container;
    const platformHost = { host: "127.0.0.1", port: server.port, transactionPooling: false };
    const dsn = (database: string) => dsnOf({ ...kind.config.postgres, ...platformHost }, PASSWORD, database);
    const databases = ["noetl_shard_0", "noetl_shard_1"];
    const run = () => {
      const secrets = {
        "noetl-secret/NOETL_PASSWORD": PASSWORD,
        "noetl-shards/NOETL_SHARDS": databases.map(dsn).join(","),
      };
      return runContainer(wait, { secrets, env: local(), programs: server.programs });
    };
    await runJob();

    const waiting = run();
    expect(await runJob(PASSWORD, sharded)).toMatchObject({ status: 0 });

    const { status, output } = await waiting;
    expect(status).toBe(0);
    expect(output.split("\n").filter((line) => line.startsWith("found"))).toEqual(
      ["noetl", ...databases].map(
        (database) => `found schema noetl version ${wantedVersion()} in ${database} at 127.0.0.1:${server.port}`,
      ),
    );
    expect(output).not.toMatch(/canary/);
    expect(databases.map((database) => psql("SELECT count(*) FROM noetl.event", { database }))).toEqual(["0", "0"]);
  });

  function wantedVersion(): string {
    const { initContainers } = podOf(objectNamed(graph, "Deployment/noetl-server-rust"));
    const wait = initContainers?.find(({ name }) => name === "wait-for-schema") as unknown as Container;
    return wait.env.find(({ name }) => name === "NOETL_SCHEMA_VERSION")?.value ?? "";
  }
});

interface Pod {
  initContainers?: { name: string }[];
  containers: Container[];
}

function podOf(workload: unknown): Pod {
  return (workload as { spec: { template: { spec: Pod } } }).spec.template.spec;
}

function containerOf(workload: Record<string, Json> | undefined): Container {
  const [container] = podOf(workload).containers;
  if (!container) throw new Error("the pod has no container");
  return container;
}
