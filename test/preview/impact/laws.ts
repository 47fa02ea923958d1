import { expect } from "@jest/globals";
import { fieldChanges, type FieldChange } from "../../../preview/field-changes";
import type { Json, ResourceGraph } from "../../../preview/graph";
import { impactBetween, type ImpactReport } from "../../../preview/impact";
import { isRendered } from "../../../preview/manifests";
import { patched } from "./patch";

const NAMES = { stack: "kind", before: "before", after: "after" };

export function compare(before: ResourceGraph | undefined, after: ResourceGraph | undefined): ImpactReport {
  if (!before || !after) throw new Error("not rendered");
  return impactBetween(before, after, NAMES);
}

/** A render has no impact on itself, however it came about. */
export function expectNothing(render: ResourceGraph): void {
  expect(compare(render, structuredClone(render))).toMatchObject({ resources: [], findings: [] });
}

/** The way back changes the same resources in the same fields, the other way round. */
export function expectSymmetric(one: ResourceGraph, other: ResourceGraph): void {
  const [there, back] = [compare(one, other), compare(other, one)];
  expect(facts(back)).toStrictEqual(facts(there).map(mirrored).sort(byUrn));
}

/** One render with the changes of the report is the other. */
export function expectWhole(one: ResourceGraph, other: ResourceGraph): void {
  const report = compare(one, other);
  const wanted = new Map(other.resources.filter(isRendered).map((resource) => [resource.urn, resource.inputs]));
  const made = new Map<string, Record<string, Json>>();
  const changes = new Map(report.resources.map((resource) => [resource.urn, resource]));
  for (const { urn, inputs } of one.resources.filter(isRendered)) {
    const change = changes.get(urn);
    if (change?.change !== "removed") made.set(urn, patched(inputs, change?.fields ?? []));
  }
  for (const { urn, change } of report.resources) {
    if (change === "added") made.set(urn, wanted.get(urn) ?? {});
  }
  expect([...made.keys()].sort()).toStrictEqual([...wanted.keys()].sort());
  for (const [urn, inputs] of made) {
    // A report does not say where in a list of names a new one stands.
    const left = fieldChanges(inputs, wanted.get(urn) ?? {}).filter(({ path }) => !path.endsWith(" (order)"));
    expect(left).toStrictEqual([]);
  }
}

type Fact = [urn: string, change: string, fields: FieldChange[]];

function facts({ resources }: ImpactReport): Fact[] {
  return resources
    .filter(({ change }) => change !== "same")
    .map(({ urn, change, fields }): Fact => [urn, change, fields.map(withoutPlace).sort(byText)])
    .sort(byUrn);
}

/** The place of an item that nothing names is that of the later side. */
function withoutPlace({ path, ...sides }: FieldChange): FieldChange {
  const isPlaces = Array.isArray(sides.before) && sides.before.every((place) => typeof place === "number");
  return { path: path.replaceAll(/\[\d+\]/g, "[]"), ...(path.endsWith(" (order)") && isPlaces ? {} : sides) };
}

function mirrored([urn, change, fields]: Fact): Fact {
  const other = change === "added" ? "removed" : change === "removed" ? "added" : change;
  const swapped = fields.map(({ path, before, after }) => ({
    path,
    ...(after !== undefined && { before: after }),
    ...(before !== undefined && { after: before }),
  }));
  return [urn, other, swapped.sort(byText)];
}

function byUrn([one]: Fact, [other]: Fact): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function byText(one: FieldChange, other: FieldChange): number {
  const text = ({ path, before, after }: FieldChange): string => JSON.stringify([path, before, after]);
  return text(one) < text(other) ? -1 : 1;
}
