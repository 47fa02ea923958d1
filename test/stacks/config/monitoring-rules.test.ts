import { describe, expect, test } from "@jest/globals";
import { configOf, problem, problemsOf, stackText } from "./support";

/** A custom alert without mistakes, but for what is replaced; a field is left out by undefined. */
function alert(replaced: Record<string, unknown> = {}): string {
  const rule = {
    alert: "Mine",
    expr: "up == 0",
    severity: "warning",
    summary: "s",
    runbook: "https://a.b/c",
    ...replaced,
  };
  return group([rule]);
}

function group(rules: unknown[], rest: Record<string, unknown> = {}): string {
  return `noetl:monitoring: ${JSON.stringify({ customRules: [{ name: "mine", rules, ...rest }] })}`;
}

/** What is said of a stack with these lines: path, message and what is allowed. */
function told(lines: string) {
  return problemsOf(stackText(lines)).map(({ path, message, allowed }) => [path, message, allowed]);
}

const RULE = "noetl:monitoring.customRules[0].rules[0]";

describe("monitoring", () => {
  test("given no key, when read, then nobody watches, and the thresholds are the platform's own", () => {
    expect(configOf(stackText("")).monitoring).toEqual({
      kind: "none",
      chosenBy: [],
      kubeState: true,
      thresholds: {
        backlogWarning: 200,
        backlogCritical: 2000,
        consumerLag: 100,
        jetstreamPercent: 80,
        connectionPercent: 80,
        certificateDays: 7,
      },
      customRules: [],
    });
  });

  test.each([
    ["an alert", alert()],
    [
      "a record and an alert on it",
      group([
        { record: "mine:up", expr: "up" },
        { alert: "A", expr: "mine:up > 1", severity: "critical", summary: "s", runbook: "http://a/b" },
      ]),
    ],
    ["an alert on what the platform records", alert({ expr: "noetl:consumer_lag > 7" })],
    [
      "an alert on NATS, whose exporter runs",
      `${group([{ record: "mine:up", expr: 'nats_varz_routes{namespace="nats"}' }], { scope: "cluster" })}\nnoetl:nats: { exporter: true }`,
    ],
  ])("given %s, when read, then nothing is wrong", (_, lines) => {
    expect(told(lines)).toEqual([]);
  });

  test("given bad PromQL, when read, then the place in the file and in the expression are told", () => {
    const lines =
      "noetl:monitoring:\n  customRules:\n    - name: mine\n      rules:\n        - record: mine:a\n          expr: |\n            sum(\n              rate(up[5m)\n            )";
    expect(problemsOf(stackText(lines))).toEqual([
      problem("10:19", `${RULE}.expr`, 'at 2:13: is no PromQL: there is ")" where something else must stand', {
        allowed: "PromQL such as sum(rate(noetl_worker_pulls_total[5m])) > 0",
      }),
    ]);
  });

  test.each([
    [
      "an unknown metric",
      { expr: "noetl_event_ingested_total > 0" },
      [
        `${RULE}.expr`,
        "at 1:1: nobody exports a metric noetl_event_ingested_total",
        expect.stringMatching(/^noetl_events_ingested_total/),
      ],
    ],
    ["an unknown label", { expr: 'up{jobb="x"} == 0' }, [`${RULE}.expr`, "at 1:4: up has no label jobb", "job"]],
    [
      "an illegal label",
      { labels: [{ name: "noetl.io/flip", value: "x" }] },
      [`${RULE}.labels`, '"noetl.io/flip" is no name of a label', "letters, digits and _, such as noetl_io_flip"],
    ],
    ["no severity", { severity: undefined }, [`${RULE}.severity`, "alert Mine has no severity", "critical or warning"]],
    [
      "no runbook",
      { runbook: undefined },
      [`${RULE}.runbook`, "alert Mine has no runbook", "the URL of a page that says what to do"],
    ],
    ["no summary", { summary: undefined }, [`${RULE}.summary`, "alert Mine has no summary", "what it says, in a line"]],
    [
      "the name of an alert of the platform",
      { alert: "NoetlServerDown" },
      [`${RULE}.alert`, "an alert NoetlServerDown is there already", "another name"],
    ],
    ["a record, too", { record: "mine:a" }, [`${RULE}.record`, "alert Mine records nothing", "either record or alert"]],
    [
      "metrics of a part that is not scraped",
      { expr: "keda_scaled_object_errors_total > 0" },
      [
        `${RULE}.expr`,
        "nothing in this stack is scraped for the metrics of the KEDA operator",
        "set noetl:keda.install and metrics: true",
      ],
    ],
    [
      "a label twice",
      {
        labels: [
          { name: "a", value: "x" },
          { name: "a", value: "y" },
        ],
      },
      [`${RULE}.labels[1].name`, expect.stringMatching(/^label a is there already/), "each label once"],
    ],
    ["a bad duration", { for: "soon" }, [`${RULE}.for`, '"soon" is no duration', "a duration such as 5m"]],
  ])("given an alert with %s, when read, then it is told", (_, replaced, expected) => {
    expect(told(alert(replaced))).toEqual([
      [expected[0], expect.stringContaining(typeof expected[1] === "string" ? expected[1] : ""), expected[2]],
    ]);
  });

  test("given many mistakes, when read, then all are told at once", () => {
    const wrong = group(
      [{ expr: "up" }, { alert: "A b", expr: "upp + downn", labels: [{ name: "job", value: "x" }] }],
      {
        interval: "often",
      },
    );
    expect(told(wrong).map(([path, message]) => [path, message])).toEqual([
      [RULE, "neither records nor alerts"],
      ["noetl:monitoring.customRules[0].rules[1].severity", "alert A b has no severity"],
      ["noetl:monitoring.customRules[0].rules[1].summary", "alert A b has no summary"],
      ["noetl:monitoring.customRules[0].rules[1].runbook", "alert A b has no runbook"],
      ["noetl:monitoring.customRules[0].rules[1].alert", '"A b" is no name of an alert'],
      [
        "noetl:monitoring.customRules[0].rules[1].expr",
        "at 1:1: nobody exports a metric upp; at 1:7: nobody exports a metric downn",
      ],
      ["noetl:monitoring.customRules[0].rules[1].labels", "label job is set for every rule already"],
      ["noetl:monitoring.customRules[0].interval", '"often" is no duration'],
    ]);
  });

  test("given thresholds the wrong way round, when read, then it is told", () => {
    expect(told("noetl:monitoring: { thresholds: { backlogWarning: 2000 } }")).toEqual([
      [
        "noetl:monitoring.thresholds.backlogCritical",
        "2000 would be critical before 2000 is a warning",
        "more than 2000",
      ],
    ]);
  });

  test("given monitoring of a server that serves no metrics, when read, then it is told", () => {
    expect(told("noetl:monitoring: { kind: gmp }\nnoetl:server: { metrics: false }")).toEqual([
      ["noetl:server.metrics", expect.stringContaining("the server would tell nothing to those who watch it"), "true"],
    ]);
  });
});
