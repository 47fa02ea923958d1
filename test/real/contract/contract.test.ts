import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createAuthority, type KeyedCertificate } from "../cluster/certificates";
import { describeUnless } from "../stacks/requirements";
import { waitFor } from "../support/wait";
import { backingImpossible, startBacking, type Backing } from "./backing";
import { Faults } from "./faults";
import { ContractGateway } from "./gateway";
import { callApi, type Answered } from "./http-client";
import { objectIn, parseJson, toJson, valueAt, type JsonObject } from "./json";
import type { Place } from "./place";
import { ContractServer } from "./server";
import type { ServerRuntime } from "./server-settings";
import { Snowflake } from "./snowflake";
import { ContractWorker } from "./worker";
import type { WorkerRuntime } from "./worker-settings";

/*
 * The contract platform where it could lie: that it does what the published server and workers were seen to do, and what
 * each of its faults makes wrong. Nothing of the product is tested here.
 */

const LOGINS = {
  admin: { user: "demo", password: "admin-canary" },
  postgres: { user: "noetl", password: "noetl-canary" },
  nats: { user: "noetl", password: "p@ss/word" },
};
const SERVER = "noetl-server-rust.noetl.svc.cluster.local";
const FLIGHT = "noetl.noetl.svc.cluster.local";
const TOKEN = "0123456789abcdef";
const SHARED = { NATS_CONSUMER: "noetl_worker_pool_shared", NATS_FILTER_SUBJECT: "noetl.commands.shared.>" };

/** Rows with credentials in them; 6000 are too many for an event. */
const rowsOf = (count: number): string =>
  `SELECT i AS id, 'user_' || lpad(i::VARCHAR, 6, '0') AS username, 'hunter_' || i AS password,
     'sk-ant-' || repeat('x', 40) AS api_key, (i * 1.5)::DOUBLE AS score FROM generate_series(1, ${count}) AS s(i)`;

describeUnless(backingImpossible(), "the contract platform", () => {
  let backing: Backing;
  let certificates: { ca: string; server: KeyedCertificate; client: KeyedCertificate };
  const faults = new Faults();
  const logs: string[] = [];
  const parts: { stop(): Promise<void> }[] = [];
  /** Where the names of the cluster lead: the parts that run now. */
  const services = new Map<string, () => { host: string; port: number } | undefined>();

  beforeAll(async () => {
    const authority = await createAuthority("contract");
    [backing, certificates] = await Promise.all([
      startBacking(LOGINS),
      (async () => ({
        ca: authority.certificate,
        server: await authority.server([SERVER, FLIGHT]),
        client: await authority.client("noetl-worker-rust"),
      }))(),
    ]);
    await backing.makeDatabases("noetl_shard_0", "noetl_shard_1", "noetl_cluster");
  });
  afterAll(() => backing.stop());

  beforeEach(() => {
    faults.only();
    logs.length = 0;
  });
  afterEach(async () => {
    // The workers first: they tell the server that they go.
    for (const part of parts.splice(0).reverse()) await part.stop();
    services.clear();
  });

  const files = (): ReadonlyMap<string, string> => {
    const { ca, server, client } = certificates;
    return new Map([
      ["/tls/ca.crt", ca],
      ["/tls/server.crt", server.certificate],
      ["/tls/server.key", server.key],
      ["/tls/client.crt", client.certificate],
      ["/tls/client.key", client.key],
    ]);
  };
  const place = (env: Record<string, string>, hostname = "pod-0"): Place => ({
    ...{ env, hostname, faults },
    files: files(),
    file: (path) => {
      const text = files().get(path);
      if (text === undefined) throw new Error(`no file ${path}`);
      return text;
    },
    route: (host, port) => {
      if (host.startsWith("postgres")) return backing.postgres;
      if (host.startsWith("nats")) return backing.nats;
      const address = services.get(`${host}:${port}`)?.();
      if (address === undefined) throw new Error(`no Service ${host}:${port}`);
      return address;
    },
    log: (line) => logs.push(line),
  });

  const natsUrl = `nats://noetl:${encodeURIComponent(LOGINS.nats.password)}@nats:4222`;
  const serverEnv = {
    NOETL_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    ...{ NOETL_INTERNAL_API_TOKEN: TOKEN, NOETL_SERVER_MACHINE_ID: "1", NOETL_NATS_URL: natsUrl },
    ...{ POSTGRES_HOST: "postgres", POSTGRES_PASSWORD: LOGINS.postgres.password, NOETL_PORT: "8082" },
    NOETL_PUBLIC_SERVER_URL: `http://${SERVER}:8082`,
  };
  const workerEnv = {
    ...{ NATS_URL: "nats://nats:4222", NATS_USER: LOGINS.nats.user, NATS_PASSWORD: LOGINS.nats.password },
    ...{ NATS_STREAM: "NOETL_COMMANDS", NOETL_SERVER_URL: `http://${SERVER}:8082`, ...SHARED },
  };
  const dsn = (database: string): string =>
    `host=postgres;port=5432;user=noetl;password=${LOGINS.postgres.password};database=${database}`;
  const shardEnv = {
    NOETL_SHARDS: ["noetl_shard_0", "noetl_shard_1"].map(dsn).join(","),
    NOETL_CLUSTER_DSN: dsn("noetl_cluster"),
  };

  async function startServer(env: Record<string, string> = {}, runtime: ServerRuntime = "rust") {
    const server = await ContractServer.start(place({ ...serverEnv, ...env }), runtime);
    parts.push(server);
    services.set(`${SERVER}:8082`, () => server.endpoints.get(8082));
    services.set(`${FLIGHT}:8083`, () => server.endpoints.get(8083));
    return server;
  }

  async function startWorker(env: Record<string, string> = {}, runtime: WorkerRuntime = "rust", name = "worker-0") {
    const worker = await ContractWorker.start(place({ ...workerEnv, ...env }, name), {
      runtime,
      select: backing.select,
    });
    parts.push(worker);
    return worker;
  }

  const call = (method: string, path: string, body?: unknown): Promise<Answered> =>
    callApi(place({}), {}, { method, url: `http://${SERVER}:8082${path}`, body });

  async function json(method: string, path: string, body?: unknown): Promise<JsonObject> {
    return objectIn((await call(method, path, body)).body);
  }

  /** Registers a playbook of these steps, one after the other, and executes it. */
  async function execute(path: string, ...tools: JsonObject[]): Promise<string> {
    const workflow = tools.map((tool, index) => ({
      ...{ step: `step_${index + 1}`, tool },
      ...(index + 1 < tools.length && { next: { arcs: [{ step: `step_${index + 2}` }] } }),
    }));
    const content = JSON.stringify({ kind: "Playbook", metadata: { path }, workflow });
    expect(await json("POST", "/api/catalog/register", { content, resource_type: "Playbook" })).toMatchObject({ path });
    const { execution_id: id } = await json("POST", "/api/execute", { path });
    return String(id);
  }

  const ended = (id: string): Promise<JsonObject> =>
    waitFor(`execution ${id} to end`, async () => {
      const status = await json("GET", `/api/executions/${id}/status`);
      return status.completed === true || status.failed === true ? status : undefined;
    });

  async function events(id: string): Promise<JsonObject[]> {
    return (await json("GET", `/api/executions/${id}/events`)).events as JsonObject[];
  }

  async function resultOf(id: string, step: string): Promise<unknown> {
    return (await events(id)).find((event) => event.node_name === step && event.event_type === "call.done")?.result;
  }

  describe("the server's shard-info", () => {
    const shard = async (id: string, count: string) => {
      const { status, body } = await call("GET", `/api/runtime/shard-info?execution_id=${id}&shard_count=${count}`);
      return status === 200 ? valueAt(body, "shard_index") : status;
    };

    it.each([
      ["320816801799737344", "1024", 702],
      ["1", "16", 5],
      ["-1", "1024", 713],
      ["abc", "4", 400],
      ["9223372036854775808", "4", 400],
      ["1", "0", 400],
      ["1", "1025", 400],
    ])("given the id %s and %s shards, answers %s", async (id, count, expected) => {
      await startServer();
      expect(await shard(id, count)).toBe(expected);
    });

    it("answers all that the specification shows", async () => {
      await startServer();
      expect(await json("GET", "/api/runtime/shard-info?execution_id=320816801799737344&shard_count=4")).toStrictEqual({
        execution_id: 320816801799737344n,
        shard_count: 4,
        shard_index: 2,
        source: "noetl-server",
        hash_function: "twox_hash::XxHash64",
        seed: 0,
        server_config: { shard_index: 0, shard_count: 1 },
      });
    });

    it.each(["hash seed off by one", "big-endian bytes"] as const)("given the fault '%s', is wrong", async (fault) => {
      await startServer();
      faults.only(fault);
      expect(await shard("320816801799737344", "1024")).not.toBe(702);
    });

    it("is the gateway's, too, unless that is wrong", async () => {
      const gateway = await ContractGateway.start(place({ ROUTER_PORT: "8090" }));
      parts.push(gateway);
      services.set("gateway:8090", () => gateway.endpoints.get(8090));
      const preview = async () => {
        const url = "http://gateway:8090/sharding/preview?execution_id=42&shard_count=1024";
        return (await callApi(place({}), {}, { method: "GET", url })).body;
      };
      expect(await preview()).toMatchObject({ shard_index: 851, source: "noetl-gateway" });
      faults.only("gateway hash seed off by one");
      expect(await preview()).not.toMatchObject({ shard_index: 851 });
    });
  });

  describe("a server's environment", () => {
    it.each([
      [{ NOETL_ENCRYPTION_KEY: "short" }, "NOETL_ENCRYPTION_KEY is not the base64 of 32 bytes"],
      [{ NOETL_SERVER_MACHINE_ID: "1024" }, "machine id 1024 has more than 10 bits"],
      [{ NOETL_SHARD_INDEX: "2", NOETL_SHARD_COUNT: "2" }, "shard index 2 is not below the shard count 2"],
      [{ NOETL_TLS_CERT: "/tls/server.crt" }, "NOETL_TLS_CERT and NOETL_TLS_KEY go together"],
      [{ POSTGRES_PASSWORD: "wrong" }, "pool timed out while waiting for an open connection"],
    ])("given %j, it does not start", async (env, message) => {
      await expect(startServer(env)).rejects.toThrow(message);
    });

    it.each([
      ["a machine id that is no number", { NOETL_SERVER_MACHINE_ID: "abc" }, "using defaults"],
      ["a wrong password of NATS", { NOETL_NATS_URL: "nats://noetl:wrong@nats:4222" }, "running without messaging"],
    ])("given %s, it runs without messaging and says that it is well", async (_, env, line) => {
      await startServer(env);
      const health = await call("GET", "/api/health");
      expect(health).toMatchObject({ status: 200, body: { status: "ok", nats: "not_configured" } });
      expect(logs.join("\n")).toContain(line);
    });

    it("given a DSN that does not parse, it falls back to the single database", async () => {
      await startServer({ ...shardEnv, NOETL_CLUSTER_DSN: "nonsense" });
      expect(logs.join("\n")).toContain("falling back to the single pool");
    });

    it.each([
      ["/health", 200],
      ["/healthz", 404],
      ["/readyz", 404],
      ["/metrics", 200],
    ])("it answers at %s with %s", async (path, status) => {
      await startServer();
      expect((await call("GET", path)).status).toBe(status);
    });
  });

  describe("executions", () => {
    const sequence = ["command.issued", "command.claimed", "command.started", "command.completed", "call.done"];

    it("go from step to step, each with its events in their order", async () => {
      await startServer();
      await startWorker();
      const id = await execute("tests/noop", { kind: "noop" }, { kind: "shell", command: "echo well" });
      expect(await ended(id)).toMatchObject({ status: "COMPLETED", completed: true, failed: false });
      const types = (await events(id)).map(({ event_type: type }) => type);
      expect(types).toStrictEqual(["playbook_started", ...sequence, ...sequence, "playbook.completed"]);
      expect(await resultOf(id, "step_2")).toStrictEqual({
        status: "success",
        context: { status: "success", data: { stdout: "well\n" } },
      });
    });

    it("fail with a tool that nobody has", async () => {
      await startServer();
      await startWorker();
      const id = await execute("tests/unknown", { kind: "unheard" }, { kind: "noop" });
      expect(await ended(id)).toMatchObject({ status: "FAILED", completed: false, failed: true });
    });

    it("have ids of the machine, larger and larger", () => {
      const ids = new Snowflake(5);
      const made = Array.from({ length: 10_000 }, () => ids.next());
      expect(made.every((id) => ((id >> 12n) & 1023n) === 5n)).toBe(true);
      expect([...new Set(made)].sort((a, b) => (a < b ? -1 : 1))).toStrictEqual(made);
    });

    it.each([[[]], [["execution on the wrong shard"]]] as const)(
      "given two shards and the faults %j, their events are in the database that these say",
      async (on) => {
        await startServer({ ...shardEnv, NOETL_SHARD_COUNT: "2" });
        faults.only(...on);
        const id = await execute(`tests/sharded`, { kind: "noop" });
        const { shard_index: index } = await json("GET", `/api/runtime/shard-info?execution_id=${id}&shard_count=2`);
        const statement = `SELECT count(*)::int AS events FROM noetl.event WHERE execution_id = ${id}`;
        const found = await Promise.all(
          ["noetl_shard_0", "noetl_shard_1"].map(async (name) =>
            Number((await backing.query(statement, name))[0]?.events),
          ),
        );
        const home = on.length === 0 ? Number(index) : 1 - Number(index);
        expect(found).toStrictEqual([0, 1].map((shard) => (shard === home ? 2 : 0)));
      },
    );
  });

  describe("results", () => {
    const first = (result: unknown): JsonObject => objectIn((valueAt(result, "rows") as unknown[])[0]);

    it("that are small stand in the event, without credentials", async () => {
      await startServer();
      await startWorker();
      const id = await execute("tests/small", { kind: "duckdb", query: rowsOf(5) });
      await ended(id);
      const result = await resultOf(id, "step_1");
      expect(valueAt(result, "reference")).toBeUndefined();
      expect(first(valueAt(result, "context.data"))).toStrictEqual({
        ...{ id: 1, username: "user_000001", password: "[REDACTED]", api_key: "[REDACTED]", score: 1.5 },
      });
    });

    it("that are large are referred to, and can be fetched by HTTP and by Flight", async () => {
      const server = await startServer({}, "rust");
      const python = await startServer(
        {
          ...{ NATS_URL: natsUrl, NOETL_USER: "noetl", NOETL_PASSWORD: LOGINS.postgres.password },
          ...{ NOETL_FLIGHT_TLS_CERT: "/tls/server.crt", NOETL_FLIGHT_TLS_KEY: "/tls/server.key" },
          ...{ NOETL_FLIGHT_CLIENT_CA: "/tls/ca.crt", NOETL_FLIGHT_BEARER_TOKENS: "old,current" },
        },
        "python",
      );
      services.set(`${SERVER}:8082`, () => server.endpoints.get(8082));
      services.set(`${FLIGHT}:8083`, () => python.endpoints.get(8083));
      await startWorker({ NOETL_KEYCHAIN_ENV_VARS: "FLIGHT_TOKEN", FLIGHT_TOKEN: "current" });
      const ref = "{{ step_1.reference.ref }}";
      const flight = {
        kind: "result_fetch",
        ref,
        flight_endpoint: `https://${FLIGHT}:8083`,
        tls_ca_path: "/tls/ca.crt",
      };
      const client = { client_cert_path: "/tls/client.crt", client_key_path: "/tls/client.key" };
      const id = await execute(
        "tests/large",
        { kind: "duckdb", query: rowsOf(6000) },
        { ...flight, ...client, bearer_token: "FLIGHT_TOKEN" },
        { kind: "result_fetch", ref, prefer: "http" },
      );
      expect(await ended(id)).toMatchObject({ status: "COMPLETED" });

      const reference = valueAt(await resultOf(id, "step_1"), "reference");
      expect(reference).toMatchObject({
        ...{ kind: "result_ref", store: "db", scope: "execution" },
        ref: expect.stringMatching(`^noetl://execution/${id}/result/step_1/[0-9]+$`),
        ipc: { media_type: "application/vnd.apache.arrow.stream", row_count: 6000, schema_digest: "arrow" },
      });
      const hashes = await Promise.all(
        ["step_2", "step_3"].map(async (step) => valueAt(await resultOf(id, step), "context.reference.meta.sha256")),
      );
      expect(hashes).toStrictEqual([valueAt(reference, "meta.sha256"), valueAt(reference, "meta.sha256")]);
      const resolved = await json("GET", `/api/result/resolve?ref=${String(valueAt(reference, "ref"))}`);
      expect(resolved).toMatchObject({ row_count: 6000 });
      expect(first(resolved)).toMatchObject({ username: "user_000001", password: "[REDACTED]" });
      expect(logs.filter((line) => line.includes("falling back"))).toStrictEqual([]);

      // Without a certificate there is no Flight, which the worker makes up for in silence; with a wrong token it fails.
      const alone = await execute("tests/alone", { kind: "duckdb", query: rowsOf(6000) }, flight);
      expect(await ended(alone)).toMatchObject({ status: "COMPLETED" });
      expect(logs.filter((line) => line.includes("falling back"))).toHaveLength(1);
      const wrong = { ...flight, ...client, bearer_token: "wrong" };
      const refused = await execute("tests/refused", { kind: "duckdb", query: rowsOf(6000) }, wrong);
      expect(await ended(refused)).toMatchObject({ status: "FAILED" });
    });

    it("of the Python worker are a sample, with what is in them", async () => {
      await startServer();
      await startWorker({ NATS_URL: natsUrl, NATS_CONSUMER: "noetl_worker_pool" }, "python");
      const id = await execute("tests/python", { kind: "duckdb", query: rowsOf(6000) });
      await ended(id);
      const result = await resultOf(id, "step_1");
      expect(valueAt(result, "context.data.row_count")).toBe(6000);
      expect(valueAt(result, "context.data.rows")).toHaveLength(10);
      expect(first(valueAt(result, "context.data"))).toMatchObject({ password: "hunter_1" });
    });
  });

  describe("the internal API", () => {
    const ask = async (headers: Record<string, string>): Promise<number> => {
      const { port = 0 } = services.get(`${SERVER}:8082`)?.() ?? {};
      return (await fetch(`http://127.0.0.1:${port}/api/internal/outbox/pending-count`, { headers })).status;
    };

    it("lets in only who has the token", async () => {
      await startServer();
      const all: Record<string, string>[] = [
        {},
        { authorization: "Bearer wrong" },
        { authorization: `Basic ${TOKEN}` },
      ];
      expect(await Promise.all(all.map(ask))).toStrictEqual([403, 403, 403]);
      expect(await ask({ authorization: `Bearer ${TOKEN}` })).toBe(200);
      faults.only("token check accepts everything");
      expect(await ask({ authorization: "Bearer wrong" })).toBe(200);
    });

    it("is not there without a token of the server's", async () => {
      await startServer({ NOETL_INTERNAL_API_TOKEN: "" });
      expect(await ask({ authorization: `Bearer ${TOKEN}` })).toBe(503);
    });

    it("claims, marks and projects, each once", async () => {
      await startServer();
      const { port = 0 } = services.get(`${SERVER}:8082`)?.() ?? {};
      const api = async (path: string, body: unknown) => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/internal${path}`, {
          ...{ method: "POST", body: toJson(body) },
          headers: { authorization: `Bearer ${TOKEN}` },
        });
        return objectIn(parseJson(await answer.text()));
      };
      await backing.query("DELETE FROM noetl.outbox");
      await backing.query(
        "INSERT INTO noetl.outbox (execution_id, event_id, payload) SELECT 7, i, '{}' FROM generate_series(1, 3) AS s(i)",
      );
      const { claimed, rows } = await api("/outbox/claim", { limit: 2 });
      const ids = (rows as JsonObject[]).map(({ outbox_id: id }) => id);
      expect([claimed, ids.length]).toStrictEqual([2, 2]);
      expect(await api("/outbox/mark-published", { outbox_ids: ids })).toStrictEqual({ marked: 2 });
      const last = await api("/outbox/claim", { limit: 5 });
      const failed = { outbox_id: valueAt((last.rows as unknown[])[0], "outbox_id"), error: "no", attempts: 3 };
      expect(await api("/outbox/mark-failed", failed)).toStrictEqual({ marked: true, available_at_in: 4 });
      const event = { event_id: 1, execution_id: 99, catalog_id: 0, event_type: "validation.test" };
      const project = () => api("/events/project", { events: [event] });
      expect([await project(), await project()]).toStrictEqual([
        { projected: 1, duplicates: 0 },
        { projected: 0, duplicates: 1 },
      ]);
    });
  });

  describe("TLS of the server", () => {
    const env = { NOETL_TLS_CERT: "/tls/server.crt", NOETL_TLS_KEY: "/tls/server.key" };
    const reach = async (withCertificate: boolean): Promise<number | "refused"> => {
      const { ca, client } = certificates;
      const url = `https://${SERVER}:8082/health`;
      const tls = { ca, ...(withCertificate && { certificate: client.certificate, key: client.key }) };
      return callApi(place({}), tls, { method: "GET", url }).then(
        ({ status }) => status,
        () => "refused" as const,
      );
    };

    it.each([
      [env, [], [200, 200]],
      [{ ...env, NOETL_TLS_CLIENT_CA: "/tls/ca.crt" }, [], ["refused", 200]],
      [{ ...env, NOETL_TLS_CLIENT_CA: "/tls/ca.crt" }, ["TLS asks for no client certificate"], [200, 200]],
    ] as const)(
      "given %j and the faults %j, answers clients without and with a certificate: %j",
      async (tls, on, expected) => {
        faults.only(...on);
        await startServer(tls);
        expect([await reach(false), await reach(true)]).toStrictEqual(expected);
        await expect(call("GET", "/health")).rejects.toThrow();
      },
    );
  });
});
