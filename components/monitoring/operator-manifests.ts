import type { Namespace } from "../kubernetes/namespaces";
import { monitorLabels, ruleLabels } from "./gmp-manifests";
import type { RuleGroup } from "./rules";
import { rulesFile, type Runbooks, scoped } from "./rules-file";
import { NO_EXECUTIONS, podSelector, SCRAPE_LIMITS, type ScrapeFacts, tlsKeys } from "./scrape";

/** API group and version of the Prometheus Operator. */
const OPERATOR_API = "monitoring.coreos.com/v1";

/** Labels by which a Prometheus of the operator chooses its monitors and rules: `release: monitoring`. */
export type ChosenBy = Readonly<Record<string, string>>;

/** `PodMonitor`: the same pods, labels and limits as with Google Managed Prometheus. */
export function podMonitor(facts: ScrapeFacts, chosenBy: ChosenBy) {
  const { name, namespace, port, interval, tls } = facts;
  const keys = tls && tlsKeys(tls);
  return {
    apiVersion: OPERATOR_API,
    kind: "PodMonitor",
    metadata: { name, namespace: namespace.created, labels: { ...monitorLabels(facts), ...chosenBy } },
    spec: {
      selector: podSelector(facts),
      podMetricsEndpoints: [
        {
          ...(typeof port === "number" ? { portNumber: port } : { port }),
          path: "/metrics",
          interval,
          ...(keys && {
            scheme: "https",
            tlsConfig: {
              serverName: keys.serverName,
              ca: { secret: keys.ca },
              cert: { secret: keys.cert },
              keySecret: keys.key,
            },
          }),
          filterRunning: true,
          // The operator's own would be NAMESPACE/NAME.
          relabelings: [{ action: "replace", targetLabel: "job", replacement: name }],
          metricRelabelings: [{ ...NO_EXECUTIONS, sourceLabels: [...NO_EXECUTIONS.sourceLabels] }],
        },
      ],
      sampleLimit: SCRAPE_LIMITS.samples,
      labelLimit: SCRAPE_LIMITS.labels,
      labelNameLengthLimit: SCRAPE_LIMITS.labelNameLength,
      labelValueLengthLimit: SCRAPE_LIMITS.labelValueLength,
    },
  };
}

/** `PrometheusRule`. Nobody else keeps its rules within a namespace, so that is written into them. */
export function prometheusRule(group: RuleGroup, namespace: Namespace, runbooks: Runbooks, chosenBy: ChosenBy) {
  const file = rulesFile([group], runbooks);
  return {
    apiVersion: OPERATOR_API,
    kind: "PrometheusRule",
    metadata: { name: group.name, namespace: namespace.created, labels: { ...ruleLabels(group), ...chosenBy } },
    spec: group.scope === "namespace" ? scoped(file, { namespace: namespace.name }) : file,
  };
}
