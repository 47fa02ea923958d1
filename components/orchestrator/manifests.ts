import type * as k8s from "@pulumi/kubernetes";
import { stringify } from "yaml";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { fromField, fromSecret, literal, type EnvVar } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import { NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements } from "../kubernetes/resources";
import { spreadOver } from "../kubernetes/spread";
import {
  CONFIG_FOLDER,
  DATA,
  KUBECONFIG_FILE,
  PASSWORD_FILE,
  POD_IP,
  serveArguments,
  SURREALDB_CA_FILE,
  SURREALDB_FOLDER,
  TOKENS_FILE,
} from "./command";
import { isService, type OrchestratorFacts } from "./facts";

/** What a service that is told to stop needs after its drain: engines are asked to end, then killed, and all is stored. */
const STOPPING_SECONDS = 75;

/** Where every pod finds who it is. */
const ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

export const PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE";
export const ACCESS_TOKEN = "PULUMI_ACCESS_TOKEN";
export const SURREALDB_PASSWORD = "SURREALDB_PASSWORD";

type PodTemplate = k8s.types.input.core.v1.PodTemplateSpec;
type Metadata = Pick<OrchestratorFacts, "name" | "namespace">;

export function metadata({ name, namespace }: Metadata) {
  return { name, namespace: namespace.created, labels: orchestratorLabels(name) };
}

export function orchestratorLabels(name: string) {
  return labels({ app: name, component: "orchestrator" });
}

export function service(facts: OrchestratorFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts),
    spec: { selector: selector(facts.name), ports: [{ name: "http", port: facts.port, targetPort: "http" }] },
  };
}

export function serviceAccount(facts: OrchestratorFacts): k8s.core.v1.ServiceAccountArgs {
  const account = facts.pulumi?.googleAccount;
  return {
    metadata: {
      ...metadata(facts),
      ...(account !== undefined && { annotations: { "iam.gke.io/gcp-service-account": account } }),
    },
    automountServiceAccountToken: false,
  };
}

/** Files without secrets, by their names: hashes of tokens, the way to the API server as the pod's own account, and CAs. */
export function files({ tokens, pulumi, context, surrealdb }: OrchestratorFacts): Record<string, string> {
  return {
    ...(tokens.length > 0 && { [TOKENS_FILE]: stringify({ tokens }) }),
    ...(pulumi && { [KUBECONFIG_FILE]: kubeconfig(context) }),
    ...(surrealdb?.ca !== undefined && { [SURREALDB_CA_FILE]: surrealdb.ca }),
  };
}

/** Knows one cluster under one name: stacks of others are refused, as on any machine whose kubeconfig lacks them. */
function kubeconfig(context: string): string {
  const server = "https://kubernetes.default.svc";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "own", cluster: { server, "certificate-authority": `${ACCOUNT_FOLDER}/ca.crt` } }],
    users: [{ name: "own", user: { tokenFile: `${ACCOUNT_FOLDER}/token` } }],
    contexts: [{ name: context, context: { cluster: "own", user: "own" } }],
  });
}

export function configMap(facts: OrchestratorFacts, data: Record<string, string>): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(facts), data };
}

/** Which secret values it is given. */
export function secretKeys({ pulumi, surrealdb }: Pick<OrchestratorFacts, "pulumi" | "surrealdb">): string[] {
  return [...pulumiKeys(pulumi), ...(surrealdb ? [SURREALDB_PASSWORD] : [])];
}

function pulumiKeys(pulumi: OrchestratorFacts["pulumi"]): string[] {
  return [...(pulumi?.passphrase ? [PASSPHRASE] : []), ...(pulumi && isService(pulumi) ? [ACCESS_TOKEN] : [])];
}

export function disruptionBudget(facts: OrchestratorFacts): k8s.policy.v1.PodDisruptionBudgetArgs {
  return oneAtATime(metadata(facts), facts.name);
}

/**
 * One pod with a volume: the folder of its tasks has one writer. Not a Deployment: the pod that comes after has the same
 * name, by which locks of Pulumi that the one before has left are known as its own.
 *
 * @param fingerprint changes with the files, which are read at the start
 */
export function statefulSet(facts: OrchestratorFacts, fingerprint: string): k8s.apps.v1.StatefulSetArgs {
  const { name, storage, storageClass } = facts;
  return {
    metadata: metadata(facts),
    spec: {
      serviceName: name,
      replicas: 1,
      selector: { matchLabels: selector(name) },
      template: podTemplate(facts, fingerprint),
      volumeClaimTemplates: [
        {
          metadata: { name: "data", labels: orchestratorLabels(name) },
          spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: storageClass,
            resources: { requests: { storage } },
          },
        },
      ],
    },
  };
}

/**
 * Pods that share what SurrealDB keeps, and have nothing of their own that the next one would miss. So an update begins a
 * new one first, also where there is one only: what the old one does not finish goes on there.
 *
 * @param fingerprint as of {@link statefulSet}
 */
export function deployment(facts: OrchestratorFacts, fingerprint: string): k8s.apps.v1.DeploymentArgs {
  const { name, replicas } = facts;
  return {
    metadata: metadata(facts),
    spec: {
      replicas,
      selector: { matchLabels: selector(name) },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: podTemplate(facts, fingerprint),
    },
  };
}

function podTemplate(facts: OrchestratorFacts, fingerprint: string): PodTemplate {
  const { name, pulumi, surrealdb, drain, replicas } = facts;
  const password = { key: SURREALDB_PASSWORD, path: PASSWORD_FILE };
  return {
    metadata: { labels: orchestratorLabels(name), annotations: { "noetl.io/config": fingerprint } },
    spec: {
      ...restrictedPod({ uid: NOBODY, fsGroup: NOBODY }),
      serviceAccountName: name,
      terminationGracePeriodSeconds: drain + STOPPING_SECONDS,
      ...(pulumi && {
        automountServiceAccountToken: true,
        // A container that is killed leaves a lock; only in the namespace of its processes it is seen that they are gone.
        shareProcessNamespace: true,
      }),
      ...(replicas > 1 && { topologySpreadConstraints: spreadOver(name, "zone", "node") }),
      containers: [container(facts)],
      volumes: [
        { name: "tmp", emptyDir: {} },
        { name: "programs", emptyDir: {} },
        { name: "config", configMap: { name } },
        ...(surrealdb
          ? [
              { name: "data", emptyDir: {} },
              { name: "surrealdb", secret: { secretName: name, defaultMode: 0o440, items: [password] } },
            ]
          : []),
      ],
    },
  };
}

function container(facts: OrchestratorFacts): k8s.types.input.core.v1.Container {
  const get = (path: string) => ({ httpGet: { path, port: "status" } });
  return {
    name: "orchestrator",
    image: facts.image,
    args: serveArguments(facts),
    ports: [
      { name: "http", containerPort: facts.port },
      { name: "status", containerPort: facts.statusPort },
    ],
    env: environment(facts),
    resources: resourceRequirements(facts.resources),
    // Another machine's lock on the folder is watched for 15 s, and a long queue is read.
    startupProbe: { ...get("/health/ready"), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 150 },
    readinessProbe: { ...get("/health/ready"), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...get("/health/live"), periodSeconds: 15, timeoutSeconds: 10, failureThreshold: 4 },
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [
      { name: "data", mountPath: DATA },
      { name: "tmp", mountPath: "/tmp" },
      // Bundled when they are first loaded.
      { name: "programs", mountPath: "/app/node_modules/.cache" },
      { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
      ...(facts.surrealdb ? [{ name: "surrealdb", mountPath: SURREALDB_FOLDER, readOnly: true }] : []),
    ],
  };
}

/**
 * Secrets of Pulumi are variables, not files: what ends in PASSPHRASE, TOKEN and the like is taken out of every log and answer.
 */
function environment({ name, pulumi, surrealdb }: OrchestratorFacts): EnvVar[] {
  return [
    literal("HOME", "/tmp"),
    ...(surrealdb ? [fromField(POD_IP, "status.podIP")] : []),
    ...(pulumi
      ? [
          literal("KUBECONFIG", `${CONFIG_FOLDER}/${KUBECONFIG_FILE}`),
          literal("PULUMI_HOME", "/tmp/pulumi"),
          literal("PULUMI_BACKEND_URL", pulumi.backend),
          literal("PULUMI_SKIP_UPDATE_CHECK", true),
          ...pulumiKeys(pulumi).map((key) => fromSecret(key, { secret: name, key })),
          ...pulumi.variables.map(({ variable, secret, key }) => fromSecret(variable, { secret, key })),
        ]
      : []),
  ];
}
