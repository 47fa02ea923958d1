import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { userlistLine } from "../../../components/database/pgbouncer-ini";
import { DRAIN, STATS_USER } from "../../../components/database/pgbouncer-manifests";
import { manifestOf, type ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { objectNamed } from "../../support/recorded";
import { waitFor } from "../support/wait";
import { runContainer, type Container } from "./container";
import { pgbouncerProgram, startPgBouncer, type PgBouncerServer } from "./pgbouncer-server";
import { postgresPrograms, startPostgres, type PostgresServer } from "./postgres-server";
import { ask, connect, run, type Login } from "./psql";

/** The rendered PgBouncer before a real PostgreSQL. */

const ADMIN_PASSWORD = "admin-canary";
const PASSWORD = `canary "double" 'single' \\ $HOME ✓`;
const STATS_PASSWORD = "stats-canary";

/** 39 connections for three pods that may be there at once, one database each: 13, of which one pod takes 6. */
const STACK = `
config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster, maxConnections: 60, extraDatabases: [] }
  noetl:pgbouncer: { poolSize: 6, maxClientConnections: 60, reservePoolTimeout: 1 }
`;
const PER_DATABASE = 6;
const MAX_CLIENTS = 60;

const programs = postgresPrograms();
const pgbouncer = pgbouncerProgram();
const isComplete = programs !== undefined && pgbouncer !== undefined;
// Named in the output, so that a run without them is not taken for a run that passed.
const suite = isComplete ? describe : describe.skip;
if (!isComplete) console.warn("skipped: PostgreSQL or PgBouncer is not installed (Debian: postgresql, pgbouncer)");

suite("the rendered PgBouncer", () => {
  let graph: ResourceGraph;
  let postgres: PostgresServer;
  let pooler: PgBouncerServer;
  const more: PgBouncerServer[] = [];
  const folder = mkdtempSync(join(tmpdir(), "noetl-pgbench-"));

  const ini = () => (objectNamed(graph, "ConfigMap/pgbouncer").data as Record<string, string>)["pgbouncer.ini"] ?? "";
  const userlist = userlistLine("noetl", PASSWORD) + userlistLine(STATS_USER, STATS_PASSWORD);
  const start = async (text = ini()) => {
    const started = await startPgBouncer(pgbouncer ?? "", { ini: text, userlist }, postgres);
    more.push(started);
    return started;
  };
  const as = (over: Partial<Login> = {}): Login => ({
    programs: postgres.programs,
    port: pooler.port,
    user: "noetl",
    password: PASSWORD,
    database: "noetl",
    ...over,
  });
  const direct = (over: Partial<Login> = {}) => as({ port: postgres.port, ...over });
  const admin = () => direct({ user: "demo", password: ADMIN_PASSWORD, database: "postgres" });
  const stats = (over: Partial<Login> = {}) =>
    as({ user: STATS_USER, password: STATS_PASSWORD, database: "pgbouncer", ...over });

  beforeAll(async () => {
    graph = await renderStack(parseStackFile(STACK, "Pulumi.pooled.yaml"));
    const { args } = containerIn("StatefulSet/postgres") as unknown as { args: string[] };
    postgres = await startPostgres(programs ?? "", { user: "demo", password: ADMIN_PASSWORD }, args);
    expect(await runSchemaJob()).toMatchObject({ status: 0 });
    pooler = await start();
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await Promise.all(more.map((server) => server.stop()));
    await postgres.stop();
  });

  function containerIn(name: string): Container {
    const { spec } = objectNamed(graph, name) as unknown as {
      spec: { template: { spec: { containers: Container[] } } };
    };
    const [container] = spec.template.spec.containers;
    if (!container) throw new Error(`${name} has no container`);
    return container;
  }

  function runSchemaJob() {
    const job = graph.resources.map(manifestOf).find((manifest) => manifest?.kind === "Job");
    const { data } = objectNamed(graph, "ConfigMap/noetl-schema") as unknown as { data: Record<string, string> };
    return runContainer(containerIn(`Job/${job?.metadata.name ?? ""}`), {
      secrets: { "noetl-schema/PGPASSWORD": ADMIN_PASSWORD, "noetl-schema/NOETL_PASSWORD": PASSWORD },
      files: Object.fromEntries(Object.entries(data).map(([name, text]) => [`/schema/${name}`, text])),
      env: { PGHOST: "127.0.0.1", PGPORT: String(postgres.port) },
      programs: postgres.programs,
    });
  }

  /** Clients that all send the same script again and again, on one connection each. */
  function pgbench(login: Login, script: string, options: string[]) {
    const file = join(folder, `${login.port}.sql`);
    writeFileSync(file, script);
    return run(login, "pgbench", ["-n", "-j", "1", "-f", file, ...options]);
  }

  describe("who may come in", () => {
    test("the server's role with its password, by SCRAM on both sides", async () => {
      expect(await ask(as(), "SELECT current_user, current_database()")).toBe("noetl|noetl");
      expect(await ask(admin(), "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'noetl'")).toBe(
        "SCRAM-SHA-256",
      );
    });

    test.each([
      ["a wrong password", { password: "wrong" }, /SASL authentication failed/],
      ["an unknown user", { user: "nobody" }, /SASL authentication failed/],
      ["the administrator, who goes past it", { user: "demo", password: ADMIN_PASSWORD }, /SASL authentication failed/],
      ["an unknown database", { database: "other" }, /no such database/],
    ])("not %s", async (_, over, message) => {
      const answer = await ask(as(over), "SELECT 1");
      expect(answer).toMatch(/^failed: /);
      expect(answer).toMatch(message);
    });

    test("the exporter may look, and nothing else", async () => {
      expect(await ask(stats(), "SHOW POOLS")).toMatch(/^noetl\|noetl\|/m);
      expect(await ask(stats(), "SHUTDOWN")).toMatch(/admin access needed/);
      expect(pooler.exit()).toBeUndefined();
    });

    test("nothing that it writes has a password", () => {
      expect(pooler.log()).not.toMatch(/canary/);
    });
  });

  describe("transaction pooling", () => {
    test("two clients share one server connection, and have two while one is in a transaction", async () => {
      const [first, second] = [connect(as()), connect(as())];
      const pid = "SELECT pg_backend_pid()";
      const own = await first.query(pid);
      expect(own).toMatch(/^\d+$/);
      expect(await second.query(pid)).toBe(own);

      await first.query("BEGIN");
      const held = await first.query(pid);
      expect(await second.query(pid)).not.toBe(held);
      await first.query("COMMIT");
      await Promise.all([first.close(), second.close()]);
    });

    test("what belongs to a session leaks to others: locks and settings must go past the pooler", async () => {
      const [first, second] = [connect(as()), connect(as())];
      await first.query("SELECT pg_advisory_lock(1)");
      // Both are one session to PostgreSQL, so the lock keeps nobody out.
      expect(await second.query("SELECT pg_try_advisory_lock(1)")).toBe("t");
      await first.query("SET search_path TO elsewhere");
      expect(await second.query("SHOW search_path")).toBe("elsewhere");
      await second.query("SELECT pg_advisory_unlock_all(); RESET search_path");
      await Promise.all([first.close(), second.close()]);
    });

    test("startup parameters that it cannot hold are ignored; without the setting it would refuse them", async () => {
      const options = "-c statement_timeout=5s";
      expect(await ask(as({ options }), "SHOW statement_timeout")).toBe("0");
      const strict = await start(ini().replace(/^ignore_startup_parameters.*$/m, ""));
      expect(await ask(as({ options, port: strict.port }), "SELECT 1")).toMatch(/unsupported startup parameter/);
    });
  });

  describe("prepared statements", () => {
    test("PREPARE in SQL is gone on the next server connection", async () => {
      const [first, second] = [connect(as()), connect(as())];
      await first.query("PREPARE one AS SELECT 1");
      await second.query("BEGIN");
      await second.query("SELECT 1");
      expect(await first.query("EXECUTE one")).toMatch(/prepared statement "one" does not exist/);
      await second.query("ROLLBACK");
      await Promise.all([first.close(), second.close()]);
      // Out of the way of other tests: the server connections that know it.
      await ask(admin(), "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'noetl'");
    });

    const script = "SELECT count(*) FROM noetl.event;\nSELECT 1;\n";

    test("named ones fail with 1.18 (the deployed 1.24 keeps them)", async () => {
      const { stderr } = await pgbench(as(), script, ["-M", "prepared", "-c", "12", "-t", "50"]);
      expect(stderr).toMatch(/prepared statement "P?\w+" (does not exist|already exists)/);
    });

    test("unnamed ones work: the server's statement cache of 0", async () => {
      const server = containerIn("Deployment/noetl-server-rust");
      expect(server.env).toContainEqual({ name: "NOETL_PG_STATEMENT_CACHE_CAPACITY", value: "0" });
      const { status, stdout } = await pgbench(as(), script, ["-M", "extended", "-c", "12", "-t", "50"]);
      expect(stdout).toMatch(/actually processed: 600\/600/);
      expect(status).toBe(0);
    });
  });

  describe("limits", () => {
    test("in a storm on all pods, one draining, clients wait and none fails, and the instance is never full", async () => {
      const pods = [pooler, await start(), await start()];
      let highest = 0;
      const each = new Map<string, number>();
      const storm = pods.map(({ port }) => pgbench(as({ port }), "SELECT pg_sleep(0.25);\n", ["-c", "50", "-t", "3"]));
      const all = Promise.all(storm);
      let isOver = false;
      const over = () => isOver;
      void all.finally(() => (isOver = true));
      while (!over()) {
        const count = Number(await ask(admin(), "SELECT count(*) FROM pg_stat_activity WHERE usename = 'noetl'"));
        highest = Math.max(highest, count);
        for (const [index, { port }] of pods.entries()) {
          const shown = await ask(stats({ port }), "SHOW DATABASES");
          const current = Number(/^noetl\|.*$/m.exec(shown)?.[0].split("|").at(-3));
          each.set(String(index), Math.max(each.get(String(index)) ?? 0, current));
        }
      }
      for (const { status, stdout, stderr } of await all) {
        expect(stderr).not.toMatch(/error|FATAL/i);
        expect(stdout).toMatch(/actually processed: 150\/150/);
        expect(status).toBe(0);
      }
      // Every pool was full, the reserve too, and none was ever fuller.
      expect([...each.values()]).toEqual([PER_DATABASE, PER_DATABASE, PER_DATABASE]);
      expect(highest).toBeLessThanOrEqual(pods.length * PER_DATABASE);
    }, 120_000);

    test("as many clients as max_client_conn wait; one more is sent away", async () => {
      const { port } = await start();
      const script = "SELECT pg_sleep(0.05);\n";
      const full = await pgbench(as({ port }), script, ["-c", String(MAX_CLIENTS), "-t", "1"]);
      expect(full.stdout).toMatch(new RegExp(`actually processed: ${MAX_CLIENTS}/${MAX_CLIENTS}`));
      const over = await pgbench(as({ port }), script, ["-c", String(MAX_CLIENTS + 1), "-t", "1"]);
      expect(over.stderr).toMatch(/no more connections allowed/);
    });
  });

  test("other limits take effect at a reload, without a client noticing", async () => {
    const server = await start();
    const client = connect(as({ port: server.port }));
    await client.query("BEGIN");
    const before = await ask(stats({ port: server.port }), "SHOW CONFIG");
    expect(before).toMatch(/^default_pool_size\|5\|/m);
    server.reload(ini().replace(/^default_pool_size = .*$/m, "default_pool_size = 3"));
    await waitFor("the new pool size", async () => {
      const shown = await ask(stats({ port: server.port }), "SHOW CONFIG");
      return /^default_pool_size\|3\|/m.test(shown) || undefined;
    });
    expect(await client.query("SELECT 1")).toBe("1");
    await client.query("COMMIT");
    await client.close();
  });

  test("a pod that is taken away ends the transactions that have begun, then itself", async () => {
    const server = await start();
    const client = connect(as({ port: server.port }));
    await client.query("CREATE TABLE IF NOT EXISTS noetl.drained (id int)");
    await client.query("BEGIN");
    await client.query("INSERT INTO noetl.drained VALUES (1)");
    // PID 1 is the pod's; the wait for the Service is not what this is about.
    const hook = spawn("sh", ["-c", DRAIN.replace("sleep 5", "true").replaceAll(/(-INT|-0) 1;/g, `$1 ${server.pid};`)]);
    const hooked = new Promise((resolve) => hook.on("close", resolve));
    await waitFor("the signal", () => server.log().includes("SIGINT") || undefined);
    expect(await client.query("SELECT count(*) FROM noetl.drained")).toBe("1");
    expect(await client.query("COMMIT")).toMatch(/COMMIT/);
    await hooked;
    expect(server.exit()).toBeDefined();
    expect(await ask(direct(), "SELECT count(*) FROM noetl.drained")).toBe("1");
    await client.close();
    await ask(direct(), "DROP TABLE noetl.drained");
  });

  test("the server's init container finds the schema through it", async () => {
    const { spec } = objectNamed(graph, "Deployment/noetl-server-rust") as unknown as {
      spec: { template: { spec: { initContainers: (Container & { name: string })[] } } };
    };
    const wait = spec.template.spec.initContainers.find(({ name }) => name === "wait-for-schema");
    const { status, output } = await runContainer(wait as unknown as Container, {
      secrets: { "noetl-secret/NOETL_PASSWORD": PASSWORD },
      env: { PGHOST: "127.0.0.1", PGPORT: String(pooler.port) },
      programs: postgres.programs,
    });
    expect(output).toMatch(/^found schema noetl/);
    expect(status).toBe(0);
  });
});
