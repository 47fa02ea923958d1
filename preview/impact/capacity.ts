import { quantityOf } from "../amounts";
import type { FieldChange } from "../field-changes";
import type { Json } from "../graph";
import { concerns } from "./paths";
import type { Effect } from "./report";

/** Fields whose smaller number is less capacity, and of what. */
const CAPACITY: readonly { kinds: readonly string[]; field: string; what: string }[] = [
  { kinds: ["Deployment", "StatefulSet", "ReplicaSet"], field: "spec.replicas", what: "pods" },
  { kinds: ["ScaledObject"], field: "spec.minReplicaCount", what: "pods that are always there" },
  { kinds: ["ScaledObject"], field: "spec.maxReplicaCount", what: "pods under load" },
  { kinds: ["HorizontalPodAutoscaler"], field: "spec.minReplicas", what: "pods that are always there" },
  { kinds: ["HorizontalPodAutoscaler"], field: "spec.maxReplicas", what: "pods under load" },
  ...["containers", "initContainers"].flatMap((list) =>
    ["requests", "limits"].flatMap((amounts) =>
      ["cpu", "memory"].map((amount) => ({
        kinds: ["Deployment", "StatefulSet", "DaemonSet"],
        field: `spec.template.spec.${list}.*.resources.${amounts}.${amount}`,
        what: amounts === "limits" ? `${amount} at most` : `${amount} that is kept for it`,
      })),
    ),
  ),
  { kinds: ["StatefulSet"], field: "spec.volumeClaimTemplates.*.spec.resources.requests.storage", what: "storage" },
  { kinds: ["PersistentVolumeClaim"], field: "spec.resources.requests.storage", what: "storage" },
  ...["cpu", "memory"].flatMap((amount) =>
    ["requests", "limits"].map((amounts) => ({
      kinds: ["ResourceQuota"],
      field: `spec.hard.${amounts}.${amount}`,
      what: `${amount} for the namespace`,
    })),
  ),
];

/** Where a change leaves fewer pods, or less for each of them. A limit that goes is none, and one that comes is one. */
export function capacityDrops(kind: string, changes: readonly FieldChange[]): Effect[] {
  const rows = CAPACITY.filter(({ kinds }) => kinds.includes(kind));
  return changes.flatMap((change) => {
    const row = rows.find(({ field }) => concerns(change, field));
    const [was, is] = [quantityOf(change.before), quantityOf(change.after)];
    if (!row || was === undefined || is === undefined || is >= was) return [];
    const reason = `${row.what}: ${shown(change.before)} before, ${shown(change.after)} now`;
    return [{ impact: "capacity-drop" as const, reason, fields: [change.path], rule: "capacity" }];
  });
}

function shown(value: Json | undefined): string {
  return typeof value === "number" || typeof value === "string" ? String(value) : "";
}
