import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import type { RuleGroup } from "./rules";
import { rulesFile, type Runbooks } from "./rules-file";
import { NO_EXECUTIONS, podSelector, SCRAPE_LIMITS, type ScrapeFacts, tlsKeys } from "./scrape";

/** API group and version of Google Managed Prometheus. */
const GMP_API = "monitoring.googleapis.com/v1";

/** `PodMonitoring`: the collectors take no others, and heed no `prometheus.io` annotations. */
export function podMonitoring(facts: ScrapeFacts) {
  const { name, namespace, port, interval, tls } = facts;
  const keys = tls && tlsKeys(tls);
  return {
    apiVersion: GMP_API,
    kind: "PodMonitoring",
    metadata: { name, namespace: namespace.created, labels: monitorLabels(facts) },
    spec: {
      selector: podSelector(facts),
      endpoints: [
        {
          port,
          path: "/metrics",
          interval,
          ...(keys && {
            scheme: "https",
            tls: {
              serverName: keys.serverName,
              ca: { secret: keys.ca },
              cert: { secret: keys.cert },
              key: { secret: keys.key },
            },
          }),
          metricRelabeling: [{ ...NO_EXECUTIONS, sourceLabels: [...NO_EXECUTIONS.sourceLabels] }],
        },
      ],
      // The others of the default are of no use to any rule, and each is a label more.
      targetLabels: { metadata: ["container", "pod"] },
      limits: { ...SCRAPE_LIMITS },
      // A pod that has ended may have left its address to another one.
      filterRunning: true,
    },
  };
}

/** `Rules` of the platform's namespace, or `ClusterRules`. */
export function rules(group: RuleGroup, namespace: Namespace, runbooks: Runbooks) {
  const isCluster = group.scope === "cluster";
  return {
    apiVersion: GMP_API,
    kind: isCluster ? "ClusterRules" : "Rules",
    metadata: {
      name: group.name,
      ...(!isCluster && { namespace: namespace.created }),
      labels: ruleLabels(group),
    },
    spec: rulesFile([group], runbooks),
  };
}

export function monitorLabels({ component, labels: extra = {} }: Pick<ScrapeFacts, "component" | "labels">) {
  return labels({ app: "noetl", component, extra });
}

/** Those of the platform's own manifests for the guard of the flip; `monitoring` for all others. */
export function ruleLabels({ name }: RuleGroup) {
  if (name !== "noetl-materializer-lag") return labels({ app: "noetl", component: "monitoring" });
  return labels({ app: "noetl", component: "materializer", extra: FLIP_GUARDRAIL });
}

/** On objects the label may have its own spelling; on alerts it is `noetl_io_flip_guardrail`. */
export const FLIP_GUARDRAIL = { "noetl.io/flip-guardrail": "publish-only" };
