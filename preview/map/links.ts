import { manifestOf, type Json, type Manifest, type Resource, type ResourceGraph } from "../graph";
import { at, isObject, objectOf, textOf, type JsonObject } from "../json";
import { selects } from "../network/selector";

/** Why one resource needs another, for people: `Deployment noetl-server-rust calls Service nats`. */
export type Reason =
  "calls" | "reads" | "mounts" | "runs as" | "selects" | "scales" | "grants" | "is made by" | "waits for";

/** That one resource needs another. */
export interface Link {
  /** URN of who needs. */
  from: string;
  /** URN of what is needed. */
  to: string;
  reason: Reason;
}

/** Keys of a manifest below which stands the name of another object: key, kind of the object, reason. */
const REFERENCES: Record<string, readonly [kinds: readonly string[], reason: Reason]> = {
  secretKeyRef: [["Secret"], "reads"],
  secretRef: [["Secret"], "reads"],
  secretTargetRef: [["Secret"], "reads"],
  imagePullSecrets: [["Secret"], "reads"],
  secretName: [["Secret"], "reads"],
  secret: [["Secret"], "reads"],
  configMapKeyRef: [["ConfigMap"], "reads"],
  configMapRef: [["ConfigMap"], "reads"],
  configMap: [["ConfigMap"], "reads"],
  claimName: [["PersistentVolumeClaim"], "mounts"],
  serviceAccountName: [["ServiceAccount"], "runs as"],
  serviceName: [["Service"], "calls"],
  scaleTargetRef: [["Deployment", "StatefulSet"], "scales"],
  authenticationRef: [["TriggerAuthentication"], "reads"],
  secretProviderClass: [["SecretProviderClass"], "reads"],
  roleRef: [["Role", "ClusterRole"], "grants"],
  subjects: [["ServiceAccount"], "grants"],
  issuerRef: [["Issuer", "ClusterIssuer"], "is made by"],
};

/** `nats.nats.svc` in an address: a Service and its namespace, also behind the name of a pod. */
const ADDRESS = /(?<![a-z0-9-])([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc\b/g;

/**
 * What needs what: references in manifests, addresses of Services, selectors, and what Pulumi waits for. At most one
 * link for a pair, the most telling; none to something that is not in the graph, and none of a resource to itself.
 * Sorted as the graph is.
 */
export function linksOf(graph: ResourceGraph): Link[] {
  const shown = new Set(
    graph.resources.filter(({ type }) => !type.startsWith("pulumi:")).map((resource) => resource.urn),
  );
  const objects = new Map<string, string>();
  for (const resource of graph.resources) {
    const manifest = manifestOf(resource);
    if (manifest) objects.set(keyOf(manifest.kind, manifest.metadata.namespace, manifest.metadata.name), resource.urn);
  }
  const pods = podsOf(graph);
  return graph.resources.flatMap((resource) => {
    if (!shown.has(resource.urn)) return [];
    const found = new Map<string, Reason>();
    const manifest = manifestOf(resource);
    const add = (to: string | undefined, reason: Reason): void => {
      if (to !== undefined && to !== resource.urn && shown.has(to) && !found.has(to)) found.set(to, reason);
    };
    if (manifest) {
      for (const { kind, namespace, name, reason } of referencesOf(manifest)) {
        add(objects.get(keyOf(kind, namespace, name)) ?? objects.get(keyOf(kind, undefined, name)), reason);
      }
      for (const urn of selectedBy(manifest, pods)) add(urn, "selects");
    }
    for (const dependency of resource.dependencies) add(dependency, "waits for");
    return [...found].map(([to, reason]) => ({ from: resource.urn, to, reason }));
  });
}

interface Reference {
  kind: string;
  namespace: string | undefined;
  name: string;
  reason: Reason;
}

function referencesOf(manifest: Manifest): Reference[] {
  const found: Reference[] = [];
  const own = manifest.metadata.namespace;
  const note = (key: string, value: Json): void => {
    const known = REFERENCES[key];
    if (!known) return;
    for (const item of Array.isArray(value) ? value : [value]) {
      const name = textOf(item) ?? textOf(at(item, "name")) ?? textOf(at(item, "secretName"));
      const wanted = textOf(at(item, "kind"));
      const namespace = textOf(at(item, "namespace")) ?? own;
      for (const kind of known[0]) {
        if (name !== undefined && (wanted === undefined || wanted === kind))
          found.push({ kind, namespace, name, reason: known[1] });
      }
    }
  };
  const walk = (value: Json): void => {
    if (typeof value === "string") found.push(...addressesIn(value));
    else if (Array.isArray(value)) value.forEach(walk);
    else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        note(key, item);
        walk(item);
      }
    }
  };
  walk(Object.fromEntries(Object.entries(manifest).filter(([key]) => key !== "metadata")));
  return found;
}

function addressesIn(text: string): Reference[] {
  return [...text.matchAll(ADDRESS)].map(([, name = "", namespace]) => ({
    kind: "Service",
    namespace,
    name,
    reason: "calls",
  }));
}

/** What makes pods, with their labels. */
interface Pods {
  urn: string;
  namespace: string | undefined;
  labels: JsonObject;
}

function podsOf(graph: ResourceGraph): Pods[] {
  return graph.resources.flatMap((resource: Resource) => {
    const manifest = manifestOf(resource);
    const labels = manifest && at(manifest.spec, "template", "metadata", "labels");
    return isObject(labels) ? [{ urn: resource.urn, namespace: manifest?.metadata.namespace, labels }] : [];
  });
}

/** Kinds that make pods of their own select these only, and say so twice. */
const OWN_PODS: readonly string[] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"];

function selectedBy(manifest: Manifest, pods: readonly Pods[]): string[] {
  if (OWN_PODS.includes(manifest.kind)) return [];
  const spec = objectOf(manifest.spec);
  const selector = manifest.kind === "Service" ? spec.selector && { matchLabels: spec.selector } : selectorOf(spec);
  if (selector === undefined) return [];
  return pods
    .filter(({ namespace, labels }) => namespace === manifest.metadata.namespace && selects(selector, labels))
    .map(({ urn }) => urn);
}

function selectorOf({ selector, podSelector }: JsonObject): Json | undefined {
  const found = podSelector ?? selector;
  return isObject(found) ? found : undefined;
}

function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${namespace ?? ""}/${name}`;
}
