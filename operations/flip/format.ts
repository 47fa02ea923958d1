import type { Style } from "../../preview/style";
import { formatEffect } from "../settings/effect";
import type { PlannedEdit } from "../settings/plan";
import type { Condition } from "./conditions";
import type { Step } from "./steps";

/** Conditions for people, one after another, each with its evidence. */
export function formatConditions(conditions: readonly Condition[], paint: Style): string {
  const width = Math.max(...conditions.map(({ title }) => title.length));
  const marks = { pass: paint.green("✓"), fail: paint.red("✗"), unknown: paint.yellow("?") };
  const lines = conditions.flatMap(({ title, state, evidence, next }) => [
    `  ${marks[state]} ${title.padEnd(width)}  ${evidence}`,
    ...(next === undefined ? [] : [`    ${" ".repeat(width)}  ${paint.dim(`next: ${next}`)}`]),
  ]);
  const open = conditions.filter(({ state }) => state !== "pass").length;
  const verdict = open === 0 ? paint.green("ready") : paint.red(`${open} of ${conditions.length} do not hold`);
  return [`${paint.bold("preconditions")}  ${verdict}`, ...lines, ""].join("\n");
}

/** A step and what an update does then. */
export function formatStep({ from, to, meaning }: Step, planned: PlannedEdit, paint: Style): string {
  return `${paint.bold("flip")}  ${from} → ${to}: ${meaning}\n\n${formatEffect({ diff: planned.diff, errors: [] }, paint)}`;
}
