import { parseImage } from "../components/kubernetes/image";
import { bytesText, counted, cpuText, quantityOf } from "./amounts";
import { manifestOf, type Json, type Manifest, type Resource } from "./graph";
import { at, isObject, listOf, numberOf, objectOf, textOf } from "./json";
import { workloadOf, type Amounts, type Container, type Workload } from "./workloads";

/** Type of a chart that Helm installs; what it makes is not known offline. */
const HELM_RELEASE = "kubernetes:helm.sh/v3:Release";

/** What a person wants to know of a resource at a glance, most important first: `×1`, `noetl/server:3.39.3`, `:8082`. */
export function factsOf(resource: Resource, workload = workloadOf(resource)): string[] {
  const facts = workload ? workloadFacts(workload) : objectFacts(resource);
  return resource.protect ? [...facts, "protected"] : facts;
}

/** The last word of a resource's type, or its Kubernetes kind: `StatefulSet`, `RandomPassword`, `NatsCluster`. */
export function kindOf(resource: Resource): string {
  return manifestOf(resource)?.kind ?? resource.type.slice(resource.type.lastIndexOf(":") + 1);
}

/** The name people know a resource by: of the object in the cluster, else in the program. */
export function nameOf(resource: Resource): string {
  return manifestOf(resource)?.metadata.name ?? resource.name;
}

/**
 * An image as short as it stays clear: without registry, at most two path parts, digests cut:
 * `ghcr.io/noetl/server:3.39.3` → `noetl/server:3.39.3`, `docker.io/library/nats:2.12` → `nats:2.12`.
 */
export function shortImage(reference: string): string {
  const image = parseImage(reference);
  if (!image) return reference;
  const parts = image.repository.split("/");
  const path = /[.:]|^localhost$/.test(parts[0] ?? "") && parts.length > 1 ? parts.slice(1) : parts;
  const name = (path[0] === "library" ? path.slice(1) : path).slice(-2).join("/");
  if (image.tag !== undefined) return `${name}:${image.tag}`;
  return image.digest === undefined ? name : `${name}@${image.digest.slice("sha256:".length, "sha256:".length + 8)}…`;
}

function workloadFacts(workload: Workload): string[] {
  const { containers, manifest } = workload;
  const images = [...new Set(containers.map((container) => container.image))].filter((image) => image !== undefined);
  return [
    ...(workload.kind === "CronJob" ? [textOf(at(manifest.spec, "schedule")) ?? ""] : []),
    ...replicaFacts(workload),
    ...images.map(shortImage),
    ...portFacts(containers.flatMap((container) => container.ports.map((port) => port.number))),
    ...amountFacts(workload),
  ];
}

function replicaFacts({ kind, replicas }: Workload): string[] {
  if (kind === "DaemonSet") return ["each node"];
  if (kind === "Pod" || kind === "Job" || kind === "CronJob") return replicas.count === 1 ? [] : [`×${replicas.count}`];
  return [replicas.autoscaled ? `×${replicas.count}–${replicas.max}` : `×${replicas.count}`];
}

function portFacts(ports: number[]): string[] {
  return ports.length === 0 ? [] : [ports.map((port) => `:${port}`).join(" ")];
}

/** Requests → limits, summed over the containers of a pod, and its volumes: one fact, so that a line break never parts it. */
function amountFacts({ containers, volumeClaims }: Workload): string[] {
  const total = (of: (container: Container) => Amounts, key: keyof Amounts): number | undefined =>
    containers.reduce<number | undefined>((sum, container) => {
      const amount = of(container)[key];
      return amount === undefined ? sum : (sum ?? 0) + amount;
    }, undefined);
  const range = (key: keyof Amounts, text: (value: number | undefined) => string): string[] => {
    const requested = total((container) => container.requests, key);
    const limited = total((container) => container.limits, key);
    if (requested === undefined && limited === undefined) return [];
    return [`${key} ${requested === limited ? text(requested) : `${text(requested)}→${text(limited)}`}`];
  };
  const disks = volumeClaims.map((claim) => `${bytesText(claim.storage)} disk`);
  const amounts = [...range("cpu", cpuText), ...range("memory", bytesText), ...disks];
  return amounts.length === 0 ? [] : [amounts.join("  ")];
}

/** Facts by kind, for objects that make no pods. */
const OBJECT_FACTS: Record<string, (manifest: Manifest) => string[]> = {
  ConfigMap: (manifest) => [counted(keyCount(manifest.data) + keyCount(manifest.binaryData), "key")],
  Secret: (manifest) => {
    const keys = keyCount(manifest.data) + keyCount(manifest.stringData);
    const type = textOf(manifest.type) ?? "Opaque";
    return [...(keys > 0 ? [counted(keys, "key")] : []), ...(type === "Opaque" ? [] : [type])];
  },
  Service: (manifest) => serviceFacts(manifest.spec),
  PersistentVolumeClaim: (manifest) => [
    `${bytesText(quantityOf(at(manifest.spec, "resources", "requests", "storage")))} disk`,
  ],
  Namespace: (manifest) => {
    const level = textOf(objectOf(manifest.metadata.labels)["pod-security.kubernetes.io/enforce"]);
    return level === undefined ? [] : [level];
  },
  Role: ruleFacts,
  ClusterRole: ruleFacts,
  RoleBinding: bindingFacts,
  ClusterRoleBinding: bindingFacts,
  ScaledObject: (manifest) => {
    const spec = objectOf(manifest.spec);
    const range = `${numberOf(spec.minReplicaCount) ?? 0}–${numberOf(spec.maxReplicaCount) ?? 100} pods`;
    const triggers = listOf(spec.triggers).map((trigger) => textOf(at(trigger, "type")) ?? "?");
    return [`→ ${textOf(at(spec, "scaleTargetRef", "name")) ?? "?"}`, range, ...triggers];
  },
  HorizontalPodAutoscaler: (manifest) => {
    const spec = objectOf(manifest.spec);
    const range = `${numberOf(spec.minReplicas) ?? 1}–${numberOf(spec.maxReplicas) ?? 1} pods`;
    return [`→ ${textOf(at(spec, "scaleTargetRef", "name")) ?? "?"}`, range];
  },
  PodDisruptionBudget: (manifest) =>
    (["minAvailable", "maxUnavailable"] as const).flatMap((key) => {
      const value = at(manifest.spec, key);
      return typeof value === "string" || typeof value === "number" ? [`${key} ${value}`] : [];
    }),
};

function objectFacts(resource: Resource): string[] {
  const manifest = manifestOf(resource);
  if (manifest) return OBJECT_FACTS[manifest.kind]?.(manifest) ?? [];
  if (resource.type === HELM_RELEASE) return releaseFacts(resource.inputs);
  const { length } = resource.inputs;
  if (!resource.type.startsWith("random:") || typeof length !== "number") return [];
  return [`${length} ${kindOf(resource) === "RandomBytes" ? "bytes" : "characters"}`];
}

/** `keda 2.20.2 in keda`, and where the chart comes from. */
function releaseFacts({ chart, version, namespace, repositoryOpts }: Resource["inputs"]): string[] {
  const place = textOf(namespace);
  const repository = textOf(at(repositoryOpts, "repo"));
  return [
    `chart ${textOf(chart) ?? "?"} ${textOf(version) ?? ""}`.trimEnd(),
    ...(place === undefined ? [] : [`in ${place}`]),
    ...(repository === undefined ? [] : [repository]),
  ];
}

function keyCount(value: Json | undefined): number {
  return isObject(value) ? Object.keys(value).length : 0;
}

function serviceFacts(spec: Json | undefined): string[] {
  const headless = at(spec, "clusterIP") === "None";
  const ports = listOf(at(spec, "ports")).map((port) => {
    const number = numberOf(at(port, "port")) ?? 0;
    const nodePort = numberOf(at(port, "nodePort"));
    return nodePort === undefined ? `:${number}` : `:${number}→${nodePort}`;
  });
  return [
    headless ? "headless" : (textOf(at(spec, "type")) ?? "ClusterIP"),
    ...(ports.length > 0 ? [ports.join(" ")] : []),
  ];
}

function ruleFacts(manifest: Manifest): string[] {
  const resources = new Set(
    listOf(manifest.rules).flatMap((rule) => listOf(at(rule, "resources")).flatMap((name) => textOf(name) ?? [])),
  );
  return resources.size === 0 ? [counted(0, "rule")] : [[...resources].join(", ")];
}

function bindingFacts(manifest: Manifest): string[] {
  const role = textOf(at(manifest.roleRef, "name")) ?? "?";
  const subjects = listOf(manifest.subjects).map((subject) => textOf(at(subject, "name")) ?? "?");
  // A binding is usually named like its role, and saying it twice helps nobody.
  return [`${role === manifest.metadata.name ? "" : `${role} `}→ ${subjects.join(", ")}`];
}
