import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { literal } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import { spreadOver } from "../kubernetes/spread";

/** Name of Deployment, Service and ServiceAccount in a platform. */
export const FIRESTORE_AGENT = "firestore-agent";

/** Where the container finds the token. */
const TOKEN_FOLDER = "/var/run/noetl/firestore-agent";
export const TOKEN_KEY = "token";

/** What the agent's pods are made from. */
export interface FirestoreAgentFacts {
  /** Name of Deployment, Service and ServiceAccount, and the pods' `app` label. */
  name: string;
  namespace: Namespace;
  /** Image of agents/firestore. */
  image: string;
  replicas: number;
  port: number;
  /** Google Cloud project of the database. */
  project: string;
  /** Name of the database. */
  database: string;
  /** Least severity that is logged. */
  logLevel: "DEBUG" | "INFO" | "WARNING" | "ERROR";
  resources: ResourceAmounts;
}

/** The Secret with the bearer token. */
export function tokenSecretName(name: string): string {
  return `noetl-${name}`;
}

function metadata({ name, namespace }: Pick<FirestoreAgentFacts, "name" | "namespace">) {
  return { name, namespace: namespace.created, labels: agentLabels(name) };
}

function agentLabels(name: string) {
  return labels({ app: name, component: "mcp-agent" });
}

export function secret(facts: FirestoreAgentFacts, token: pulumi.Input<string>): k8s.core.v1.SecretArgs {
  return { metadata: { ...metadata(facts), name: tokenSecretName(facts.name) }, stringData: { [TOKEN_KEY]: token } };
}

export function service(facts: FirestoreAgentFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts),
    spec: { selector: selector(facts.name), ports: [{ name: "http", port: facts.port, targetPort: "http" }] },
  };
}

/** Workload Identity: whoever runs as this account is the Google service account of this e-mail address. */
export function serviceAccount(
  facts: FirestoreAgentFacts,
  email: pulumi.Input<string>,
): k8s.core.v1.ServiceAccountArgs {
  return {
    metadata: { ...metadata(facts), annotations: { "iam.gke.io/gcp-service-account": email } },
    automountServiceAccountToken: false,
  };
}

export function disruptionBudget(facts: FirestoreAgentFacts): k8s.policy.v1.PodDisruptionBudgetArgs {
  return oneAtATime(metadata(facts), facts.name);
}

export function deployment(facts: FirestoreAgentFacts): k8s.apps.v1.DeploymentArgs {
  const healthz = { httpGet: { path: "/healthz", port: "http" } };
  return {
    metadata: metadata(facts),
    spec: {
      replicas: facts.replicas,
      selector: { matchLabels: selector(facts.name) },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: agentLabels(facts.name) },
        spec: {
          ...restrictedPod({ uid: NOBODY, fsGroup: NOBODY }),
          serviceAccountName: facts.name,
          // The agent gives calls under way 25 seconds.
          terminationGracePeriodSeconds: 30,
          topologySpreadConstraints: spreadOver(facts.name, "zone", "node"),
          containers: [
            {
              name: "firestore-agent",
              image: facts.image,
              ports: [{ name: "http", containerPort: facts.port }],
              env: [
                literal("GOOGLE_CLOUD_PROJECT", facts.project),
                literal("FIRESTORE_DATABASE", facts.database),
                literal("MCP_HOST", "0.0.0.0"),
                literal("MCP_PORT", facts.port),
                literal("MCP_TOKEN_FILE", `${TOKEN_FOLDER}/${TOKEN_KEY}`),
                literal("LOG_LEVEL", facts.logLevel),
              ],
              resources: resourceRequirements(facts.resources),
              startupProbe: { ...healthz, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 30 },
              readinessProbe: { ...healthz, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
              livenessProbe: { ...healthz, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 4 },
              securityContext: RESTRICTED_CONTAINER,
              volumeMounts: [{ name: "token", mountPath: TOKEN_FOLDER, readOnly: true }],
            },
          ],
          // A folder, not a single file: the kubelet puts a changed token there without a restart.
          volumes: [{ name: "token", secret: { secretName: tokenSecretName(facts.name), defaultMode: 0o440 } }],
        },
      },
    },
  };
}
