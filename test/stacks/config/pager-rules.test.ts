import { describe, expect, test } from "@jest/globals";
import { readEngineConfig } from "../../../stacks/config/engine";
import { configOf, problemsIn, problemsOf, stackText } from "./support";

const KEY = "noetl:secrets: { pagerDutyRoutingKey: { secure: v1:a } }";
const HOOK = "noetl:secrets: { slackWebhookUrl: { secure: v1:a } }";

describe("noetl:pager", () => {
  test("reaches nobody by default", () => {
    expect(configOf(stackText("noetl:keda: {}")).pager).toStrictEqual({
      groupWait: "30s",
      groupInterval: "5m",
      repeatInterval: "4h",
      alertmanager: { kind: "gmp", clusterName: "noetl-cluster" },
    });
  });

  test.each([
    `noetl:pager: { pagerDuty: {} }\n${KEY}`,
    `noetl:pager: { slack: { channel: "#alerts" } }\n${HOOK}`,
    `noetl:pager: { pagerDuty: { url: "http://127.0.0.1:1/x" }, alertmanager: { kind: prometheusOperator } }\n${KEY}`,
  ])("takes %s", (lines) => {
    expect(problemsOf(stackText(lines))).toStrictEqual([]);
  });

  test.each<[string, string, string]>([
    [
      "noetl:pager: { pagerDuty: {} }",
      "noetl:secrets.pagerDutyRoutingKey",
      "is missing: pager.pagerDuty has nothing to call with",
    ],
    ["noetl:pager: { slack: {} }", "noetl:secrets.slackWebhookUrl", "is missing: pager.slack has nothing to call with"],
    [KEY, "noetl:secrets.pagerDutyRoutingKey", "is of no use without pager.pagerDuty"],
    [HOOK, "noetl:secrets.slackWebhookUrl", "is of no use without pager.slack"],
    ["noetl:secrets: { slackWebhookUrl: canary }", "noetl:secrets.slackWebhookUrl", "this secret is not encrypted"],
    ["noetl:pager: { groupWait: soon }", "noetl:pager.groupWait", '"soon"'],
    [
      "noetl:pager: { proof: { at: yesterday, by: kim, receiver: a, config: b } }",
      "noetl:pager.proof.at",
      '"yesterday"',
    ],
    ["noetl:pager: { alertmanager: { kind: other } }", "noetl:pager.alertmanager", "other"],
  ])("refuses %s", (lines, path, message) => {
    const problems = problemsOf(stackText(lines)).map((problem) => `${problem.path}: ${problem.message}`);
    expect(problems).toContainEqual(expect.stringContaining(path));
    expect(problems.join("\n")).toContain(message);
    expect(problems.join("\n")).not.toContain("canary");
  });

  test.each([
    ["pagerDutyRoutingKey", "pagerDuty", "canary key"],
    ["slackWebhookUrl", "slack", "canary.slack.com"],
  ])("refuses a decrypted %s of another form, without it", (key, way, value) => {
    const entries = {
      "noetl:profile": "kind",
      "noetl:cluster": JSON.stringify({ context: "x" }),
      "noetl:postgres": JSON.stringify({ mode: "inCluster" }),
      "noetl:pager": JSON.stringify({ [way]: {} }),
      "noetl:secrets": JSON.stringify({ [key]: value }),
    };
    const secretKeys = new Set(["noetl:secrets"]);
    const problems = problemsIn(() => readEngineConfig({ stack: "x", entries, secretKeys }));
    expect(problems).toMatchObject([
      { path: `noetl:secrets.${key}`, message: "does not have the form its reader takes" },
    ]);
    expect(JSON.stringify(problems)).not.toContain("canary");
  });
});
