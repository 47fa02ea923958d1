import { describe, expect, test } from "@jest/globals";
import { missingRules, platformRules } from "../../../components/monitoring/groups";
import { exportersIn } from "../../../components/monitoring/monitored";
import { exportersOf, problemsOf } from "../../../components/monitoring/rule-check";
import { alertsOf, type AlertingRule, type RuleGroup } from "../../../components/monitoring/rules";
import { EVERYTHING, LEAST } from "./facts";

const ALERT: AlertingRule = {
  alert: "Some",
  expr: "up == 0",
  severity: "warning",
  component: "mine",
  summary: "s",
  description: "d",
};

function group(rule: Partial<AlertingRule>, rest: Partial<RuleGroup> = {}): RuleGroup {
  return { name: "mine", interval: "1m", scope: "namespace", rules: [{ ...ALERT, ...rule }], ...rest };
}

function messagesOf(one: RuleGroup, others: readonly RuleGroup[] = []) {
  return problemsOf([one], { others }).map(({ field, message, allowed }) => [field, message, allowed]);
}

describe("the platform's own rules", () => {
  test.each([
    ["every part", EVERYTHING],
    ["no part that need not be", LEAST],
  ])("given a platform with %s, when its rules are checked, then nothing is wrong", (_, monitored) => {
    expect(problemsOf(platformRules(monitored))).toEqual([]);
  });

  test.each([
    ["every part", EVERYTHING],
    ["no part that need not be", LEAST],
  ])("given a platform with %s, when its rules are asked what they need, then all of it is scraped", (_, monitored) => {
    const groups = platformRules(monitored);
    const needed = groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => exportersOf(expr, groups)));
    const scraped = exportersIn(monitored);
    expect(needed.filter((exporter) => !scraped.has(exporter))).toEqual([]);
  });

  test("given the least platform, when asked what is missing, then each part is told with what nobody is told of", () => {
    expect(missingRules(exportersIn(LEAST)).map(({ exporter, title }) => [exporter, title])).toEqual([
      ["nats", "NATS exporter"],
      ["keda", "KEDA operator"],
      ["pgbouncer", "PgBouncer exporter"],
      ["certManager", "cert-manager"],
      ["kubeState", "kube state metrics"],
    ]);
    expect(missingRules(exportersIn(EVERYTHING))).toEqual([]);
  });

  test("given the group of the flip, when read, then it is that of the platform's own manifests", () => {
    const [materializer] = platformRules(EVERYTHING);
    expect(materializer).toMatchObject({ name: "noetl-materializer-lag", interval: "15s", scope: "namespace" });
    expect(
      alertsOf(materializer ? [materializer] : []).map((alert) => [alert.alert, alert.for, alert.severity]),
    ).toEqual([
      ["MaterializerBacklogWarning", "10m", "warning"],
      ["MaterializerBacklogCritical", "5m", "critical"],
      ["MaterializerBacklogGrowing", "15m", "critical"],
      ["MaterializerStalledUnderGate", "5m", "critical"],
      ["MaterializerProjectErrors", "5m", "warning"],
      ["MaterializerAbsentUnderGate", "5m", "critical"],
    ]);
    for (const { labels, component, runbookUrl, alert } of alertsOf(materializer ? [materializer] : [])) {
      expect([component, labels]).toEqual(["materializer", { noetl_io_flip_guardrail: "publish-only" }]);
      expect(runbookUrl).toBe(
        `https://github.com/noetl/ops/blob/main/runbooks/noetl-cqrs-publish-only-flip.md#${alert.toLowerCase()}`,
      );
    }
  });
});

describe("checks of rules", () => {
  test.each([
    [
      "an empty name",
      { alert: "No good" },
      ["alert", '"No good" is no name of an alert', "letters, digits and _, such as QueueTooLong"],
    ],
    ["no severity", { severity: "" }, ["severity", "alert Some has no severity", "critical or warning"]],
    ["another severity", { severity: "page" }, ["severity", '"page" is no severity', "critical or warning"]],
    ["no duration", { for: "five" }, ["for", '"five" is no duration', "a duration such as 5m"]],
    [
      "a label with a dot and a slash",
      { labels: { "noetl.io/flip-guardrail": "x" } },
      [
        "labels",
        '"noetl.io/flip-guardrail" is no name of a label',
        "letters, digits and _, such as noetl_io_flip_guardrail",
      ],
    ],
    [
      "a label that is set already",
      { labels: { namespace: "x" } },
      ["labels", "label namespace is set for every rule already", "another label"],
    ],
    [
      "bad PromQL",
      { expr: "sum(\n  rate(up[5m)\n)" },
      ["expr", 'at 2:13: is no PromQL: there is ")" where something else must stand', undefined],
    ],
    [
      "an unknown metric",
      { expr: "rate(noetl_event_ingested_total[5m]) > 0" },
      [
        "expr",
        "at 1:6: nobody exports a metric noetl_event_ingested_total",
        expect.stringMatching(/^noetl_events_ingested_total/),
      ],
    ],
    [
      "a selector without a name",
      { expr: '{job="x"} > 0' },
      ["expr", "at 1:1: a selector must name its metric", undefined],
    ],
    [
      "an unknown label",
      { expr: 'noetl_worker_pulls_total{outcom="failed"} > 0' },
      ["expr", "at 1:26: noetl_worker_pulls_total has no label outcom", "outcome"],
    ],
    [
      "an unknown label to group by",
      { expr: "sum by (execution_id) (noetl_worker_pulls_total) > 0" },
      [
        "expr",
        "at 1:9: no metric of this rule has a label execution_id",
        "container, instance, job, namespace, outcome, pod",
      ],
    ],
    [
      "another namespace",
      { expr: 'up{namespace="nats"} == 0' },
      ["expr", "at 1:4: a rule of scope namespace sees its own namespace only", "scope: cluster"],
    ],
    [
      "a label that only Google writes",
      { expr: 'up{cluster="x"} == 0' },
      ["expr", "at 1:4: up has no label cluster", "container, instance, job, namespace, pod"],
    ],
  ])("given a rule with %s, when checked, then it is told", (_, rule, expected) => {
    expect(messagesOf(group(rule))).toEqual([expected]);
  });

  test("given a rule of the whole cluster, when it names no namespace, then it is asked which one", () => {
    expect(messagesOf(group({}, { scope: "cluster" }))).toEqual([
      ["expr", "at 1:1: up of which namespace?", 'a matcher such as namespace="nats"'],
    ]);
    expect(messagesOf(group({ expr: 'up{namespace="nats"} == 0' }, { scope: "cluster" }))).toEqual([]);
  });

  test("given names that others have, when checked, then each is told", () => {
    const others = platformRules(LEAST);
    const mine = group({ alert: "NoetlServerDown" }, { name: "noetl-server" });
    expect(messagesOf(mine, others)).toEqual([
      ["name", "a group noetl-server is there already", "another name"],
      ["alert", "an alert NoetlServerDown is there already", "another name"],
    ]);
  });

  test("given a series that another rule records, when used, then it is known, also by a near name", () => {
    const others = platformRules(LEAST);
    expect(messagesOf(group({ expr: "noetl:consumer_lag > 1" }), others)).toEqual([]);
    expect(messagesOf(group({ expr: "noetl:consumer_lg > 1" }), others)).toEqual([
      ["expr", "at 1:1: nobody exports a metric noetl:consumer_lg", "noetl:consumer_lag"],
    ]);
  });

  test("given a group without rules and with a bad interval, when checked, then both are told", () => {
    expect(messagesOf({ ...group({}), interval: "0s", rules: [] })).toEqual([
      ["name", "group mine has no rules", "at least one rule"],
      ["interval", '"0s" is no duration', "a duration such as 15s or 1m"],
    ]);
  });

  test("given a label that the expression makes, when it groups by it, then that is all right", () => {
    expect(
      messagesOf(group({ expr: 'sum by (pool) (label_replace(up, "pool", "$1", "pod", "(.*)-.*")) > 0' })),
    ).toEqual([]);
  });
});
