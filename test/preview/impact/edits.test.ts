import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fingerprintKey } from "../../../preview/fingerprints";
import type { ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { EDITS } from "./corpus";
import { edited, impactLines, titleOf, type Edit } from "./edits";
import { compare, expectNothing, expectSymmetric, expectWhole } from "./laws";

/** A render takes a while: every second one of kind, one of eight of gke. test/real/impact takes every edit. */
const TAKEN = EDITS.filter(({ stack }, index) => index % (stack === "kind" ? 2 : 8) === 0);

const key = fingerprintKey();
const bases = new Map<string, ResourceGraph>();
const renders = new Map<Edit, ResourceGraph>();

beforeAll(async () => {
  for (const stack of ["kind", "gke"] as const) bases.set(stack, await renderStack(edited({ stack, set: {} }), key));
  for (const edit of TAKEN) renders.set(edit, await renderStack(edited(edit), key));
}, 240_000);

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
    for (const render of [...bases.values(), ...renders.values()]) expectNothing(render);
  });

  const law = (holds: (one: ResourceGraph, other: ResourceGraph) => void): void => {
    fc.assert(
      fc.property(pairs, ([first, second]) => {
        const [one, other] = [named(first), named(second)];
        if (!one || !other) throw new Error("not rendered");
        holds(one, other);
      }),
      { numRuns: 30 },
    );
  };

  test("the way back changes the same resources in the same fields, the other way round", () => {
    law(expectSymmetric);
  });

  test("one render with the changes of the report is the other", () => {
    law(expectWhole);
  });
});
