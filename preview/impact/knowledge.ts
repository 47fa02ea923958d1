import type { Impact } from "./report";

/** When a row counts, beyond that the field changes. */
export type Circumstance =
  /** The amount becomes larger. */
  | "grows"
  /** The amount becomes smaller, or goes. */
  | "shrinks"
  /** The object says `immutable: true` before and after. */
  | "immutable"
  /** The object said `immutable: true`, and no longer does. */
  | "was-immutable"
  /** The provider may not change the content of ConfigMaps or Secrets in place. */
  | "content-replaced"
  /** The update strategy is `OnDelete`. */
  | "on-delete"
  /** The strategy is no rolling update any more, and the API server had filled in how that rolls. */
  | "over-defaults";

/** One thing that is known of the fields of a kind. */
export interface Row {
  /** Stable: reports name it, and the tests prove it. */
  id: string;
  kinds: readonly string[];
  /** Fields in the notation of `concerns`. A change counts for the row that names it most exactly. */
  fields: readonly string[];
  when?: Circumstance;
  impact: Impact;
  /** One sentence without a full stop. */
  reason: string;
  sources: readonly Source[];
}

/** Where a row is from: a file of a public source, or a page of the documentation. */
export type Source = keyof typeof SOURCES;

export const SOURCES = {
  "pulumi-diff": "pulumi/pulumi-kubernetes v4.32, provider/pkg/provider/diff.go (forceNew)",
  "apps-validation": "kubernetes v1.36.1, pkg/apis/apps/validation/validation.go",
  "core-validation": "kubernetes v1.36.1, pkg/apis/core/validation/validation.go",
  "batch-validation": "kubernetes v1.36.1, pkg/apis/batch/validation/validation.go",
  "rbac-validation": "kubernetes v1.36.1, pkg/apis/rbac/validation/validation.go",
  "storage-validation": "kubernetes v1.36.1, pkg/apis/storage/validation/validation.go",
  "scheduling-validation": "kubernetes v1.36.1, pkg/apis/scheduling/validation/validation.go",
  deployments: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",
  "stateful-sets": "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/",
  "daemon-sets": "https://kubernetes.io/docs/tasks/manage-daemon/update-daemon-set/",
  jobs: "https://kubernetes.io/docs/concepts/workloads/controllers/job/",
  "cron-jobs": "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/",
  observed: "seen with kube-apiserver v1.36.1 and server-side apply",
  volumes: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/",
} as const;

/**
 * What Pulumi's Kubernetes provider replaces instead of changing it, what the API server refuses, and what makes pods new.
 * A field that no row names is changed in place. Each row of Kubernetes is proved in test/real/impact.
 */
export const KNOWLEDGE: readonly Row[] = [
  {
    id: "identity",
    kinds: ["*"],
    fields: ["metadata.name", "metadata.namespace"],
    impact: "replace",
    reason: "an object of another name or namespace is another object: Pulumi makes it, and then deletes the old one",
    sources: ["pulumi-diff"],
  },
  {
    id: "pod-template",
    kinds: ["Deployment", "StatefulSet", "DaemonSet"],
    fields: ["spec.template"],
    impact: "rolling-restart",
    reason: "the pod template changes, so the controller replaces the pods",
    sources: ["deployments", "stateful-sets", "daemon-sets"],
  },
  {
    id: "pod-template-on-delete",
    kinds: ["StatefulSet", "DaemonSet"],
    fields: ["spec.template"],
    when: "on-delete",
    impact: "update",
    reason: "the update strategy is OnDelete: each pod stays as it is until somebody deletes it",
    sources: ["stateful-sets", "daemon-sets"],
  },
  {
    id: "strategy-over-defaults",
    kinds: ["Deployment"],
    fields: ["spec.strategy"],
    when: "over-defaults",
    impact: "refused",
    reason:
      "the API server filled in rollingUpdate, which nobody takes out again, and refuses it beside Recreate: write it down first, in an update of its own",
    sources: ["apps-validation", "observed"],
  },
  {
    id: "update-strategy-over-defaults",
    kinds: ["StatefulSet"],
    fields: ["spec.updateStrategy"],
    when: "over-defaults",
    impact: "refused",
    reason:
      "the API server filled in rollingUpdate, which nobody takes out again, and refuses it beside OnDelete: write it down first, in an update of its own",
    sources: ["apps-validation", "observed"],
  },
  {
    id: "stateful-set-fixed",
    kinds: ["StatefulSet"],
    fields: ["spec.podManagementPolicy", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"],
    impact: "replace",
    reason: "the field of a StatefulSet is fixed: Pulumi deletes it with all its pods at once, and makes it anew",
    sources: ["pulumi-diff", "apps-validation"],
  },
  {
    id: "stateful-set-history",
    kinds: ["StatefulSet"],
    fields: ["spec.revisionHistoryLimit"],
    impact: "replace",
    reason: "Kubernetes would change it in place, but Pulumi's provider replaces the StatefulSet for it",
    sources: ["pulumi-diff"],
  },
  {
    id: "workload-selector",
    kinds: ["Deployment", "DaemonSet"],
    fields: ["spec.selector"],
    impact: "replace",
    reason: "a selector is fixed: Pulumi deletes the workload with all its pods at once, and makes it anew",
    sources: ["pulumi-diff", "apps-validation"],
  },
  {
    id: "replica-set-selector",
    kinds: ["ReplicaSet"],
    fields: ["spec.selector"],
    impact: "refused",
    reason: "a selector is fixed",
    sources: ["apps-validation"],
  },
  {
    id: "job-fixed",
    kinds: ["Job"],
    fields: ["spec.completions", "spec.selector", "spec.template"],
    impact: "replace",
    reason: "what a Job runs is fixed: Pulumi deletes it and runs a new one",
    sources: ["pulumi-diff", "batch-validation", "jobs"],
  },
  {
    id: "job-parallelism",
    kinds: ["Job"],
    fields: ["spec.parallelism"],
    impact: "replace",
    reason: "Kubernetes would change it in place, but Pulumi's provider deletes the Job and runs a new one",
    sources: ["pulumi-diff"],
  },
  {
    id: "job-refused",
    kinds: ["Job"],
    fields: [
      "spec.completionMode",
      "spec.podFailurePolicy",
      "spec.backoffLimitPerIndex",
      "spec.managedBy",
      "spec.successPolicy",
    ],
    impact: "refused",
    reason: "the field of a Job is fixed",
    sources: ["batch-validation"],
  },
  {
    id: "cron-job-template",
    kinds: ["CronJob"],
    fields: ["spec.jobTemplate"],
    impact: "update",
    reason: "the next run takes it; one that runs already is left alone",
    sources: ["cron-jobs"],
  },
  {
    id: "claim-fixed",
    kinds: ["PersistentVolumeClaim"],
    fields: ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
    impact: "replace",
    reason: "the field of a volume claim is fixed: Pulumi deletes the claim, and makes an empty one",
    sources: ["pulumi-diff", "core-validation"],
  },
  {
    id: "claim-refused",
    kinds: ["PersistentVolumeClaim"],
    fields: ["spec.volumeMode", "spec.dataSource", "spec.dataSourceRef"],
    impact: "refused",
    reason: "the field of a volume claim is fixed",
    sources: ["core-validation"],
  },
  {
    id: "claim-shrinks",
    kinds: ["PersistentVolumeClaim"],
    fields: ["spec.resources.requests.storage"],
    when: "shrinks",
    impact: "refused",
    reason: "a volume claim never becomes smaller",
    sources: ["core-validation", "volumes"],
  },
  {
    id: "claim-grows",
    kinds: ["PersistentVolumeClaim"],
    fields: ["spec.resources.requests.storage"],
    when: "grows",
    impact: "update",
    reason: "the volume grows in place if its storage class allows expansion; otherwise it is refused",
    sources: ["core-validation", "volumes"],
  },
  {
    id: "service-address",
    kinds: ["Service"],
    fields: ["spec.clusterIP"],
    impact: "replace",
    reason: "the address of a Service is fixed: Pulumi deletes it and makes it anew, with no address in between",
    sources: ["pulumi-diff", "core-validation"],
  },
  {
    id: "role-of-binding",
    kinds: ["RoleBinding", "ClusterRoleBinding"],
    fields: ["roleRef"],
    impact: "replace",
    reason: "the role of a binding is fixed: Pulumi deletes the binding and makes it anew, with no rights in between",
    sources: ["pulumi-diff", "rbac-validation"],
  },
  {
    id: "content-replaced",
    kinds: ["ConfigMap", "Secret"],
    fields: ["data", "binaryData", "stringData"],
    when: "content-replaced",
    impact: "replace",
    reason: "Pulumi's provider deletes the object and makes it anew: it may not change content in place",
    sources: ["pulumi-diff"],
  },
  {
    id: "content-immutable",
    kinds: ["ConfigMap", "Secret"],
    fields: ["data", "binaryData", "stringData"],
    when: "immutable",
    impact: "replace",
    reason: "the content is marked immutable: Pulumi deletes the object and makes it anew",
    sources: ["pulumi-diff", "core-validation"],
  },
  {
    id: "immutable-taken-back",
    kinds: ["ConfigMap", "Secret"],
    fields: ["immutable"],
    when: "was-immutable",
    impact: "refused",
    reason: "what was marked immutable stays so",
    sources: ["core-validation"],
  },
  {
    id: "secret-type",
    kinds: ["Secret"],
    fields: ["type"],
    impact: "replace",
    reason: "the type of a Secret is fixed: Pulumi deletes it and makes it anew",
    sources: ["pulumi-diff", "core-validation"],
  },
  {
    id: "storage-class-fixed",
    kinds: ["StorageClass"],
    fields: ["parameters", "provisioner"],
    impact: "replace",
    reason: "the field of a storage class is fixed: Pulumi deletes the class and makes it anew; volumes stay",
    sources: ["pulumi-diff", "storage-validation"],
  },
  {
    id: "storage-class-refused",
    kinds: ["StorageClass"],
    fields: ["reclaimPolicy", "volumeBindingMode"],
    impact: "refused",
    reason: "the field of a storage class is fixed",
    sources: ["storage-validation"],
  },
  {
    id: "priority-class",
    kinds: ["PriorityClass"],
    fields: ["value", "preemptionPolicy"],
    impact: "refused",
    reason: "the field of a priority class is fixed",
    sources: ["scheduling-validation"],
  },
];
