import { alertmanagerConfig, hasSomebody, receiversFor } from "../../components/monitoring/alertmanager";
import { counted } from "../amounts";
import { manifestOf, type ResourceGraph } from "../graph";
import { listOf, objectOf, textOf } from "../json";
import type { PlatformConfig } from "../../stacks/schema";
import type { Check } from "./check";

/**
 * An alert that ends at a receiver with nobody behind it is lost, and looks like a quiet night. The routing is computed as
 * an Alertmanager does it, over every alert that the stack deploys, its own rules included.
 */
export const alertRoutes: Check = {
  id: "alert-routes",
  title: "Every alert reaches somebody.",
  run: ({ graph, config }) => {
    const alerts = alertsIn(graph);
    if (alerts.length === 0) return [];
    const { pagerDuty, slack } = config.pager;
    if (pagerDuty === undefined && slack === undefined) {
      return [
        {
          severity: "info",
          rule: alertRoutes.id,
          resource: "noetl:pager",
          message: `${counted(alerts.length, "alert")} reach nobody: neither PagerDuty nor Slack is set`,
          fix: "set noetl:pager.pagerDuty or noetl:pager.slack, with its key in noetl:secrets",
        },
      ];
    }
    const watcher = config.monitoring.kind;
    const { kind } = config.pager.alertmanager;
    if (watcher !== "none" && watcher !== kind) {
      return [
        {
          severity: "error",
          rule: alertRoutes.id,
          resource: "noetl:pager.alertmanager.kind",
          message: `${counted(alerts.length, "alert")} of ${watcher}, and the Alertmanager of ${kind} never hears of them`,
          fix: `set noetl:pager.alertmanager.kind to ${watcher}`,
        },
      ];
    }
    const routes = alertmanagerConfig(withoutKeys(config.pager));
    return alerts
      .filter(({ labels }) => !receiversFor(routes, labels).some((name) => hasSomebody(routes, name)))
      .map(({ name, labels, resource }) => ({
        severity: "error" as const,
        rule: alertRoutes.id,
        resource,
        message: `alert ${name} of severity ${labels.severity ?? "none"} reaches nobody`,
        fix: "give it a severity that noetl:pager routes: critical or warning",
      }));
  },
};

/** The pager's settings with keys that stand for the real ones: routes do not depend on them. */
function withoutKeys({ pagerDuty, slack, ...times }: PlatformConfig["pager"]) {
  return {
    ...times,
    ...(pagerDuty && { pagerDuty: { ...pagerDuty, routingKey: "" } }),
    ...(slack && { slack: { ...slack, webhookUrl: "" } }),
  };
}

/** An alert that a rules object raises. */
interface Alert {
  name: string;
  labels: Record<string, string>;
  /** URN of the object. */
  resource: string;
}

const KINDS: readonly string[] = ["Rules", "ClusterRules", "GlobalRules", "PrometheusRule"];

/** Every alert of a graph. */
function alertsIn(graph: ResourceGraph): Alert[] {
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    if (!manifest || !KINDS.includes(manifest.kind)) return [];
    const rules = listOf(objectOf(manifest.spec).groups).flatMap((group) => listOf(objectOf(group).rules));
    return rules.flatMap((rule) => {
      const name = textOf(objectOf(rule).alert);
      return name === undefined ? [] : [{ name, labels: labelsOf(objectOf(rule).labels), resource: resource.urn }];
    });
  });
}

function labelsOf(value: Parameters<typeof objectOf>[0]): Record<string, string> {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([name, text]) => [name, textOf(text) ?? ""]));
}
