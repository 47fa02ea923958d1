import type { Manifest } from "../../../preview/graph";
import type { KubeObject } from "../support/objects";

/** What the API server, and the controllers behind it, do with an edit that is sent in place. */
export type Outcome =
  /** The API server refuses it, naming the field. */
  | { refused: RegExp }
  /** It is taken, and all pods are made anew. */
  | "new pods"
  /** It is taken, and the pods stay. */
  | "same pods"
  /** It is taken; the object has no pods. */
  | "taken"
  /** It makes another object, and the old one stays. */
  | "another object";

/** An edit that shows what a row of knowledge says, or that no row has to say anything. */
export interface Probe {
  /** Id of the row; undefined where the field is in none. */
  row?: string;
  field: string;
  before: Manifest;
  after: Manifest;
  outcome: Outcome;
  /** Objects that have to be there before. */
  with?: KubeObject[];
}

export const NAMESPACE = "impact";

type Fields = Record<string, unknown>;
let count = 0;

/** A probe of a kind; both sides get a name of their own. */
function probe(
  row: string | undefined,
  field: string,
  make: (name: string, edited: boolean) => unknown,
  outcome: Outcome,
  others?: (name: string) => unknown[],
): Probe {
  const name = `probe-${(count += 1)}`;
  return {
    ...(row !== undefined && { row }),
    field,
    before: make(name, false) as Manifest,
    after: make(name, true) as Manifest,
    outcome,
    ...(others && { with: others(name) as KubeObject[] }),
  };
}

const metadata = (name: string): Fields => ({ name, namespace: NAMESPACE });
const object = (apiVersion: string, kind: string, name: string, fields: Fields): Fields => ({
  apiVersion,
  kind,
  metadata: metadata(name),
  ...fields,
});

const labels = (name: string): Fields => ({ app: name, tier: "one" });

function template(name: string, container: Fields = {}, spec: Fields = {}): Fields {
  return {
    metadata: { labels: labels(name) },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: "app", image: "app:1", ...container }], ...spec },
  };
}

interface WorkloadFields {
  spec?: Fields;
  container?: Fields;
  pod?: Fields;
}

function workload(kind: string, name: string, { spec, container, pod }: WorkloadFields): Fields {
  return object("apps/v1", kind, name, {
    spec: {
      ...(kind !== "DaemonSet" && { replicas: 2 }),
      ...(kind === "StatefulSet" && { serviceName: name }),
      selector: { matchLabels: { app: name } },
      template: template(name, container, pod),
      ...spec,
    },
  });
}

/** A workload whose edit is the second of two. */
function edit(
  kind: string,
  row: string | undefined,
  field: string,
  one: WorkloadFields,
  other: WorkloadFields,
  outcome: Outcome,
) {
  return probe(row, field, (name, edited) => workload(kind, name, edited ? other : one), outcome);
}

const FIXED = { refused: /updates to statefulset spec for fields other than/ };
const claimTemplate = (storage: string): Fields => ({
  volumeClaimTemplates: [
    { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } } },
  ],
});

function job(name: string, spec: Fields, pod: Fields = {}): Fields {
  const { metadata: _labels, ...rest } = template(name, {}, { restartPolicy: "Never", ...pod });
  return object("batch/v1", "Job", name, {
    spec: { completions: 2, parallelism: 1, completionMode: "Indexed", suspend: false, template: rest, ...spec },
  });
}

function jobEdit(row: string, field: string, spec: Fields, outcome: Outcome): Probe {
  return probe(row, field, (name, edited) => job(name, edited ? spec : {}), outcome);
}

const claim = (name: string, spec: Fields): Fields =>
  object("v1", "PersistentVolumeClaim", name, {
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "standard",
      resources: { requests: { storage: "2Gi" } },
      ...spec,
    },
  });

/** A claim is bound by its first pod. */
const user = (name: string): unknown[] => [
  object("v1", "Pod", `${name}-user`, {
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "app", image: "app:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: name } }],
    },
  }),
];

function claimEdit(row: string, field: string, spec: Fields, outcome: Outcome): Probe {
  return probe(row, field, (name, edited) => claim(name, edited ? spec : {}), outcome, user);
}

const IMMUTABLE = /spec is immutable after creation/;

function clusterWide(apiVersion: string, kind: string, name: string, fields: Fields): Fields {
  return { apiVersion, kind, metadata: { name }, ...fields };
}

const roleRef = (name: string): Fields => ({ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name });
const subjects = [{ kind: "ServiceAccount", name: "default", namespace: NAMESPACE }];
const storageClass = (name: string, fields: Fields): Fields =>
  clusterWide("storage.k8s.io/v1", "StorageClass", name, { provisioner: "simulated.noetl.test", ...fields });

function classEdit(row: string, field: string, one: Fields, other: Fields, message: RegExp): Probe {
  return probe(row, field, (name, edited) => storageClass(name, edited ? other : one), { refused: message });
}

function priorityEdit(field: string, one: Fields, other: Fields): Probe {
  const make = (name: string, edited: boolean): Fields =>
    clusterWide("scheduling.k8s.io/v1", "PriorityClass", name, { value: 10, ...(edited ? other : one) });
  return probe("priority-class", field, make, { refused: new RegExp(`${field}: `) });
}

function contentEdit(
  row: string,
  kind: "ConfigMap" | "Secret",
  field: string,
  one: Fields,
  other: Fields,
  outcome: Outcome,
) {
  return probe(row, field, (name, edited) => object("v1", kind, name, edited ? other : one), outcome);
}

const service = (name: string, spec: Fields): Fields =>
  object("v1", "Service", name, { spec: { selector: { app: name }, ports: [{ name: "http", port: 80 }], ...spec } });
const newImage = { container: { image: "app:2" } };
const zone = { pod: { nodeSelector: { "topology.kubernetes.io/zone": "a" } } };
const onDelete = { spec: { updateStrategy: { type: "OnDelete" } } };
const recreate = { spec: { strategy: { type: "Recreate" } } };
const env = (...names: string[]): WorkloadFields => ({
  container: { env: names.map((name) => ({ name, value: "1" })) },
});
const cpu = (amount: string): WorkloadFields => ({ container: { resources: { requests: { cpu: amount } } } });

export const PROBES: readonly Probe[] = [
  probe(
    "identity",
    "metadata.name",
    (name, edited) => object("v1", "ConfigMap", edited ? `${name}-other` : name, {}),
    "another object",
  ),
  edit("Deployment", "pod-template", "spec.template", {}, newImage, "new pods"),
  edit("StatefulSet", "pod-template", "spec.template", {}, newImage, "new pods"),
  edit("DaemonSet", "pod-template", "spec.template", zone, { ...zone, ...newImage }, "new pods"),
  edit("StatefulSet", "pod-template-on-delete", "spec.template", onDelete, { ...onDelete, ...newImage }, "same pods"),
  edit(
    "DaemonSet",
    "pod-template-on-delete",
    "spec.template",
    { ...zone, ...onDelete },
    { ...zone, ...onDelete, ...newImage },
    "same pods",
  ),
  edit(
    "StatefulSet",
    "stateful-set-fixed",
    "spec.podManagementPolicy",
    {},
    { spec: { podManagementPolicy: "Parallel" } },
    FIXED,
  ),
  probe(
    "stateful-set-fixed",
    "spec.selector",
    (name, edited) =>
      workload("StatefulSet", name, edited ? { spec: { selector: { matchLabels: labels(name) } } } : {}),
    FIXED,
  ),
  edit("StatefulSet", "stateful-set-fixed", "spec.serviceName", {}, { spec: { serviceName: "other" } }, FIXED),
  edit(
    "StatefulSet",
    "stateful-set-fixed",
    "spec.volumeClaimTemplates",
    { spec: claimTemplate("1Gi") },
    { spec: claimTemplate("2Gi") },
    FIXED,
  ),
  edit(
    "StatefulSet",
    "stateful-set-history",
    "spec.revisionHistoryLimit",
    {},
    { spec: { revisionHistoryLimit: 3 } },
    "same pods",
  ),
  ...["Deployment", "DaemonSet", "ReplicaSet"].map((kind) =>
    probe(
      kind === "ReplicaSet" ? "replica-set-selector" : "workload-selector",
      "spec.selector",
      (name, edited) => workload(kind, name, edited ? { spec: { selector: { matchLabels: labels(name) } } } : {}),
      { refused: /spec\.selector: .*field is immutable/ },
    ),
  ),
  probe(
    "job-fixed",
    "spec.completions",
    (name, edited) => job(name, { completionMode: "NonIndexed", completions: edited ? 3 : 2 }),
    { refused: /spec\.completions: .*field is immutable/ },
  ),
  probe(
    "job-fixed",
    "spec.selector",
    (name, edited) =>
      job(name, {
        manualSelector: true,
        selector: { matchLabels: edited ? labels(name) : { app: name } },
        template: template(name, {}, { restartPolicy: "Never" }),
      }),
    { refused: /spec\.selector: .*field is immutable/ },
  ),
  probe(
    "job-fixed",
    "spec.template",
    (name, edited) => job(name, {}, edited ? { priority: undefined, hostname: "other" } : {}),
    {
      refused: /spec\.template: .*field is immutable/,
    },
  ),
  jobEdit("job-parallelism", "spec.parallelism", { parallelism: 2 }, "taken"),
  jobEdit(
    "job-refused",
    "spec.completionMode",
    { completionMode: "NonIndexed" },
    { refused: /spec\.completionMode: .*field is immutable/ },
  ),
  jobEdit(
    "job-refused",
    "spec.podFailurePolicy",
    {
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
      },
    },
    { refused: /spec\.podFailurePolicy: .*field is immutable/ },
  ),
  jobEdit(
    "job-refused",
    "spec.backoffLimitPerIndex",
    { backoffLimitPerIndex: 1 },
    { refused: /spec\.backoffLimitPerIndex: .*field is immutable/ },
  ),
  jobEdit(
    "job-refused",
    "spec.managedBy",
    { managedBy: "noetl.test/controller" },
    { refused: /spec\.managedBy: .*field is immutable/ },
  ),
  jobEdit(
    "job-refused",
    "spec.successPolicy",
    { successPolicy: { rules: [{ succeededCount: 1 }] } },
    { refused: /spec\.successPolicy: .*field is immutable/ },
  ),
  probe(
    "cron-job-template",
    "spec.jobTemplate",
    (name, edited) =>
      object("batch/v1", "CronJob", name, {
        spec: {
          schedule: "0 0 1 1 *",
          jobTemplate: {
            spec: { template: template(name, { image: edited ? "app:2" : "app:1" }, { restartPolicy: "Never" }) },
          },
        },
      }),
    "taken",
  ),
  claimEdit("claim-fixed", "spec.accessModes", { accessModes: ["ReadWriteMany"] }, { refused: IMMUTABLE }),
  claimEdit("claim-fixed", "spec.selector", { selector: { matchLabels: { a: "b" } } }, { refused: IMMUTABLE }),
  claimEdit("claim-fixed", "spec.storageClassName", { storageClassName: "standard-rwo" }, { refused: IMMUTABLE }),
  claimEdit("claim-fixed", "spec.volumeName", { volumeName: "other" }, { refused: IMMUTABLE }),
  claimEdit("claim-refused", "spec.volumeMode", { volumeMode: "Block" }, { refused: IMMUTABLE }),
  claimEdit(
    "claim-refused",
    "spec.dataSource",
    { dataSource: { kind: "PersistentVolumeClaim", name: "other" } },
    { refused: IMMUTABLE },
  ),
  claimEdit(
    "claim-refused",
    "spec.dataSourceRef",
    { dataSourceRef: { kind: "PersistentVolumeClaim", name: "other" } },
    { refused: IMMUTABLE },
  ),
  claimEdit(
    "claim-shrinks",
    "spec.resources.requests.storage",
    { resources: { requests: { storage: "1Gi" } } },
    {
      refused: /spec\.resources\.requests\.storage: .*can not be less than/,
    },
  ),
  claimEdit("claim-grows", "spec.resources.requests.storage", { resources: { requests: { storage: "3Gi" } } }, "taken"),
  probe("service-address", "spec.clusterIP", (name, edited) => service(name, edited ? { clusterIP: "None" } : {}), {
    refused: /spec\.clusterIPs\[0\]: .*may not change once set/,
  }),
  probe(
    "role-of-binding",
    "roleRef",
    (name, edited) =>
      object("rbac.authorization.k8s.io/v1", "RoleBinding", name, {
        roleRef: roleRef(edited ? "view" : "edit"),
        subjects,
      }),
    {
      refused: /roleRef: .*cannot change roleRef/,
    },
  ),
  probe(
    "role-of-binding",
    "roleRef",
    (name, edited) =>
      clusterWide("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", name, {
        roleRef: roleRef(edited ? "view" : "edit"),
        subjects,
      }),
    { refused: /roleRef: .*cannot change roleRef/ },
  ),
  contentEdit("content-replaced", "ConfigMap", "data", { data: { a: "1" } }, { data: { a: "2" } }, "taken"),
  contentEdit(
    "content-replaced",
    "ConfigMap",
    "binaryData",
    { binaryData: { a: "MQ==" } },
    { binaryData: { a: "Mg==" } },
    "taken",
  ),
  contentEdit(
    "content-replaced",
    "Secret",
    "stringData",
    { stringData: { a: "1" } },
    { stringData: { a: "2" } },
    "taken",
  ),
  contentEdit(
    "content-immutable",
    "ConfigMap",
    "data",
    { immutable: true, data: { a: "1" } },
    { immutable: true, data: { a: "2" } },
    {
      refused: /data: Forbidden: field is immutable when `immutable` is set/,
    },
  ),
  contentEdit(
    "content-immutable",
    "ConfigMap",
    "binaryData",
    { immutable: true, binaryData: { a: "MQ==" } },
    { immutable: true, binaryData: { a: "Mg==" } },
    {
      refused: /binaryData: Forbidden: field is immutable when `immutable` is set/,
    },
  ),
  contentEdit(
    "content-immutable",
    "Secret",
    "stringData",
    { immutable: true, stringData: { a: "1" } },
    { immutable: true, stringData: { a: "2" } },
    {
      refused: /data: Forbidden: field is immutable when `immutable` is set/,
    },
  ),
  ...(["ConfigMap", "Secret"] as const).map((kind) =>
    contentEdit(
      "immutable-taken-back",
      kind,
      "immutable",
      { immutable: true },
      { immutable: false },
      {
        refused: /immutable: Forbidden: field is immutable when `immutable` is set/,
      },
    ),
  ),
  contentEdit(
    "secret-type",
    "Secret",
    "type",
    { type: "Opaque" },
    { type: "noetl.io/other" },
    { refused: /type: .*field is immutable/ },
  ),
  classEdit(
    "storage-class-fixed",
    "parameters",
    { parameters: { a: "1" } },
    { parameters: { a: "2" } },
    /parameters: .*field is immutable/,
  ),
  classEdit(
    "storage-class-fixed",
    "provisioner",
    {},
    { provisioner: "other.noetl.test" },
    /provisioner: .*field is immutable/,
  ),
  classEdit(
    "storage-class-refused",
    "reclaimPolicy",
    {},
    { reclaimPolicy: "Retain" },
    /reclaimPolicy: .*field is immutable/,
  ),
  classEdit(
    "storage-class-refused",
    "volumeBindingMode",
    {},
    { volumeBindingMode: "WaitForFirstConsumer" },
    /volumeBindingMode: .*field is immutable/,
  ),
  priorityEdit("value", {}, { value: 20 }),
  priorityEdit("preemptionPolicy", {}, { preemptionPolicy: "Never" }),
  // What no row names is changed in place, and no pod is made anew for it.
  edit("Deployment", undefined, "spec.minReadySeconds", {}, { spec: { minReadySeconds: 1 } }, "same pods"),
  edit(
    "Deployment",
    undefined,
    "spec.strategy",
    {},
    { spec: { strategy: { rollingUpdate: { maxSurge: 2 } } } },
    "same pods",
  ),
  edit("StatefulSet", "update-strategy-over-defaults", "spec.updateStrategy", {}, onDelete, {
    refused: /spec\.updateStrategy\.rollingUpdate: .*only allowed for updateStrategy 'RollingUpdate'/,
  }),
  edit(
    "StatefulSet",
    undefined,
    "spec.updateStrategy, written down",
    { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } },
    onDelete,
    "same pods",
  ),
  edit("Deployment", "strategy-over-defaults", "spec.strategy", {}, recreate, {
    refused: /spec\.strategy\.rollingUpdate: .*may not be specified when strategy `type` is 'Recreate'/,
  }),
  edit(
    "Deployment",
    undefined,
    "spec.strategy, written down",
    { spec: { strategy: { rollingUpdate: { maxSurge: 1 } } } },
    recreate,
    "same pods",
  ),
  edit(
    "StatefulSet",
    undefined,
    "spec.persistentVolumeClaimRetentionPolicy",
    {},
    { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } } },
    "same pods",
  ),
  edit("Deployment", undefined, "1000m instead of 1", cpu("1"), cpu("1000m"), "same pods"),
  edit("Deployment", "pod-template", "spec.template (order)", env("A", "B"), env("B", "A"), "new pods"),
  probe(
    undefined,
    "spec.ports",
    (name, edited) => service(name, { ports: [{ name: "http", port: edited ? 81 : 80 }] }),
    "taken",
  ),
  probe(undefined, "spec.type", (name, edited) => service(name, edited ? { type: "NodePort" } : {}), "taken"),
];
