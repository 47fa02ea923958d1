import type { Json } from "../../preview/graph";
import { isObject, listOf, objectOf, textOf, type JsonObject } from "../../preview/json";
import type { Owner } from "../../preview/diff/live";

/** A field manager of a live object, and what it owns there. */
export interface Manager extends Owner {
  /** The live object, cut down to the fields that this manager owns. */
  owned: JsonObject;
}

/** Who has set which fields of a live object, the latest first. Status is left out. */
export function managersOf(live: JsonObject): Manager[] {
  const entries = listOf(objectOf(live.metadata).managedFields).map(objectOf);
  return entries
    .filter(({ subresource }) => subresource !== "status")
    .map(({ manager, operation, time, fieldsV1 }) => ({
      manager: textOf(manager) ?? "unknown",
      operation: textOf(operation) ?? "Update",
      ...(typeof time === "string" && { time }),
      owned: objectOf(project(live, objectOf(fieldsV1)) ?? {}),
    }))
    .sort((one, other) => ((one.time ?? "") < (other.time ?? "") ? 1 : -1));
}

/**
 * What a set of fields leaves of a value.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ `f:` is a key, `k:` an item by
 * its keys, `v:` an item by its value, `.` the thing itself
 */
function project(value: Json, fields: JsonObject): Json | undefined {
  const steps = Object.entries(fields).filter(([step]) => step !== ".");
  if (steps.length === 0) return value;
  if (Array.isArray(value)) {
    return steps.flatMap(([step, below]) => {
      const item = itemAt(value, step);
      const kept = item === undefined ? undefined : project(item, objectOf(below));
      return kept === undefined
        ? []
        : [step.startsWith("k:") ? { ...objectOf(JSON.parse(step.slice(2)) as Json), ...objectOf(kept) } : kept];
    });
  }
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    steps.flatMap(([step, below]): [string, Json][] => {
      const key = step.slice("f:".length);
      const child = value[key];
      const kept = child === undefined ? undefined : project(child, objectOf(below));
      return kept === undefined ? [] : [[key, kept]];
    }),
  );
}

function itemAt(list: Json[], step: string): Json | undefined {
  const wanted = JSON.parse(step.slice(2)) as Json;
  if (step.startsWith("v:")) return list.find((item) => item === wanted);
  if (step.startsWith("i:")) return list[Number(wanted)];
  return list.find((item) => Object.entries(objectOf(wanted)).every(([key, value]) => objectOf(item)[key] === value));
}

/** Controllers of Kubernetes and of what usually runs in a cluster: what they add is not by hand. */
const CONTROLLERS =
  /^(kube-|kubelet|k3s|keda|cloud-|gke-|glbc|cert-manager|cainjector|vpa-|cluster-autoscaler|node-|autoscaler|config-connector|pulumi)/;

/** Whether a person, or a tool of theirs, has set fields; neither a controller nor an update of the stack has. */
export function isByHand({ manager }: Owner): boolean {
  return !CONTROLLERS.test(manager);
}

/** Keys that tell the items of a list apart in a path of a field change. */
const ITEM_KEYS = ["name", "mountPath", "containerPort", "port", "key", "type", "path"];

/** Whether there is something at a path as field changes have them: `a.b[item]["c/d"]`. */
export function has(value: Json | undefined, path: string): boolean {
  const steps = path.replace(/ \(order\)$/, "").match(/\["(?:[^"\\]|\\.)*"\]|\[[^\]]*\]|[^.[\]]+/g) ?? [];
  let current = value;
  for (const step of steps) {
    const inner = step.startsWith("[") ? step.slice(1, -1) : step;
    const label = inner.startsWith('"') ? (JSON.parse(inner) as string) : inner;
    if (Array.isArray(current)) {
      const found: Json | undefined = current.find((item) => {
        const key = ITEM_KEYS.find((candidate) => objectOf(item)[candidate] !== undefined);
        return key !== undefined && [label, Number(label)].includes(objectOf(item)[key] as string | number);
      });
      current = found ?? (/^\d+$/.test(label) ? current[Number(label)] : undefined);
    } else current = isObject(current) ? current[label] : undefined;
  }
  return current !== undefined;
}
