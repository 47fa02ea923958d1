import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { ApiContext } from "../../../orchestrator/api/context";
import { ERROR_CODE_NAMES, ERROR_CODES, isErrorCode, type ErrorCode } from "../../../orchestrator/api/error-codes";
import { apiServer } from "../../../orchestrator/api/server";
import { newToken } from "../../../orchestrator/api/tokens";
import { PermanentError, Refusal, type RefusalCode } from "../../../orchestrator/tasks/errors";
import { Door } from "../../../orchestrator/nodes/door";
import { Disk, DEAD } from "../storage/disk";
import { FakeDocker } from "./fake-docker";
import { AUDIENCE, Issuer } from "./issuer";
import { Served } from "./served";

/** What is asked: of which service, and how. */
type Ask = () => Promise<{ status: number; json: unknown; headers: Headers }>;
type Row = [code: ErrorCode, title: string, ask: Ask, message: string | RegExp, path: string | null];

let issuer: Issuer;
let docker: FakeDocker;
const people = (["viewer", "operator", "approver", "admin"] as const).map((role) => newToken(`the-${role}`, role));

/** Services are started once somebody asks one, and shared. */
const started = new Map<string, Promise<Served>>();
const SERVICES = {
  open: () => Served.start({ allowed: ["k*", "production"] }),
  drained: async () => {
    const served = await Served.start();
    await served.ask("POST", "/queue/drain");
    return served;
  },
  full: async () => {
    const served = await Served.start({ queue: { longest: 1 } });
    await served.ask("POST", "/queue/pause", { scope: { all: true } });
    await served.submit();
    return served;
  },
  fullDisk: async () => {
    const disk = new Disk();
    const served = await Served.start({
      storage: { files: disk, processes: DEAD, reserveBytes: 64 * 1024, retryMs: 10 },
    });
    disk.room = disk.used;
    return served;
  },
  slow: () => Served.start({ arrivalMs: 100 }),
  rated: () => Served.start({ rate: 1 }),
  docker: async () => {
    const served = await Served.start({ environments: { docker: docker.address, offline: true } });
    await served.ask("POST", "/queue/pause", { scope: { kind: "test_environment" } });
    return served;
  },
  dockerDown: () => Served.start({ environments: { docker: "tcp://127.0.0.1:1" } }),
  tokens: async () => {
    const served = await Served.start();
    await served.service.stop(0);
    const file = join(served.folder, "tokens.yaml");
    writeFileSync(file, JSON.stringify({ tokens: people.map(({ entry }) => entry) }));
    await served.restart({ tokens: file, oidc: { issuer: issuer.url, audience: AUDIENCE } });
    return served;
  },
  noIssuer: () => Served.start({ oidc: { issuer: "http://127.0.0.1:1", audience: AUDIENCE } }),
};

function at(name: keyof typeof SERVICES): Promise<Served> {
  const served = started.get(name) ?? SERVICES[name]();
  started.set(name, served);
  return served;
}

function of(
  name: keyof typeof SERVICES,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Ask {
  return async () => (await at(name)).ask(method, path, body, headers);
}

const servers = (body: unknown, headers?: Record<string, string>) =>
  of("open", "POST", "/workflows/servers/create", body, headers);
const environment = (name: "open" | "docker" | "dockerDown", config: object, more: object = {}) =>
  of(name, "POST", "/test/environments/create", { config, ...more });
const REDIS = { type: "single_taskserv", taskserv: "redis" };

/** Asks as a person with a token of ours. */
function as(role: string, method: string, path: string, body?: unknown): Ask {
  const token = people.find(({ entry }) => entry.role === role)?.token ?? "";
  return of("tokens", method, path, body, { authorization: `Bearer ${token}` });
}

/** Asks with a token of the provider. */
function withToken(make: () => Promise<string> | string): Ask {
  return async () => of("tokens", "GET", "/tasks", undefined, { authorization: `Bearer ${await make()}` })();
}

/** Sends bytes to a service, and reads until it closes. */
function raw(name: keyof typeof SERVICES, text: string): Ask {
  return async () => {
    const { hostname, port } = new URL((await at(name)).service.url);
    const answer = await new Promise<string>((resolve, reject) => {
      let got = "";
      const socket = connect(Number(port), hostname, () => socket.write(text));
      socket.on("data", (data) => (got += data.toString()));
      socket.on("close", () => {
        resolve(got);
      });
      socket.on("error", reject);
    });
    const [head = "", body = ""] = answer.split("\r\n\r\n");
    return { status: Number(head.split(" ")[1]), json: JSON.parse(body), headers: new Headers() };
  };
}

/** Asks for a task where the storage fails. */
function failing(error: Error): Ask {
  return async () => {
    const metrics = { answered: () => undefined };
    const context = { metrics, storage: { task: () => Promise.reject(error) } } as unknown as ApiContext;
    const app = apiServer(context, { doors: {}, log: () => undefined });
    const answer = await app.inject({ url: "/tasks/x", headers: { host: "localhost" } });
    await app.close();
    const headers = new Headers(answer.headers as Record<string, string>);
    return { status: answer.statusCode, json: answer.json(), headers };
  };
}

const storageFails = (code: RefusalCode & ErrorCode): Row => [
  code,
  "a storage that refuses",
  failing(new Refusal(code, `told: ${code}`)),
  `told: ${code}`,
  null,
];
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const AUTHORIZATION = "header.authorization";

const ROWS: Row[] = [
  ["malformed-json", "malformed JSON", servers('{"infra":'), "the body is not JSON", "body"],
  ["invalid", "no body", servers(undefined), "body: Invalid input: expected object, received undefined", "body"],
  ["invalid", "a list", servers([]), "body: Invalid input: expected object, received array", "body"],
  [
    "invalid",
    "a wrong type",
    servers({ infra: 7 }),
    "body.infra: Invalid input: expected string, received number",
    "body.infra",
  ],
  [
    "invalid",
    "a wrong item",
    servers({ infra: "kind", servers: ["a", 2] }),
    "body.servers[1]: Invalid input: expected string, received number",
    "body.servers[1]",
  ],
  [
    "invalid",
    "a field that there is not",
    servers({ infra: "kind", sevrers: [] }),
    "body.sevrers: there is no such field",
    "body.sevrers",
  ],
  [
    "invalid",
    "a way out in infra",
    servers({ infra: "../../etc/passwd" }),
    "body.infra: must be the name of a stack: letters, digits and _ . - only",
    "body.infra",
  ],
  [
    "invalid",
    "a NUL in settings",
    servers({ infra: "kind", settings: "a\0.yaml" }),
    "body.settings: must be a path of 1 to 500 letters",
    "body.settings",
  ],
  [
    "invalid",
    "a preview of a refresh",
    servers({ infra: "kind", operation: "refresh", check_mode: true }),
    "body.check_mode: refresh has no preview",
    "body.check_mode",
  ],
  [
    "invalid",
    "a key with blanks",
    servers({ infra: "kind" }, { "idempotency-key": "a b" }),
    "header.idempotency-key: must be 1 to 200 printable letters without blanks",
    "header.idempotency-key",
  ],
  [
    "invalid",
    "a limit that is too high",
    of("open", "GET", "/tasks?limit=1001"),
    "query.limit: Too big: expected number to be <=1000",
    "query.limit",
  ],
  [
    "invalid",
    "a cursor of no page",
    of("open", "GET", "/tasks?cursor=x"),
    "cursor: it is of no page before",
    "query.cursor",
  ],
  ["invalid", "an id that is none", of("open", "GET", "/tasks/a.b"), "path.id: must be the id of a task", "path.id"],
  ["invalid", "an address", of("open", "GET", "/tasks/%ff"), "the address cannot be decoded", "path"],
  ["malformed-request", "nonsense", raw("open", "nonsense\r\n\r\n"), "this is no HTTP request", null],
  [
    "settings-refused",
    "a way out in settings",
    servers({ infra: "kind", settings: "../x.yaml" }),
    "settings must be a path below the project folder",
    "body.settings",
  ],
  [
    "settings-refused",
    "an absolute path",
    servers({ infra: "kind", settings: "/etc/passwd" }),
    "settings must be a path below the project folder",
    "body.settings",
  ],
  [
    "settings-refused",
    "a file that is no stack file",
    servers({ infra: "kind", settings: "data" }),
    "settings must be a stack file, with the ending .yaml",
    "body.settings",
  ],
  [
    "unauthorized",
    "no token",
    of("tokens", "GET", "/tasks"),
    "send a token in the header Authorization, of type Bearer",
    AUTHORIZATION,
  ],
  ["unauthorized", "an unknown one", withToken(() => "noetl_canary"), "this token is not known", AUTHORIZATION],
  [
    "token-algorithm",
    "a token without a signature",
    withToken(() => `${encoded({ alg: "none", kid: "k1" })}.${encoded({ sub: "ann" })}.`),
    "the token is signed in a way that is not taken",
    AUTHORIZATION,
  ],
  [
    "token-audience",
    "another service's token",
    withToken(() => issuer.token({ aud: "another" })),
    "the token is for another service",
    AUTHORIZATION,
  ],
  [
    "token-claims",
    "a token of nobody",
    withToken(() => issuer.token({ sub: undefined })),
    "the token's claim sub is wrong",
    AUTHORIZATION,
  ],
  [
    "token-expired",
    "an old token",
    withToken(() => issuer.token({ exp: inSeconds(-60) })),
    "the token has expired: get a new one",
    AUTHORIZATION,
  ],
  [
    "token-issuer",
    "a stranger's token",
    withToken(() => issuer.token({ iss: "https://another.example" })),
    "the token is of another issuer",
    AUTHORIZATION,
  ],
  [
    "token-key-unknown",
    "a token by another key",
    withToken(() => issuer.token({}, { kid: "k9" })),
    "the provider has no such key as the token names",
    AUTHORIZATION,
  ],
  ["token-malformed", "three words", withToken(() => "a.canary.c"), "this is no token", AUTHORIZATION],
  [
    "token-not-yet-valid",
    "a token of tomorrow",
    withToken(() => issuer.token({ nbf: inSeconds(86_400) })),
    "the token is not valid yet",
    AUTHORIZATION,
  ],
  [
    "token-signature",
    "a token that was changed",
    withToken(async () => {
      const [head = "", , signature = ""] = (await issuer.token()).split(".");
      return `${head}.${encoded({ iss: issuer.url, aud: AUDIENCE, sub: "eve", exp: inSeconds(60) })}.${signature}`;
    }),
    "the token's signature is wrong",
    AUTHORIZATION,
  ],
  [
    "forbidden",
    "a viewer who submits",
    as("viewer", "POST", "/workflows/cluster/create", { infra: "kind" }),
    "the-viewer is viewer, which may not operate",
    null,
  ],
  [
    "host-refused",
    "a name that leads to loopback",
    raw("open", "GET /tasks HTTP/1.1\r\nhost: rebound.example\r\nconnection: close\r\n\r\n"),
    "without tokens, this service answers to localhost only",
    "header.host",
  ],
  [
    "no-role",
    "a token without a role",
    withToken(() => issuer.token({ roles: ["baker"] })),
    "the token's claim roles gives none of the roles viewer, operator, approver, admin",
    AUTHORIZATION,
  ],
  [
    "origin-refused",
    "a page of another origin",
    of("open", "GET", "/tasks", undefined, { origin: "http://evil.example" }),
    "pages of other origins may not ask",
    "header.origin",
  ],
  [
    "own-task",
    "one's own task",
    async () => {
      const body = { infra: "kind", require_approval: true };
      const { json } = await as("admin", "POST", "/workflows/cluster/create", body)();
      return as("admin", "POST", `/tasks/${(json as { data: string }).data}/approve`)();
    },
    "whoever submitted a task cannot approve it",
    "path.id",
  ],
  [
    "privileged-refused",
    "a privileged container",
    environment("open", {
      type: "cluster_topology",
      topology: { nodes: [{ name: "a", taskservs: ["redis"], privileged: true }] },
    }),
    /^a.*: privileged containers can do anything on the host; the orchestrator allows them only when started with --allow-privileged$/,
    "body.config",
  ],
  [
    "stack-refused",
    "a stack that is not allowed",
    servers({ infra: "gke" }),
    "this service does not work on stack gke",
    "body.infra",
  ],
  [
    "environment-unknown",
    "an environment that there is not",
    of("open", "GET", "/test/environments/env-x"),
    "there is no environment env-x",
    "path.id",
  ],
  ["not-found", "a task that there is not", of("open", "GET", "/tasks/x"), "no task x", "path.id"],
  ["not-found", "a schedule", of("open", "GET", "/schedules/x"), "no schedule x", "path.id"],
  [
    "route-unknown",
    "no address",
    of("open", "DELETE", "/tasks/x"),
    "there is no DELETE /tasks/x; all routes: /openapi.json",
    "path",
  ],
  [
    "settings-unknown",
    "a file that there is not",
    servers({ infra: "kind", settings: "b.yaml" }),
    "the project folder has no file b.yaml",
    "body.settings",
  ],
  [
    "stack-unknown",
    "an unknown stack",
    servers({ infra: "knd" }),
    "there is no stack knd (there are: kind, production); did you mean kind?",
    "body.infra",
  ],
  [
    "too-slow",
    "a body that does not arrive",
    raw(
      "slow",
      "POST /tasks/batch HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
    ),
    "the request took too long to arrive",
    null,
  ],
  storageFails("conflict"),
  [
    "dependency-failed",
    "what depends on a task that was cancelled",
    async () => {
      const served = await at("open");
      const id = await served.submit({ require_approval: true });
      await served.ask("POST", `/tasks/${id}/reject`);
      return servers({ infra: "kind", depends_on: [id] })();
    },
    /^dependsOn: task [\w-]+ is cancelled: retry that first$/,
    "body.depends_on",
  ],
  [
    "docker-none",
    "an environment without Docker",
    environment("open", REDIS),
    "the orchestrator was started without a Docker",
    null,
  ],
  [
    "key-reused",
    "a key for another request",
    async () => {
      const headers = { "idempotency-key": "k" };
      await servers({ infra: "kind" }, headers)();
      return servers({ infra: "production" }, headers)();
    },
    /^key local k: task [\w-]+ was submitted with it, for another request$/,
    "header.idempotency-key",
  ],
  storageFails("lease-lost"),
  [
    "name-taken",
    "a name that is taken",
    async () => {
      await environment("docker", REDIS, { name: "mine" })();
      return environment("docker", REDIS, { name: "mine" })();
    },
    /^name: environment env-\w+ is called mine; take another name, or delete that one$/,
    "body.name",
  ],
  [
    "schedule-exists",
    "an id that is taken",
    async () => {
      const body = { id: "mine", cron: "0 3 1 1 *", task: { workflow: "cluster", infra: "kind" } };
      await of("open", "POST", "/schedules", body)();
      return of("open", "POST", "/schedules", body)();
    },
    "there is a schedule mine already; delete it first",
    "body.id",
  ],
  [
    "subnet-taken",
    "a network's subnet",
    environment("docker", {
      type: "cluster_topology",
      topology: { nodes: [{ name: "a", taskservs: ["redis"] }], network: { subnet: "198.18.1.0/24" } },
    }),
    "config.topology.network.subnet: 198.18.1.0/24 overlaps with Docker's network lab; name another, or leave it out for one that is free",
    "body.config.topology.network.subnet",
  ],
  [
    "wrong-state",
    "a second cancel",
    async () => {
      const served = await at("open");
      const id = await served.submit({ wait: true });
      return served.ask("POST", `/tasks/${id}/cancel`);
    },
    /^task [\w-]+ is completed/,
    "path.id",
  ],
  [
    "wrong-state",
    "tests in an environment that is deleted",
    async () => {
      const { json } = await environment("docker", REDIS)();
      const { id } = (json as { data: { id: string } }).data;
      await of("docker", "DELETE", `/test/environments/${id}`)();
      return of("docker", "POST", `/test/environments/${id}/run`)();
    },
    /^environment env-\w+ is Deleting: no tests run in it$/,
    "path.id",
  ],
  ["too-large", "a megabyte", servers({ infra: "k".repeat(1024 * 1024) }), "the body is too large", "body"],
  [
    "address-too-long",
    "a long address",
    of("open", "GET", `/tasks/${"a".repeat(101)}`),
    "a part of the address is too long",
    "path",
  ],
  // What a page of another origin can send without asking.
  [
    "media-type",
    "text",
    servers('{"infra":"kind"}', { "content-type": "text/plain" }),
    "send a body as application/json",
    "header.content-type",
  ],
  [
    "dependency-cycle",
    "a circle",
    of("open", "POST", "/tasks/batch", {
      tasks: ["a", "b"].map((ref) => ({ workflow: "cluster", infra: "kind", ref, depends_on: ["a", "b"] })),
    }),
    /^dependsOn: .* goes round in a circle; take one of them out$/,
    "body.tasks",
  ],
  [
    "dependency-unknown",
    "a task that there is not",
    servers({ infra: "kind", depends_on: ["x"] }),
    "dependsOn: no task x",
    "body.depends_on",
  ],
  [
    "docker-refused",
    "a Docker that refuses",
    async () => {
      await at("docker");
      docker.refuses = true;
      const answer = await environment("docker", REDIS)();
      docker.refuses = false;
      return answer;
    },
    "Docker refuses: not for you",
    null,
  ],
  [
    "limit-above-host",
    "more than the host has",
    environment("docker", { ...REDIS, resources: { memory_mb: 4096 } }),
    /^redis\S*: memory_mb 4096 is more than the Docker host has \(1024\); ask for less$/,
    "body.config",
  ],
  [
    "template-unknown",
    "a template that there is not",
    environment("open", { type: "cluster_topology", template: "etcd" }),
    /^config\.template: there is no template etcd; there are .*etcd_cluster/,
    "body.config.template",
  ],
  [
    "tests-unknown",
    "a test that there is not",
    async () => {
      const { json } = await environment("docker", REDIS)();
      const { id } = (json as { data: { id: string } }).data;
      return of("docker", "POST", `/test/environments/${id}/run`, { tests: ["x"] })();
    },
    /^tests: there is no test x; there are /,
    "body.tests",
  ],
  [
    "topology-invalid",
    "a template and a topology",
    environment("open", { type: "cluster_topology" }),
    "config: give either a topology or the name of a template",
    "body.config",
  ],
  [
    "too-many-requests",
    "three at once, of one a second",
    async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, of("rated", "GET", "/tasks")));
      return answers.find(({ status }) => status !== 200) ?? { status: 200, json: {}, headers: new Headers() };
    },
    "more than 1 requests a second",
    null,
  ],
  [
    "too-many-streams",
    "a stream too many",
    async () => {
      const { url } = (await at("open")).service;
      const abort = new AbortController();
      const refused = new Promise<Awaited<ReturnType<Ask>>>((resolve, reject) => {
        for (let count = 0; count < 201; count++) {
          fetch(`${url}/events`, { signal: abort.signal })
            .then(async (response) => {
              const { status, headers } = response;
              if (status !== 200) resolve({ status, headers, json: await response.json() });
            })
            .catch(reject);
        }
      });
      const answer = await refused;
      abort.abort();
      return answer;
    },
    "200 streams are open",
    null,
  ],
  [
    "headers-too-large",
    "a long header",
    raw("open", `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${"a".repeat(20_000)}\r\n\r\n`),
    "the headers are too large",
    null,
  ],
  ["internal", "a bug", failing(new Error("canary")), "the service has a bug; its log says more", null],
  [
    "internal",
    "what only a task can fail with",
    failing(new PermanentError("tests-failed", "canary")),
    "the service has a bug; its log says more",
    null,
  ],
  storageFails("closed"),
  storageFails("storage-away"),
  storageFails("storage-broken"),
  [
    "no-leader",
    "a node while none leads",
    async () => {
      const answers = { own: undefined, leader: undefined, secret: undefined };
      const door = await Door.open({ host: "127.0.0.1", port: 0 }, "a", () => answers);
      const response = await fetch(`http://127.0.0.1:${door.port}/tasks`);
      door.close();
      return { status: response.status, json: JSON.parse(await response.text()), headers: response.headers };
    },
    "no node leads at present: another one will within seconds",
    null,
  ],
  [
    "docker-down",
    "a Docker that is down",
    environment("dockerDown", REDIS),
    "no Docker answers at tcp://127.0.0.1:1: ECONNREFUSED; start it, or name another with --docker",
    null,
  ],
  [
    "draining",
    "a drained service",
    of("drained", "POST", "/workflows/cluster/create", { infra: "kind" }),
    "the service is drained: submit again once it is resumed",
    null,
  ],
  [
    "issuer-unreachable",
    "a provider that is down",
    async () => {
      const authorization = `Bearer ${await issuer.token()}`;
      return of("noIssuer", "GET", "/tasks", undefined, { authorization })();
    },
    /^the provider's keys are not to be had: /,
    AUTHORIZATION,
  ],
  [
    "queue-full",
    "one task too many",
    of("full", "POST", "/workflows/cluster/create", { infra: "kind" }),
    "1 tasks wait, of at most 1: submit again later",
    null,
  ],
  [
    "disk-full",
    "a full disk",
    async () => {
      const submit = of("fullDisk", "POST", "/workflows/cluster/create", { infra: "kind" });
      // The first ones still find room in what is kept free for that.
      let answer = await submit();
      for (let count = 0; answer.status === 202 && count < 1000; count++) answer = await submit();
      return answer;
    },
    /^no new task at present: the disk is full/,
    null,
  ],
];

beforeAll(async () => {
  [issuer, docker] = await Promise.all([Issuer.start(), FakeDocker.start()]);
});

afterAll(async () => {
  for (const served of started.values()) await (await served).stop();
  await Promise.all([issuer.stop(), docker.stop()]);
});

test.each(ROWS)("%s: %s", async (code, _title, ask, message, path) => {
  const { status, json, headers } = await ask();
  const { error, ...rest } = json as { error: { code: string; message: string; path: string | null } };
  expect(rest).toEqual({ success: false, data: null });
  expect([status, error.code, error.path]).toEqual([ERROR_CODES[code].status, code, path]);
  expect(error.message).toMatch(typeof message === "string" ? exactly(message) : message);
  const { retryAfter } = ERROR_CODES[code] as { retryAfter?: number };
  expect(headers.get("retry-after")).toBe(retryAfter === undefined ? null : String(retryAfter));
});

test("unhealthy: health is told in full, with why it takes no work", async () => {
  const { status, json } = await of("drained", "GET", "/health")();
  expect(status).toBe(ERROR_CODES.unhealthy.status);
  expect(json).toMatchObject({
    success: false,
    data: { status: "unhealthy" },
    error: { code: "unhealthy", message: "the service is drained, until everything is resumed" },
  });
});

test("no refusal has changed anything, and none was taken for a bug", async () => {
  const served = await at("open");
  const { json } = await served.ask("GET", "/tasks?stack=production");
  expect(json.data).toEqual([]);
  expect(served.log.filter(({ level }) => level === "error")).toEqual([]);
});

test("every code is asked for, stands in the document, and in the table of docs/orchestrator.md", async () => {
  const asked = new Set<string>([...ROWS.map(([code]) => code), "unhealthy"]);
  expect([...asked].sort()).toEqual([...ERROR_CODE_NAMES].sort());
  const { json } = (await of("open", "GET", "/openapi.json")()) as { json: unknown };
  expect(json).toMatchObject({
    components: {
      schemas: { Problem: { properties: { error: { properties: { code: { enum: ERROR_CODE_NAMES } } } } } },
    },
  });
  const page = readFileSync(join(__dirname, "../../../docs/orchestrator.md"), "utf8");
  const rows = page.split("\n").flatMap((line) => {
    const [, code = "", status = "", when = "", next = ""] = line.split("|").map((cell) => cell.trim());
    return isErrorCode(code.replaceAll("`", "")) ? [[code, status, when, next]] : [];
  });
  const wanted = Object.entries(ERROR_CODES).map(([code, meaning]) => [
    `\`${code}\``,
    `${meaning.status}`,
    meaning.when,
    meaning.next,
  ]);
  expect(rows).toEqual(wanted);
});

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
