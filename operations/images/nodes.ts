import { at, type JsonObject, listOf, objectOf, textOf } from "../../preview/json";

/** A node on which pods can run. */
export interface NodeFacts {
  name: string;
  /** `linux/amd64`. */
  platform: string;
  labels: Readonly<Record<string, string>>;
  /** Taints that keep pods away which do not tolerate them. */
  taints: { key: string; value: string; effect: string }[];
}

/** Reads a Node object. */
export function nodeFacts(node: JsonObject): NodeFacts {
  const labels = texts(objectOf(at(node, "metadata", "labels")));
  const info = objectOf(at(node, "status", "nodeInfo"));
  const os = (textOf(info.operatingSystem) ?? "") || (labels["kubernetes.io/os"] ?? "linux");
  const architecture = (textOf(info.architecture) ?? "") || (labels["kubernetes.io/arch"] ?? "");
  return {
    name: textOf(at(node, "metadata", "name")) ?? "",
    platform: `${os}/${architecture}`,
    labels,
    taints: listOf(at(node, "spec", "taints"))
      .map(objectOf)
      .map(({ key, value, effect }) => ({
        key: textOf(key) ?? "",
        value: textOf(value) ?? "",
        effect: textOf(effect) ?? "",
      }))
      .filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute"),
  };
}

/**
 * Nodes on which the pods of a workload may come to run, and for which an image is not made.
 *
 * @param platforms of the image
 */
export function unfitNodes(
  workload: JsonObject,
  nodes: readonly NodeFacts[],
  platforms: readonly string[],
): NodeFacts[] {
  const spec = objectOf(at(workload, "spec", "template", "spec"));
  const selector = Object.entries(texts(objectOf(spec.nodeSelector)));
  const tolerations = listOf(spec.tolerations).map(objectOf);
  return nodes.filter(
    ({ labels, taints, platform }) =>
      !platforms.includes(platform) &&
      selector.every(([name, value]) => labels[name] === value) &&
      taints.every((taint) => tolerations.some((toleration) => tolerates(toleration, taint))),
  );
}

function tolerates(toleration: JsonObject, { key, value, effect }: NodeFacts["taints"][number]): boolean {
  if (toleration.effect !== undefined && toleration.effect !== "" && toleration.effect !== effect) return false;
  const isAny = toleration.operator === "Exists";
  const named = textOf(toleration.key) ?? "";
  if (named === "") return isAny;
  return named === key && (isAny || (textOf(toleration.value) ?? "") === value);
}

function texts(values: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value) ?? ""]));
}
