/** A Kubernetes object of any kind. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    deletionTimestamp?: string;
    labels?: Readonly<Record<string, string>>;
    annotations?: Readonly<Record<string, string>>;
    ownerReferences?: readonly unknown[];
  };
  spec?: unknown;
  status?: unknown;
}

/** What names one object. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  name: string;
  /** Undefined for objects that belong to no namespace. */
  namespace?: string | undefined;
}

/** @returns what names an object */
export function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, namespace };
}

/** @returns the words that messages use for an object, such as `Deployment nats/box` */
export function describeRef({ kind, name, namespace }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

const FIRST = ["Namespace", "CustomResourceDefinition"];

/** Splits objects into those that others need to exist (namespaces, then CRDs), and the others; order is kept within. */
export function inApplyOrder<T extends KubeObject>(objects: readonly T[]): { first: T[]; rest: T[] } {
  return {
    first: FIRST.flatMap((kind) => objects.filter((object) => object.kind === kind)),
    rest: objects.filter(({ kind }) => !FIRST.includes(kind)),
  };
}

interface Condition {
  type: string;
  status: string;
}

interface Status {
  phase?: string;
  observedGeneration?: number;
  replicas?: number;
  readyReplicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  desiredNumberScheduled?: number;
  numberReady?: number;
  updatedNumberScheduled?: number;
  conditions?: Condition[];
}

/**
 * @returns whether an object has become what it is meant to be: a workload's current pods are all ready, a Job is
 * complete, a claim is bound, a definition is established, an aggregated API
 * is available. True for kinds that have no such state.
 */
export function isReady(object: KubeObject): boolean {
  const spec = (object.spec ?? {}) as { replicas?: number };
  const status = (object.status ?? {}) as Status;
  const wanted = spec.replicas ?? 1;
  const observed = (status.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);
  const has = (type: string): boolean =>
    (status.conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
  switch (object.kind) {
    case "Deployment":
      return (
        observed && [status.replicas, status.updatedReplicas, status.availableReplicas].every((n = 0) => n === wanted)
      );
    case "StatefulSet":
      return (
        observed &&
        [status.replicas, status.readyReplicas].every((n = 0) => n === wanted) &&
        status.currentRevision === status.updateRevision
      );
    case "DaemonSet":
      return (
        observed &&
        [status.numberReady, status.updatedNumberScheduled].every((n = 0) => n === status.desiredNumberScheduled)
      );
    case "Job":
      return has("Complete");
    case "Pod":
    case "Node":
      return has("Ready");
    case "CustomResourceDefinition":
      return has("Established");
    case "APIService":
      return has("Available");
    case "PersistentVolumeClaim":
      return status.phase === "Bound";
    case "Namespace":
      return status.phase === "Active";
    default:
      return true;
  }
}
