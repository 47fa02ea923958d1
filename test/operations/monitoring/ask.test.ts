import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { ask, EXIT_CODES, type Outcome } from "../../../operations/monitoring/ask";
import { managedPrometheusUrl, openPrometheus } from "../../../operations/monitoring/endpoint";
import { formatOutcome, outcomeJson } from "../../../operations/monitoring/format";
import { Prometheus } from "../../../operations/monitoring/prometheus";
import { type RecipeName, RECIPES } from "../../../operations/monitoring/recipes";
import { tokenFromFile } from "../../../operations/monitoring/token";
import { plain } from "../../../preview/style";
import { answers, type Scripted, ScriptedApi, type Seen, vector } from "./scripted";

let api: ScriptedApi | undefined;
afterEach(() => {
  api?.stop();
  api = undefined;
});

async function outcomeOf(name: RecipeName, answer: (request: Seen) => Scripted, token?: string): Promise<Outcome> {
  api = await ScriptedApi.start(answer);
  const options = token === undefined ? {} : { token: () => Promise.resolve(token) };
  return ask(name, new Prometheus(api.url, options));
}

/** What counts, and what a person reads in the second line. */
function told({ verdict, reason }: Outcome): [verdict: string, reason: string] {
  return [verdict, reason];
}

const BACKLOG = { "noetl:materializer_backlog": "0", consumer_pending: "0", ack_pending: "0" };

describe("a question", () => {
  test("asks Prometheus by POST, within the scope, and shows what came", async () => {
    api = await ScriptedApi.start(answers({ ...BACKLOG, "noetl:materializer_backlog": "12" }));
    const outcome = await ask("backlog", new Prometheus(`${api.url}/base/`), { cluster: 'a"b', job: "~x.+" });
    expect(outcome).toStrictEqual({
      query: "backlog",
      question: "How many events wait for the materializer?",
      expected: "about 0, at most 200",
      place: `${api.url}/base/`,
      verdict: "green",
      reason: "12 wait, of 200 at most",
      rows: [
        { name: "backlog", labels: {}, value: 12 },
        { name: "waiting", labels: {}, value: 0 },
        { name: "unacknowledged", labels: {}, value: 0 },
      ],
      warnings: [],
    });
    expect(api.seen).toHaveLength(3);
    expect(api.seen.map(({ method, path }) => `${method} ${path}`)).toContain("POST /base/api/v1/query");
    expect(api.seen.map(({ body }) => new URLSearchParams(body).get("query"))).toContain(
      'max(noetl:materializer_backlog{cluster="a\\"b",job=~"x.+"})',
    );
    expect(formatOutcome(outcome, plain)).toBe(
      "How many events wait for the materializer?\n" +
        "green  12 wait, of 200 at most\n\n" +
        "  backlog         12\n  waiting          0\n  unacknowledged   0\n",
    );
  });

  test.each<[RecipeName, Record<string, string>, [string, string]]>([
    ["backlog", { ...BACKLOG, "noetl:materializer_backlog": "200" }, ["green", "200 wait, of 200 at most"]],
    ["backlog", { ...BACKLOG, "noetl:materializer_backlog": "201" }, ["red", "201 wait, which is more than 200"]],
    [
      "backlog",
      { consumer_pending: "0", ack_pending: "0" },
      ["noData", "no worker tells of consumer noetl_materializer, or nobody evaluates the rules"],
    ],
    [
      "backlog",
      { ...BACKLOG, "noetl:materializer_backlog": "NaN" },
      ["nan", "backlog is no number, as when nothing is divided by nothing"],
    ],
    ["backlog", { ...BACKLOG, "noetl:materializer_backlog": "+Inf" }, ["red", "Infinity wait, which is more than 200"]],
    ["flow", {}, ["noData", "the server publishes no events, as before the flip"]],
    ["flow", { published: "0" }, ["info", "the server publishes nothing just now"]],
    ["flow", { published: "2.5" }, ["red", "the server publishes events, and nobody writes them"]],
    ["flow", { published: "2.5", acked: "0" }, ["red", "the server publishes events, and nobody writes them"]],
    ["flow", { published: "NaN" }, ["nan", "published is no number, as when nothing is divided by nothing"]],
    ["flow", { published: "2.5", acked: "2.5" }, ["green", "what the server publishes is written and acknowledged"]],
    ["offserver-state", {}, ["noData", "no worker builds state, as before the flip"]],
    ["offserver-state", { scans: "0" }, ["green", "no scans since the state builders started"]],
    ["offserver-state", { scans: "3" }, ["red", "3 scans since the state builders started"]],
    ["up", {}, ["noData", "nothing scrapes one of them: is its monitor applied, do its pods run?"]],
    ["up", { workers: "1" }, ["noData", "nothing scrapes one of them: is its monitor applied, do its pods run?"]],
    ["up", { workers: "1", server: "1" }, ["green", "all targets answer"]],
    ["up", { workers: "0", server: "1" }, ["red", "not all targets answer: workers"]],
    ["consumers", {}, ["noData", "nobody has such metrics"]],
    ["consumers", { consumer_pending: "4" }, ["info", "for information: nothing is expected of it"]],
    ["consumers", { consumer_pending: "NaN" }, ["nan", "waiting is no number, as when nothing is divided by nothing"]],
  ])("%s, answered with %j", async (name, byText, expected) => {
    expect(told(await outcomeOf(name, answers(byText)))).toEqual(expected);
  });

  const rule = (name: string, health: string, lastError?: string) => ({ name, type: "alerting", health, lastError });
  const group = (name: string, ...rules: object[]) => ({ name, rules });
  const ok = rule("MaterializerBacklogWarning", "ok");

  test.each<[string, object[], [string, string]]>([
    ["none", [], ["noData", "no rules are loaded"]],
    ["others only", [group("other", ok)], ["red", "group noetl-materializer-lag is not loaded"]],
    ["all in health", [group("noetl-materializer-lag", ok)], ["green", "every rule evaluates"]],
    [
      "one that fails",
      [group("noetl-materializer-lag", ok, rule("X", "err", "many-to-many matching"))],
      ["red", "rule X fails: many-to-many matching"],
    ],
    [
      "one that was not evaluated yet",
      [group("noetl-materializer-lag", ok, rule("X", "unknown"))],
      ["noData", "not every rule has been evaluated yet"],
    ],
  ])("rules, when %s are loaded", async (_, groups, expected) => {
    expect(told(await outcomeOf("rules", () => ({ body: { status: "success", data: { groups } } })))).toEqual(expected);
  });

  const alert = (alertname: string, state: string) => ({ labels: { alertname, component: "materializer" }, state });

  test.each<[string, object[], object[], [string, string]]>([
    ["none fires", [], [group("g", ok)], ["green", "no alert is firing"]],
    ["none can", [], [], ["noData", "no rules are loaded, so that nothing could fire"]],
    ["one is pending", [alert("A", "pending")], [group("g", ok)], ["green", "no alert is firing; pending: A"]],
    ["two fire", [alert("A", "firing"), alert("B", "firing")], [group("g", ok)], ["red", "firing: A, B"]],
  ])("alerts, when %s", async (_, alerts, groups, expected) => {
    const outcome = await outcomeOf("alerts", ({ path }) => ({
      body: { status: "success", data: path === "/api/v1/alerts" ? { alerts } : { groups } },
    }));
    expect(told(outcome)).toEqual(expected);
  });

  test("leaves out alerts of another scope", async () => {
    api = await ScriptedApi.start(({ path }) => ({
      body: {
        status: "success",
        data: path === "/api/v1/alerts" ? { alerts: [alert("A", "firing")] } : { groups: [group("g", ok)] },
      },
    }));
    const { verdict } = await ask("alerts", new Prometheus(api.url), { component: "server" });
    expect(verdict).toBe("green");
  });
});

describe("an API that gives no good answer", () => {
  const body = { status: "error", errorType: "x", error: "the reason" };

  test.each<[string, Scripted, Partial<Outcome>]>([
    [
      "401",
      { status: 401, body },
      {
        verdict: "unauthorized",
        reason: "API answers 401: the reason",
        next: expect.stringContaining("--token-file") as never,
      },
    ],
    [
      "403, as Google says it",
      { status: 403, body: { error: { message: "denied" } } },
      { verdict: "unauthorized", reason: "API answers 403: denied" },
    ],
    [
      "429 with a delay",
      { status: 429, headers: { "retry-after": "7" }, body: "" },
      { verdict: "rateLimited", reason: "API answers 429: too many requests", next: "ask again in 7 s", retryAfter: 7 },
    ],
    [
      "429 with a date that has passed",
      { status: 429, headers: { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }, body: "" },
      { verdict: "rateLimited", next: "ask again in 0 s", retryAfter: 0 },
    ],
    ["429 alone", { status: 429, body: "" }, { verdict: "rateLimited", next: "ask again in a minute" }],
    ["400", { status: 400, body }, { verdict: "refused", reason: "API answers 400: the reason" }],
    ["422", { status: 422, body: "<html>" }, { verdict: "refused", reason: "API answers 422" }],
    ["404", { status: 404, body: "404 page not found" }, { verdict: "unsupported", reason: "API answers 404" }],
    ["503", { status: 503, body: "" }, { verdict: "unreachable", reason: "API answers 503" }],
    [
      "a redirect to a login page",
      { status: 302, headers: { location: "https://accounts.example.com" }, body: "" },
      { verdict: "unreadable", reason: "API answers 302: a redirect" },
    ],
    ["a web page", { body: "<html>" }, { verdict: "unreadable", reason: "API does not answer like Prometheus" }],
    ["another JSON", { body: { status: "success", data: [] } }, { verdict: "unreadable" }],
  ])("%s", async (_, answer, expected) => {
    const outcome = await outcomeOf("backlog", () => answer);
    const place = api?.url ?? "";
    expect({ ...outcome, reason: outcome.reason.replace(place, "API") }).toMatchObject({ ...expected, rows: [] });
  });

  test("is not reachable", async () => {
    const gone = await ScriptedApi.start(() => ({ body: "" }));
    gone.stop();
    const outcome = await ask("backlog", new Prometheus(gone.url));
    expect(told(outcome)).toEqual([
      "unreachable",
      `${gone.url} cannot be reached: connect ECONNREFUSED ${new URL(gone.url).host}`,
    ]);
  });

  test("does not answer in time", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const outcome = await ask("backlog", new Prometheus(url, { limit: 20 }));
    silent.closeAllConnections();
    silent.close();
    expect(told(outcome)).toEqual(["unreachable", `${url} cannot be reached: no answer within 0.02 s`]);
  });

  test("serves no rules: says who does", async () => {
    const outcome = await outcomeOf("rules", () => ({ status: 404, body: "" }));
    expect(outcome).toMatchObject({
      verdict: "unsupported",
      reason: `${api?.url ?? ""} does not serve rules`,
      next: "Google's query API has no rules: port-forward the rule-evaluator of gmp-system, and name it with --rules-url",
    });
  });

  test("gives part of an answer: never green", async () => {
    const outcome = await outcomeOf("backlog", answers(BACKLOG, { warnings: ["one store is away"] }));
    expect(told(outcome)).toEqual(["partial", "the answer is not all there is: one store is away"]);
    expect(outcome.rows).toHaveLength(3);
  });

  test("gives part of an answer that is red already", async () => {
    const outcome = await outcomeOf(
      "backlog",
      answers({ ...BACKLOG, "noetl:materializer_backlog": "999" }, { warnings: ["one store is away"] }),
    );
    expect(outcome).toMatchObject({ verdict: "red", warnings: ["one store is away"] });
    expect(formatOutcome(outcome, plain)).toContain("\nwarning: one store is away\n");
  });
});

describe("what is shown", () => {
  test("has a distinct exit code for each kind of outcome, and 0 for none but green and info", () => {
    expect(EXIT_CODES).toEqual({
      green: 0,
      info: 0,
      red: 1,
      noData: 3,
      nan: 4,
      partial: 5,
      unreachable: 6,
      unauthorized: 7,
      rateLimited: 8,
      unsupported: 9,
      refused: 9,
      unreadable: 9,
    });
  });

  test("is JSON also with NaN, infinity and nothing", async () => {
    const outcome = await outcomeOf("consumers", ({ body }) => ({
      body: body.includes("ack_pending")
        ? vector()
        : vector([{ stream: "a" }, "NaN"], [{ stream: "b" }, "-Inf"], [{ stream: "c" }, "1e3"]),
    }));
    expect((JSON.parse(outcomeJson(outcome)) as { rows: unknown }).rows).toEqual([
      { name: "waiting", labels: { stream: "a" }, value: "NaN" },
      { name: "waiting", labels: { stream: "b" }, value: "-Infinity" },
      { name: "waiting", labels: { stream: "c" }, value: 1000 },
      { name: "unacknowledged", labels: {}, value: null },
    ]);
    expect(formatOutcome(outcome, plain).split("\n").slice(3)).toEqual([
      "  waiting         stream=a      NaN",
      "  waiting         stream=b       -∞",
      "  waiting         stream=c     1000",
      "  unacknowledged            no data",
      "",
    ]);
  });

  test("has a question for each recipe", () => {
    expect(Object.values(RECIPES).map(({ question }) => question.at(-1))).toEqual(Object.keys(RECIPES).map(() => "?"));
  });
});

describe("who asks", () => {
  let folder: string;
  const file = (text: string): string => {
    folder = mkdtempSync(join(tmpdir(), "noetl-token-"));
    writeFileSync(join(folder, "token"), text);
    return join(folder, "token");
  };
  afterEach(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
    folder = "";
  });

  test("a token file is read anew for each request", async () => {
    api = await ScriptedApi.start(answers({ published: "0" }));
    const path = file("first\n");
    const prometheus = openPrometheus({ url: api.url, tokenFile: path });
    await prometheus.query("published");
    writeFileSync(path, "second");
    await prometheus.query("published");
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(["Bearer first", "Bearer second"]);
  });

  test("nobody, where no token is given", async () => {
    api = await ScriptedApi.start(answers({ published: "0" }));
    await openPrometheus({ url: api.url }).query("published");
    expect(api.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test("a refused token is told without it", async () => {
    const outcome = await outcomeOf("backlog", () => ({ status: 401, body: "" }), "canary-token");
    expect(outcome.next).toBe(
      "the token is not valid there or lacks the right; Google's API wants roles/monitoring.viewer in the project",
    );
    expect(outcomeJson(outcome)).not.toContain("canary");
  });

  test.each([
    ["nothing", ""],
    ["two lines", "canary\nother"],
  ])("a token file that holds %s is refused without its content", (_, text) => {
    expect(() => tokenFromFile(file(text))).toThrow(/^the token file \S+ holds no token\nnext: write one line/);
  });

  test("a token file that is missing is refused", () => {
    expect(() => tokenFromFile("/nowhere/token")).toThrow("the token file /nowhere/token cannot be read: ENOENT");
  });

  test.each([{ tokenFile: "/x" }, { adc: true }])(
    "with %j, an unencrypted way to another machine is refused",
    (who) => {
      expect(() => openPrometheus({ url: "http://prometheus.example.com", ...who })).toThrow(
        "http://prometheus.example.com is not encrypted, and everybody on the way could read the token",
      );
    },
  );

  test("a project means Google's API, with a token of its own", () => {
    expect(openPrometheus({ project: "acme-prod", tokenFile: "/x" }).url).toBe(
      "https://monitoring.googleapis.com/v1/projects/acme-prod/location/global/prometheus",
    );
    expect(managedPrometheusUrl("p")).toContain("/projects/p/");
  });

  test("rules elsewhere are asked for without the token", async () => {
    api = await ScriptedApi.start(() => ({ body: { status: "success", data: { groups: [] } } }));
    await openPrometheus({ url: "https://prometheus.example.com", rulesUrl: api.url, tokenFile: "/x" }).rules();
    expect(api.seen).toEqual([{ method: "GET", path: "/api/v1/rules", body: "", authorization: undefined }]);
  });
});
