import { withinLimits } from "./resources";
import { rule, when, type RuleProblem } from "./rule";

/** Namespaces that the platform or Kubernetes itself has. */
const TAKEN = [
  "noetl",
  "nats",
  "nats-supercluster",
  "postgres",
  "default",
  "kube-system",
  "kube-public",
  "kube-node-lease",
];

/** An operator's own namespace is denied and watched as a whole. */
function notTaken(section: "keda" | "certManager", namespace: string): RuleProblem[] {
  const isKubernetes = namespace.startsWith("kube-") || namespace === "default";
  return when(TAKEN.includes(namespace), {
    path: [section, "namespace"],
    message: `"${namespace}" is a namespace of ${isKubernetes ? "Kubernetes" : "the platform"}`,
    allowed: `a namespace that nothing else is in, such as ${section === "keda" ? "keda" : "cert-manager"}`,
  });
}

export const kedaNamespace = rule(
  "`keda.namespace` is the operator's own: no namespace of the platform or of Kubernetes",
  ["keda"],
  ({ keda: { install, namespace } }) => (install === true ? notTaken("keda", namespace) : []),
);

export const certManagerNamespace = rule(
  "`certManager.namespace` is the operator's own: no namespace of the platform, of Kubernetes or of KEDA",
  ["certManager", "keda"],
  ({ certManager: { install, namespace }, keda }) => {
    if (install !== true) return [];
    const isKedas = keda.install === true && keda.namespace === namespace;
    return [
      ...notTaken("certManager", namespace),
      ...when(isKedas, {
        path: ["certManager", "namespace"],
        message: `"${namespace}" is the namespace of KEDA`,
        allowed: "a namespace that nothing else is in, such as cert-manager",
        see: ["keda", "namespace"],
      }),
    ];
  },
);

/** Of a ClusterIssuer, cert-manager looks for Secrets in its own namespace only. */
export const oneCertManager = rule(
  "with `certManager.install`, `tls.ca.operatorNamespace` and `monitoring.certManager.namespace` are `certManager.namespace`",
  ["certManager", "tls", "monitoring"],
  ({ certManager, tls, monitoring }): RuleProblem[] => {
    const { install, namespace } = certManager;
    if (install !== true) return [];
    const see = ["certManager", "namespace"] as const;
    const own = tls.mode === "certManager" && tls.ca.kind === "ClusterIssuer" ? tls.ca.operatorNamespace : namespace;
    const watched = monitoring.certManager?.namespace ?? namespace;
    return [
      ...when(own !== namespace, {
        path: ["tls", "ca", "operatorNamespace"],
        message: `cert-manager, which this stack installs in ${namespace}, would not look for its roots in ${own}`,
        allowed: namespace,
        see,
      }),
      ...when(watched !== namespace, {
        path: ["monitoring", "certManager", "namespace"],
        message: `cert-manager, which this stack installs in ${namespace}, is not in ${watched}`,
        allowed: `${namespace}, or no monitoring.certManager: what the stack installs is watched`,
        see,
      }),
    ];
  },
);

export const certManagerWatched = rule(
  "`monitoring.certManager` needs the operator's metrics",
  ["certManager", "monitoring"],
  ({ certManager: { install, metrics }, monitoring }) =>
    when(install === true && !metrics && monitoring.certManager !== undefined, {
      path: ["monitoring", "certManager"],
      message: "this stack installs cert-manager without metrics, so there is nothing to scrape",
      allowed: "nothing, while certManager.metrics is false",
      next: "set noetl:certManager.metrics: true",
      see: ["certManager", "metrics"],
    }),
);

export const operatorResources = rule(
  "what a container of an operator requests is at most its limit",
  ["keda", "certManager"],
  ({ keda, certManager }) => [
    ...(keda.install === true ? withinLimits(["keda"], keda.resources) : []),
    ...(certManager.install === true ? withinLimits(["certManager"], certManager.resources) : []),
  ],
);
