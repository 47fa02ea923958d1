import { afterEach, describe, expect, test } from "@jest/globals";
import { allPass, type Condition, conditionsOf } from "../../../operations/flip/conditions";
import { formatConditions } from "../../../operations/flip/format";
import { proofCondition, proofEdits, routingOf } from "../../../operations/flip/pager-proof";
import { Prometheus } from "../../../operations/monitoring/prometheus";
import { plain } from "../../../preview/style";
import { editStackText } from "../../../stacks/config/edit";
import { configOf, FILE, stackText } from "../../stacks/config/support";
import { type Scripted, ScriptedApi, type Seen, vector } from "../monitoring/scripted";
import { SHADOW, shadowConfig } from "./facts";

const NOW = new Date("2026-11-21T10:00:00Z");
const BASELINE = { seconds: 900, step: 30 };

/** A test may ask more than one. */
const apis: ScriptedApi[] = [];
afterEach(() => {
  for (const api of apis.splice(0)) api.stop();
});

const RULES = [{ name: "noetl-materializer-lag", rules: [{ name: "X", type: "alerting", health: "ok" }] }];

/** A platform on which all is well; queries that hold a text answer otherwise. */
function well(other: Record<string, string | undefined> = {}, alerts: object[] = []): (request: Seen) => Scripted {
  return ({ path, body }) => {
    if (path.endsWith("/rules")) return { body: { status: "success", data: { groups: RULES } } };
    if (path.endsWith("/alerts")) return { body: { status: "success", data: { alerts } } };
    const expression = new URLSearchParams(body).get("query") ?? "";
    const found = Object.entries(other).find(([text]) => expression.includes(text));
    if (found) return { body: found[1] === undefined ? vector() : vector([{ alertname: "A" }, found[1]]) };
    if (expression.includes("ALERTS")) return { body: vector() };
    return { body: vector([{}, expression.startsWith("count_over_time") ? "30" : "1"]) };
  };
}

async function conditions(answer: (request: Seen) => Scripted, more: object = {}): Promise<Condition[]> {
  const api = await ScriptedApi.start(answer);
  apis.push(api);
  return conditionsOf({
    config: shadowConfig(NOW),
    api: new Prometheus(api.url),
    scope: {},
    baseline: BASELINE,
    now: NOW,
    ...more,
  });
}

/** Conditions that do not hold. */
async function open(answer: (request: Seen) => Scripted, more: object = {}): Promise<string[]> {
  const all = await conditions(answer, more);
  return all.filter(({ state }) => state !== "pass").map(({ id, state, evidence }) => `${id} ${state}: ${evidence}`);
}

describe("the conditions of the flip", () => {
  test("all hold where all is well, each with its evidence", async () => {
    const all = await conditions(well());
    expect(allPass(all)).toBe(true);
    expect(all.map(({ id, evidence }) => [id, evidence])).toStrictEqual([
      ["stage", "noetl:server.flip is shadow"],
      ["workers", "a target has answered at each moment, for 15 min"],
      ["server", "a target has answered at each moment, for 15 min"],
      ["rules", "every rule evaluates"],
      ["materializer", "at least 1 at each moment, for 15 min"],
      ["backlog", "at most 1 events waited, of 200 allowed, for 15 min"],
      ["alerts", "none, while the rules were evaluated, for 15 min"],
      ["pager", "kim answered the page at 2026-11-21T10:00:00.000Z"],
      ["database", "the schema Job of this stack makes it, and owns the database"],
    ]);
    expect(formatConditions(all, plain)).toMatch(
      /^preconditions {2}ready\n {2}✓ the materializer runs in shadow +noetl:server\.flip is shadow\n/,
    );
  });

  test.each<[string, (request: Seen) => Scripted, string[]]>([
    [
      "nothing is scraped",
      well({ 'min(up{job=~"(.+/)?noetl-workers"})': undefined }),
      ["workers unknown: nothing is scraped"],
    ],
    [
      "a target is down",
      well({ 'min(up{job=~"(.+/)?noetl-server"})': "0" }),
      ["server fail: a target does not answer now"],
    ],
    [
      "none answered for a moment",
      well({ 'min_over_time((max(up{job=~"(.+/)?noetl-workers"': "0" }),
      ["workers fail: there was a moment when none answered"],
    ],
    ["no materializer is there", well({ materializer_acked: undefined }), ["materializer unknown: no data"]],
    [
      "the baseline is half seen",
      well({ "count_over_time((max(noetl:materializer_backlog))": "15" }),
      ["backlog unknown: there is data for 50 % of 15 min only"],
    ],
    [
      "the backlog was large",
      well({ "max_over_time((max(noetl:materializer_backlog))": "201" }),
      ["backlog fail: at most 201 events waited, of 200 allowed"],
    ],
    [
      "the backlog is no number",
      well({ "max_over_time((max(noetl:materializer_backlog))": "NaN" }),
      ["backlog unknown: a value is no number"],
    ],
    ["an alert has fired", well({ ALERTS: "3" }), ["alerts fail: fired within 15 min: A"]],
    [
      "an alert is firing",
      well({}, [{ labels: { alertname: "B", component: "materializer" }, state: "firing" }]),
      ["alerts fail: firing: B"],
    ],
    [
      "nobody evaluated the rules",
      well({ "noetl:materializer_backlog": undefined }),
      ["backlog unknown: no data", "alerts unknown: no data"],
    ],
  ])("do not hold when %s", async (_, answer, expected) => {
    expect(await open(answer)).toStrictEqual(expected);
  });

  test("take what may wait from the stack's alert", async () => {
    const { monitoring, ...rest } = shadowConfig(NOW);
    const thresholds = { ...monitoring.thresholds, backlogWarning: 20 };
    const config = { ...rest, monitoring: { ...monitoring, thresholds } };
    expect(await open(well({ "max_over_time((max(noetl:materializer_backlog))": "21" }), { config })).toStrictEqual([
      "backlog fail: at most 21 events waited, of 20 allowed",
    ]);
  });

  const LIVE = ["workers", "server", "rules", "materializer", "backlog", "alerts"];

  test.each<[string, Scripted, string]>([
    ["allows nobody in", { status: 401, body: "" }, "answers 401"],
    ["has too much to do", { status: 429, headers: { "retry-after": "9" }, body: "" }, "too many requests"],
    ["is broken", { status: 500, body: "" }, "answers 500"],
    ["is something else", { body: "hello" }, "does not answer like Prometheus"],
  ])("stay unknown when the API %s", async (_, answer, says) => {
    const found = await open(() => answer);
    expect(found.map((line) => line.split(":")[0])).toStrictEqual(LIVE.map((id) => `${id} unknown`));
    expect(found.filter((line) => line.includes(says))).toHaveLength(LIVE.length);
  });

  test("stay unknown when the API gives part of an answer", async () => {
    const found = await open((request) => {
      const { body } = well()(request);
      return { body: { ...(body as object), warnings: ["a store is away"] } };
    });
    expect(found.map((line) => line.split(":")[0])).toStrictEqual(LIVE.map((id) => `${id} unknown`));
  });

  test("stay unknown when no Prometheus is named", async () => {
    expect(await open(well(), { api: undefined })).toStrictEqual(
      LIVE.map((id) => `${id} unknown: no Prometheus was named`),
    );
  });

  test.each(["off", "on"])("fail in stage %s", async (flip) => {
    const config = shadowConfig(NOW);
    expect(await open(well(), { config: { ...config, server: { ...config.server, flip } } })).toStrictEqual([
      `stage fail: noetl:server.flip is ${flip}`,
    ]);
  });

  test("need somebody's word for a database that is somebody else's", async () => {
    const config = { ...shadowConfig(NOW), postgres: { mode: "external" } };
    expect(await open(well(), { config })).toStrictEqual([
      "database unknown: the database is somebody else's, and no metric tells of its columns",
    ]);
    expect(await open(well(), { config, databaseReady: "kim" })).toStrictEqual([]);
  });
});

describe("the proof of the pager", () => {
  const day = (days: number): Date => new Date(NOW.getTime() + days * 24 * 3600 * 1000);

  test("is written to the stack file, and read from there", () => {
    const text = stackText(SHADOW);
    const before = configOf(text);
    expect(proofCondition(before, NOW)).toMatchObject({ state: "unknown", evidence: "nobody has tried" });
    const after = configOf(editStackText(text, FILE, proofEdits(before, { at: NOW, by: "kim" })));
    expect(after.pager.proof).toStrictEqual({
      at: "2026-11-21T10:00:00Z",
      by: "kim",
      receiver: "noetl-flip-pager",
      config: routingOf(before),
    });
    expect(proofCondition(after, NOW)).toMatchObject({ state: "pass" });
  });

  test.each<[string, Date, string]>([
    ["counts for seven days", day(-7), "pass"],
    ["counts no longer than that", new Date(day(-7).getTime() - 1), "unknown"],
    ["does not count before it was made", new Date(NOW.getTime() + 1), "unknown"],
  ])("%s", (_, at, state) => {
    expect(proofCondition(shadowConfig(at), NOW).state).toBe(state);
  });

  test("does not count once somebody else is paged, but for another key", () => {
    const config = shadowConfig(NOW);
    const slack = { ...config, pager: { ...config.pager, slack: { channel: "#x" } } };
    expect(proofCondition(slack, NOW)).toMatchObject({
      state: "unknown",
      evidence: expect.stringContaining("before noetl:pager was changed") as never,
    });
    const key = { ...config, secrets: { ...config.secrets, pagerDutyRoutingKey: "another" } };
    expect(proofCondition(key, NOW).state).toBe("pass");
  });

  test("fails where alerts reach nobody", () => {
    const config = configOf(stackText("noetl:keda: {}"));
    expect(proofCondition(config, NOW)).toMatchObject({ state: "fail", evidence: "alerts reach nobody" });
  });
});
