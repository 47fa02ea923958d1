import type { Json, Manifest, Resource, ResourceGraph } from "../../../preview/graph";
import { graph, object, resource } from "../support";

const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };
const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

function labels(app: string): Record<string, string> {
  return {
    app,
    "app.kubernetes.io/name": app,
    "app.kubernetes.io/part-of": "noetl",
    "app.kubernetes.io/managed-by": "pulumi",
  };
}

const meta = (name: string, namespace?: string) => ({
  name,
  ...(namespace !== undefined && { namespace }),
  labels: labels(name),
});

const namespace = (name: string, protect = false) =>
  object(
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { ...labels(name), ...RESTRICTED } } },
    { protect },
  );

const deny = (space: string) =>
  object({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: meta("default-deny", space),
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  });

const container = (name: string, port?: number): Record<string, Json> => ({
  name,
  image: `registry.example/${name}:1.0@${DIGEST}`,
  env: [{ name: "LOG_LEVEL", value: "info" }],
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  ...(port !== undefined && {
    ports: [{ name: "http", containerPort: port }],
    readinessProbe: { httpGet: { path: "/", port: "http" } },
    livenessProbe: { httpGet: { path: "/", port: "http" } },
  }),
});

const podSpec = (app: string, more: Record<string, Json>): Record<string, Json> => ({
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { app } },
    },
  ],
  ...more,
});

const template = (app: string, spec: Record<string, Json>): Json => ({
  metadata: { labels: labels(app) },
  spec: podSpec(app, spec),
});

const budget = (app: string, space: string) =>
  object({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: meta(app, space),
    spec: { maxUnavailable: 1, selector: { matchLabels: { app } } },
  });

const service = (app: string, space: string) =>
  object({
    apiVersion: "v1",
    kind: "Service",
    metadata: meta(app, space),
    spec: { selector: { app }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
  });

/** A small platform that keeps to every policy, in production, too: what serves, what holds data, and what runs at times. */
export function goodGraph(): ResourceGraph {
  return graph(
    namespace("web"),
    namespace("data", true),
    deny("web"),
    deny("data"),
    object({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: meta("shop", "web"),
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "shop" } },
        template: template("shop", { initContainers: [container("wait")], containers: [container("shop", 8080)] }),
      },
    }),
    service("shop", "web"),
    budget("shop", "web"),
    object({
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: meta("cleanup", "web"),
      spec: {
        schedule: "0 * * * *",
        jobTemplate: { spec: { template: template("cleanup", { containers: [container("cleanup")] }) } },
      },
    }),
    object({
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: meta("store", "data"),
      spec: {
        replicas: 3,
        serviceName: "store",
        selector: { matchLabels: { app: "store" } },
        template: template("store", { containers: [container("store", 5432)] }),
        volumeClaimTemplates: [{ metadata: { name: "disk" }, spec: { resources: { requests: { storage: "1Gi" } } } }],
      },
    }),
    service("store", "data"),
    budget("store", "data"),
    object({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: meta("shop", "web"),
      rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["shop"] }],
    }),
    object({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: meta("shop", "web"),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "shop" },
      subjects: [{ kind: "ServiceAccount", name: "shop", namespace: "web" }],
    }),
    object({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: meta("reader"),
      rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "list"] }],
    }),
    object({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: meta("shop", "web"),
      data: { "shop.yaml": "level: info\n" },
    }),
    resource("random:index/randomBytes:RandomBytes", "encryption-key", { length: 32 }, { protect: true }),
  );
}

/** The good graph after somebody laid hands on one of its resources. */
export function mutated(name: string, change: (inputs: Inputs, resource: Resource) => void): ResourceGraph {
  const copy = goodGraph();
  const found = copy.resources.find((one) => titleOf(one) === name);
  if (!found) throw new Error(`no ${name} among ${copy.resources.map(titleOf).join(", ")}`);
  change(found.inputs as Inputs, found);
  return copy;
}

/** The good graph without one of its resources. */
export function without(name: string): ResourceGraph {
  const copy = goodGraph();
  return { ...copy, resources: copy.resources.filter((one) => titleOf(one) !== name) };
}

/** The good graph with one more object. */
export function withObject(manifest: Manifest): ResourceGraph {
  const copy = goodGraph();
  return { ...copy, resources: [...copy.resources, ...graph(object(manifest)).resources.slice(1)] };
}

/** Inputs as tests write into them: no mutation is checked twice, by the compiler and by its test. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Inputs = any;

/** `Deployment shop`. */
function titleOf({ type, name }: Resource): string {
  return `${type.slice(type.lastIndexOf(":") + 1)} ${name}`;
}

export { labels as goodLabels };
