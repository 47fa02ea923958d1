import type { Json } from "../graph";
import { at, listOf, objectOf, textOf } from "../json";

/** Labels of a pod or namespace. */
export type Labels = Readonly<Record<string, Json>>;

/**
 * Whether labels fulfil a LabelSelector; the empty selector takes everything.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
 */
export function selects(selector: Json | undefined, labels: Labels): boolean {
  const wanted = Object.entries(objectOf(at(selector, "matchLabels")));
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    listOf(at(selector, "matchExpressions")).every((expression) => fulfils(expression, labels))
  );
}

function fulfils(expression: Json, labels: Labels): boolean {
  const value = textOf(labels[textOf(at(expression, "key")) ?? ""]);
  const isListed = value !== undefined && listOf(at(expression, "values")).includes(value);
  switch (at(expression, "operator")) {
    case "In":
      return isListed;
    case "NotIn":
      return !isListed;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      // The API server takes no other operator.
      return false;
  }
}
