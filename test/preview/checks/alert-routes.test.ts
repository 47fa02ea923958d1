import { describe, expect, test } from "@jest/globals";
import * as k8s from "@pulumi/kubernetes";
import { checkContext } from "../../../preview/checks";
import { alertRoutes } from "../../../preview/checks/alert-routes";
import { configOf, stackText } from "../../stacks/config/support";
import { recorded } from "../../support/recorded";

const PAGER = "noetl:pager: { slack: {} }\nnoetl:secrets: { slackWebhookUrl: { secure: v1:a } }";

async function findingsOf(lines: string, severities: readonly string[], kind = "Rules") {
  const rules = severities.map((severity, index) => ({ alert: `A${index}`, expr: "up", labels: { severity } }));
  const graph = await recorded(
    () =>
      new k8s.apiextensions.CustomResource("rules", {
        apiVersion: kind === "PrometheusRule" ? "monitoring.coreos.com/v1" : "monitoring.googleapis.com/v1",
        kind,
        metadata: { name: "rules", namespace: "noetl" },
        spec: { groups: [{ name: "g", rules: [{ record: "a:b", expr: "up" }, ...rules] }] },
      }),
  );
  return alertRoutes.run(checkContext({ graph, config: configOf(stackText(lines)) }));
}

describe("alert-routes", () => {
  test("says nothing where there are no alerts", async () => {
    expect(await findingsOf("noetl:keda: {}", [])).toStrictEqual([]);
  });

  test("tells how many reach nobody without a pager", async () => {
    expect(await findingsOf("noetl:keda: {}", ["critical", "warning"])).toMatchObject([
      {
        severity: "info",
        resource: "noetl:pager",
        message: "2 alerts reach nobody: neither PagerDuty nor Slack is set",
      },
    ]);
  });

  test("refuses an Alertmanager that never hears of the alerts", async () => {
    const lines = `${PAGER}\nnoetl:monitoring: { kind: prometheusOperator }`;
    expect(await findingsOf(lines, ["critical"], "PrometheusRule")).toMatchObject([
      {
        severity: "error",
        resource: "noetl:pager.alertmanager.kind",
        message: "1 alert of prometheusOperator, and the Alertmanager of gmp never hears of them",
        fix: "set noetl:pager.alertmanager.kind to prometheusOperator",
      },
    ]);
  });

  test.each(["Rules", "ClusterRules", "PrometheusRule"])("follows the alerts of %s", async (kind) => {
    const findings = await findingsOf(PAGER, ["critical", "warning", "info"], kind);
    expect(findings).toMatchObject([{ severity: "error", message: "alert A2 of severity info reaches nobody" }]);
  });
});
