import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fieldChanges, type FieldChange } from "../../../preview/field-changes";
import { fingerprintKey } from "../../../preview/fingerprints";
import type { Json, ResourceGraph } from "../../../preview/graph";
import { impactBetween, type ImpactReport } from "../../../preview/impact";
import { isRendered } from "../../../preview/manifests";
import { renderStack } from "../../../preview/render";
import { EDITS } from "./corpus";
import { edited, impactLines, titleOf, type Edit } from "./edits";
import { patched } from "./patch";

const NAMES = { stack: "kind", before: "before", after: "after" };

/** A render takes a while: all of kind, and one of eight of gke. test/real/impact takes every edit. */
const TAKEN = EDITS.filter(({ stack }, index) => stack === "kind" || index % 8 === 0);

const key = fingerprintKey();
const bases = new Map<string, ResourceGraph>();
const renders = new Map<Edit, ResourceGraph>();

beforeAll(async () => {
  for (const stack of ["kind", "gke"] as const) bases.set(stack, await renderStack(edited({ stack, set: {} }), key));
  for (const edit of TAKEN) renders.set(edit, await renderStack(edited(edit), key));
}, 240_000);

function compare(before: ResourceGraph | undefined, after: ResourceGraph | undefined): ImpactReport {
  if (!before || !after) throw new Error("not rendered");
  return impactBetween(before, after, NAMES);
}

test("the corpus has at least 60 edits, each another one", () => {
  expect(EDITS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(EDITS.map(titleOf)).size).toBe(EDITS.length);
});

describe("given an edit of a shipped stack file", () => {
  test.each(TAKEN.map((edit) => ({ edit, title: titleOf(edit) })))("$title", ({ edit }) => {
    expect(impactLines(compare(bases.get(edit.stack), renders.get(edit)))).toStrictEqual(edit.impact);
  });
});

describe("given two renders of one stack", () => {
  const some = (stack: Edit["stack"]): string[] => TAKEN.filter((edit) => edit.stack === stack).map(titleOf);
  // By name, since a counterexample of two graphs is unreadable.
  const pairs = fc
    .constantFrom("kind" as const, "gke" as const)
    .chain((stack) => fc.tuple(fc.constantFrom(stack, ...some(stack)), fc.constantFrom(stack, ...some(stack))));
  const named = (name: string): ResourceGraph | undefined => {
    const edit = TAKEN.find((one) => titleOf(one) === name);
    return edit ? renders.get(edit) : bases.get(name);
  };

  test("a render has no impact on itself", () => {
    for (const render of [...bases.values(), ...renders.values()]) {
      expect(compare(render, render)).toMatchObject({ resources: [], findings: [] });
    }
  });

  test("the way back changes the same resources in the same fields, the other way round", () => {
    fc.assert(
      fc.property(pairs, ([first, second]) => {
        const [one, other] = [named(first), named(second)];
        const [there, back] = [compare(one, other), compare(other, one)];
        expect(facts(back)).toStrictEqual(facts(there).map(mirrored).sort(byUrn));
      }),
      { numRuns: 30 },
    );
  });

  test("one render with the changes of the report is the other", () => {
    fc.assert(
      fc.property(pairs, ([first, second]) => {
        const [one, other] = [named(first), named(second)];
        if (!one || !other) throw new Error("not rendered");
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
      }),
      { numRuns: 30 },
    );
  });
});

type Fact = [urn: string, change: string, fields: FieldChange[]];

function facts({ resources }: ImpactReport): Fact[] {
  return resources
    .filter(({ change }) => change !== "same")
    .map(({ urn, change, fields }): Fact => [urn, change, fields.map(withoutPlace).sort(byPath)])
    .sort(byUrn);
}

/** The place of an item that nothing names is that of the later side. */
function withoutPlace({ path, ...sides }: FieldChange): FieldChange {
  return { path: path.replaceAll(/\[\d+\]/g, "[]"), ...(path.endsWith("] (order)") ? {} : sides) };
}

function mirrored([urn, change, fields]: Fact): Fact {
  const other = change === "added" ? "removed" : change === "removed" ? "added" : change;
  return [
    urn,
    other,
    fields.map(({ path, before, after }) => ({
      path,
      ...(after !== undefined && { before: after }),
      ...(before !== undefined && { after: before }),
    })),
  ];
}

function byUrn([one]: Fact, [other]: Fact): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function byPath(one: FieldChange, other: FieldChange): number {
  return one.path < other.path ? -1 : one.path > other.path ? 1 : 0;
}
