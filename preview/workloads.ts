import { manifestOf, type Json, type Manifest, type Resource, type ResourceGraph } from "./graph";
import { at, isObject, listOf, numberOf, objectOf, textOf, type JsonObject } from "./json";
import { quantityOf } from "./amounts";

/** One container of a pod template. */
export interface Container {
  name: string;
  image?: string;
  /** An init container that keeps running beside the main ones (`restartPolicy: Always`). */
  sidecar: boolean;
  env: EnvVariable[];
  ports: ContainerPort[];
  mounts: Mount[];
  /** CPU in cores and memory in bytes; undefined where nothing is said. */
  requests: Amounts;
  limits: Amounts;
  /** The container as the manifest has it. */
  raw: JsonObject;
}

/** CPU in cores, memory in bytes. */
export interface Amounts {
  cpu?: number;
  memory?: number;
}

export interface EnvVariable {
  name: string;
  /** The literal value. */
  value?: string;
  /** Where the value comes from instead: `secretKeyRef`, `fieldRef` and so on. */
  valueFrom?: JsonObject;
}

export interface ContainerPort {
  name?: string;
  number: number;
}

export interface Mount {
  volume: string;
  path: string;
}

/** A volume that a StatefulSet claims for each of its pods. */
export interface VolumeClaim {
  name: string;
  /** Bytes; undefined where nothing is said. */
  storage?: number;
}

/** How many pods run: the same number three times unless an autoscaler decides. */
export interface Replicas {
  /** What the totals count: `spec.replicas`, or the autoscaler's minimum, or 1. */
  count: number;
  max: number;
  autoscaled: boolean;
}

export type WorkloadKind = "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Pod" | "Job" | "CronJob";

/** Anything that makes pods. */
export interface Workload {
  resource: Resource;
  manifest: Manifest;
  kind: WorkloadKind;
  name: string;
  namespace: string;
  replicas: Replicas;
  /** Whether its pods run only for a while: Job and CronJob. */
  transient: boolean;
  podLabels: JsonObject;
  podAnnotations: JsonObject;
  podSpec: JsonObject;
  initContainers: Container[];
  containers: Container[];
  volumeClaims: VolumeClaim[];
}

const KINDS = new Set<string>(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob"]);

/** All workloads of a graph, in its order. */
export function workloadsOf(graph: ResourceGraph): Workload[] {
  const scalers = autoscalers(graph);
  const workloads: Workload[] = [];
  for (const resource of graph.resources) {
    const manifest = manifestOf(resource);
    if (manifest && isWorkload(manifest.kind)) workloads.push(toWorkload(resource, manifest, manifest.kind, scalers));
  }
  return workloads;
}

/** The workload that a resource is; undefined when it makes no pods. For a single one: autoscalers are not looked up. */
export function workloadOf(resource: Resource): Workload | undefined {
  const manifest = manifestOf(resource);
  return manifest && isWorkload(manifest.kind) ? toWorkload(resource, manifest, manifest.kind, new Map()) : undefined;
}

function isWorkload(kind: string): kind is WorkloadKind {
  return KINDS.has(kind);
}

function toWorkload(resource: Resource, manifest: Manifest, kind: WorkloadKind, scalers: Scalers): Workload {
  const spec = manifest.spec;
  const jobSpec = kind === "CronJob" ? at(spec, "jobTemplate", "spec") : spec;
  const template = kind === "Pod" ? (manifest as Json) : at(jobSpec, "template");
  const podSpec = objectOf(at(template, "spec"));
  const { name, namespace = "default" } = manifest.metadata;
  return {
    resource,
    manifest,
    kind,
    name,
    namespace,
    replicas: replicasOf(kind, jobSpec, scalers.get(`${namespace}/${kind}/${name}`)),
    transient: kind === "Job" || kind === "CronJob",
    podLabels: objectOf(at(template, "metadata", "labels")),
    podAnnotations: objectOf(at(template, "metadata", "annotations")),
    podSpec,
    initContainers: listOf(podSpec.initContainers).filter(isObject).map(toContainer),
    containers: listOf(podSpec.containers).filter(isObject).map(toContainer),
    volumeClaims: listOf(at(spec, "volumeClaimTemplates")).map(toVolumeClaim),
  };
}

function toContainer(raw: JsonObject): Container {
  const image = textOf(raw.image);
  return {
    name: textOf(raw.name) ?? "",
    ...(image !== undefined && { image }),
    sidecar: raw.restartPolicy === "Always",
    env: listOf(raw.env).filter(isObject).map(toEnvVariable),
    ports: listOf(raw.ports).filter(isObject).map(toPort),
    mounts: listOf(raw.volumeMounts)
      .filter(isObject)
      .map((mount) => ({ volume: textOf(mount.name) ?? "", path: textOf(mount.mountPath) ?? "" })),
    requests: toAmounts(at(raw, "resources", "requests")),
    limits: toAmounts(at(raw, "resources", "limits")),
    raw,
  };
}

function toEnvVariable(raw: JsonObject): EnvVariable {
  const value = textOf(raw.value);
  return {
    name: textOf(raw.name) ?? "",
    ...(value !== undefined && { value }),
    ...(isObject(raw.valueFrom) && { valueFrom: raw.valueFrom }),
  };
}

function toPort(raw: JsonObject): ContainerPort {
  const name = textOf(raw.name);
  return { ...(name !== undefined && { name }), number: numberOf(raw.containerPort) ?? 0 };
}

function toAmounts(raw: Json | undefined): Amounts {
  const cpu = quantityOf(at(raw, "cpu"));
  const memory = quantityOf(at(raw, "memory"));
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

function toVolumeClaim(raw: Json): VolumeClaim {
  const storage = quantityOf(at(raw, "spec", "resources", "requests", "storage"));
  return { name: textOf(at(raw, "metadata", "name")) ?? "", ...(storage !== undefined && { storage }) };
}

/** Minimum and maximum of each autoscaled workload, by `NAMESPACE/KIND/NAME`. */
type Scalers = ReadonlyMap<string, { min: number; max: number }>;

function autoscalers(graph: ResourceGraph): Scalers {
  const scalers = new Map<string, { min: number; max: number }>();
  for (const resource of graph.resources) {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "ScaledObject" && manifest?.kind !== "HorizontalPodAutoscaler") continue;
    const keda = manifest.kind === "ScaledObject";
    const spec = objectOf(manifest.spec);
    const target = objectOf(spec.scaleTargetRef);
    const key = `${manifest.metadata.namespace ?? "default"}/${textOf(target.kind) ?? "Deployment"}/${textOf(target.name) ?? ""}`;
    // The defaults of KEDA (0 to 100) and of the HorizontalPodAutoscaler (1, its maximum is required).
    const min = numberOf(keda ? spec.minReplicaCount : spec.minReplicas) ?? (keda ? 0 : 1);
    scalers.set(key, { min, max: numberOf(keda ? spec.maxReplicaCount : spec.maxReplicas) ?? (keda ? 100 : min) });
  }
  return scalers;
}

function replicasOf(
  kind: WorkloadKind,
  spec: Json | undefined,
  scaler: { min: number; max: number } | undefined,
): Replicas {
  if (scaler) return { count: scaler.min, max: scaler.max, autoscaled: true };
  const count = numberOf(at(spec, kind === "Job" || kind === "CronJob" ? "parallelism" : "replicas")) ?? 1;
  return { count, max: count, autoscaled: false };
}
