import type { FieldChange } from "../field-changes";
import type { Resource } from "../graph";
import { concerns } from "./paths";
import type { Effect } from "./report";

/** What resources of other providers are made anew for; `*` is any change. */
const REPLACED: readonly { type: string; fields: readonly string[]; reason: string }[] = [
  { type: "random:", fields: ["*"], reason: "a random value is made once: with other settings it is made anew" },
];

/** What a change does to a resource of another provider. */
export function generatedAnew({ type }: Resource, changes: readonly FieldChange[]): Effect[] {
  const row = REPLACED.find((candidate) => type.startsWith(candidate.type));
  const fields = changes.map(({ path }) => path);
  const fixed = row
    ? changes.filter((change) => row.fields.some((field) => field === "*" || concerns(change, field)))
    : [];
  if (row && fixed.length > 0) {
    return [{ impact: "replace", reason: row.reason, fields: fixed.map(({ path }) => path), rule: "other-provider" }];
  }
  return [{ impact: "update", reason: "changed in place", fields }];
}
