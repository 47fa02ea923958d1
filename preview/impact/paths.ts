import type { FieldChange } from "../field-changes";
import { isObject } from "../json";
import type { Json } from "../graph";

/**
 * Whether a change concerns a field: it is that field, is below it, or brings or takes a whole that holds it.
 *
 * @param field Keys with dots between them, as `spec.volumeClaimTemplates`; `*` stands for one key or one item of a list.
 */
export function concerns(change: FieldChange, field: string): boolean {
  const wanted = field.split(".");
  const steps = stepsOf(change.path);
  const shared = Math.min(wanted.length, steps.length);
  if (!wanted.slice(0, shared).every((key, index) => key === "*" || key === steps[index])) return false;
  if (steps.length >= wanted.length) return true;
  const rest = wanted.slice(shared);
  return holds(change.before, rest) || holds(change.after, rest);
}

/** How exactly a field is named: of several that a change concerns, the longest counts. */
export function depth(field: string): number {
  return field.split(".").length;
}

/** The keys of a path of {@link FieldChange}: `env[NATS_URL].value` has three. */
export function stepsOf(path: string): string[] {
  const bare = path.replace(/ \(order\)$/, "");
  return [...bare.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(
    ([, quoted, item, key]) => quoted ?? item ?? key ?? "",
  );
}

function holds(value: Json | undefined, steps: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return value !== undefined;
  if (step === "*") {
    const items = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    return items.some((item) => holds(item, rest));
  }
  return isObject(value) && holds(value[step], rest);
}
