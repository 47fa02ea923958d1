import { quantityOf } from "../amounts";
import type { FieldChange } from "../field-changes";
import { manifestOf, type Json, type Resource } from "../graph";
import { at, textOf } from "../json";
import { KNOWLEDGE, type Circumstance, type Row } from "./knowledge";
import { concerns, depth } from "./paths";
import { byGravity, type Effect } from "./report";

/** What decides beside the fields. */
export interface Circumstances {
  /** Whether Pulumi's provider may change the content of this kind of object in place. */
  mutable: (kind: string) => boolean;
}

const UPDATE: Pick<Effect, "impact" | "reason"> = { impact: "update", reason: "changed in place" };

/**
 * What is known of the changes of one Kubernetes object, the gravest first: one effect for each row of knowledge. What is
 * replaced is made anew, so nothing else happens to it; and what is refused stays as it is.
 */
export function fieldEffects(
  before: Resource,
  after: Resource,
  changes: readonly FieldChange[],
  circumstances: Circumstances,
): Effect[] {
  const byRow = new Map<Row | undefined, string[]>();
  for (const change of changes) {
    const row = rowOf(before, after, change, circumstances);
    byRow.set(row, [...(byRow.get(row) ?? []), change.path]);
  }
  const effects = [...byRow].map(([row, fields]): Effect =>
    row ? { impact: row.impact, reason: row.reason, fields, rule: row.id } : { ...UPDATE, fields },
  );
  for (const last of ["replace", "refused"] as const) {
    const decisive = effects.filter(({ impact }) => impact === last);
    if (decisive.length > 0) return decisive;
  }
  return effects.sort(byGravity);
}

/** Of the rows that a change concerns, the one that names it most exactly; of two, the one that needs circumstances. */
function rowOf(before: Resource, after: Resource, change: FieldChange, circumstances: Circumstances): Row | undefined {
  const kind = manifestOf(after)?.kind ?? "";
  let best: { row: Row; weight: number } | undefined;
  for (const row of KNOWLEDGE) {
    if (!row.kinds.includes(kind) && !row.kinds.includes("*")) continue;
    if (row.when && !holds(row.when, before, after, change, circumstances)) continue;
    for (const field of row.fields) {
      const weight = 2 * depth(field) + (row.when ? 1 : 0);
      if (concerns(change, field) && weight > (best?.weight ?? 0)) best = { row, weight };
    }
  }
  return best?.row;
}

function holds(
  when: Circumstance,
  { inputs: old }: Resource,
  { inputs: now }: Resource,
  { before, after }: FieldChange,
  { mutable }: Circumstances,
): boolean {
  switch (when) {
    case "grows":
      return (quantityOf(after) ?? Infinity) > (quantityOf(before) ?? 0);
    case "shrinks":
      return (quantityOf(after) ?? 0) < (quantityOf(before) ?? Infinity);
    case "immutable":
      return now.immutable === true;
    case "was-immutable":
      return old.immutable === true && now.immutable !== true;
    case "content-replaced":
      return !mutable(textOf(now.kind) ?? "");
    case "over-defaults":
      return overDefaults(old.spec, now.spec);
    case "on-delete":
      return at(now.spec, "updateStrategy", "type") === "OnDelete";
  }
}

/** Whether a strategy that rolled by what the API server filled in is to be another one. */
function overDefaults(old: Json | undefined, now: Json | undefined): boolean {
  const becomes = (strategy: string, type: string): boolean =>
    at(now, strategy, "type") === type &&
    at(old, strategy, "type") !== type &&
    at(old, strategy, "rollingUpdate") === undefined;
  return becomes("strategy", "Recreate") || becomes("updateStrategy", "OnDelete");
}
