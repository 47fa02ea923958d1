import type * as k8s from "@pulumi/kubernetes";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { literal } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import { spreadOver } from "../kubernetes/spread";

/** What the bridge's pods are made from. */
export interface BridgeFacts {
  /** Name of Deployment, Service and ServiceAccount, and the pods' `app` label. */
  name: string;
  namespace: Namespace;
  /** Image with the Python package `noetl`. */
  image: string;
  replicas: number;
  port: number;
  /** Base URL of Ollama. */
  ollamaUrl: string;
  /** Seconds until a call of Ollama fails. */
  timeout: number;
  resources: ResourceAmounts;
}

function metadata({ name, namespace }: Pick<BridgeFacts, "name" | "namespace">) {
  return { name, namespace: namespace.created, labels: bridgeLabels(name) };
}

function bridgeLabels(name: string) {
  return labels({ app: name, component: "ai-bridge" });
}

export function service(facts: BridgeFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts),
    spec: { selector: selector(facts.name), ports: [{ name: "jsonrpc", port: facts.port, targetPort: "jsonrpc" }] },
  };
}

export function serviceAccount(facts: BridgeFacts): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(facts), automountServiceAccountToken: false };
}

export function disruptionBudget(facts: BridgeFacts): k8s.policy.v1.PodDisruptionBudgetArgs {
  return oneAtATime(metadata(facts), facts.name);
}

export function deployment(facts: BridgeFacts): k8s.apps.v1.DeploymentArgs {
  const healthz = { httpGet: { path: "/healthz", port: "jsonrpc" } };
  return {
    metadata: metadata(facts),
    spec: {
      replicas: facts.replicas,
      selector: { matchLabels: selector(facts.name) },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: bridgeLabels(facts.name) },
        spec: {
          ...restrictedPod({ uid: NOBODY }),
          serviceAccountName: facts.name,
          ...(facts.replicas > 1 && { topologySpreadConstraints: spreadOver(facts.name, "zone", "node") }),
          containers: [
            {
              name: "ollama-bridge",
              image: facts.image,
              command: ["python", "-m", "noetl.tools.ollama_bridge"],
              ports: [{ name: "jsonrpc", containerPort: facts.port }],
              env: [
                literal("OLLAMA_URL", facts.ollamaUrl),
                literal("OLLAMA_TIMEOUT_SECONDS", facts.timeout),
                literal("OLLAMA_BRIDGE_HOST", "0.0.0.0"),
                literal("OLLAMA_BRIDGE_PORT", facts.port),
                // The root file system is read-only.
                literal("HOME", "/tmp"),
              ],
              resources: resourceRequirements(facts.resources),
              readinessProbe: {
                ...healthz,
                initialDelaySeconds: 5,
                periodSeconds: 10,
                timeoutSeconds: 3,
                failureThreshold: 6,
              },
              livenessProbe: {
                ...healthz,
                initialDelaySeconds: 30,
                periodSeconds: 30,
                timeoutSeconds: 5,
                failureThreshold: 4,
              },
              securityContext: RESTRICTED_CONTAINER,
              volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
            },
          ],
          volumes: [{ name: "tmp", emptyDir: {} }],
        },
      },
    },
  };
}
