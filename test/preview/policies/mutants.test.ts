import { describe, expect, test } from "@jest/globals";
import { resourceTitle } from "../../../preview/checks/check";
import type { ResourceGraph } from "../../../preview/graph";
import { POLICIES, runPolicies } from "../../../preview/policies";
import { goodGraph, without } from "./good";
import { MUTANTS } from "./mutants";

function said(graph: ResourceGraph, production = true): string[] {
  return runPolicies(graph, production).map(
    ({ rule, resource, message }) => `${rule} of ${resourceTitle(resource)}: ${message}`,
  );
}

test.each([true, false])("given the good graph, when asked (production: %s), then nothing is found", (production) => {
  expect(said(goodGraph(), production)).toEqual([]);
});

test("given the policies, then each has mutants", () => {
  expect(Object.keys(MUTANTS)).toEqual(POLICIES.map(({ id }) => id));
});

describe.each(Object.entries(MUTANTS))("%s", (_, mutants) => {
  test.each(mutants)("given %s, when asked, then that is said and nothing else", (_change, graph, ...expected) => {
    expect(said(graph)).toEqual(expected);
  });
});

describe("where nobody depends on it", () => {
  const laptop = POLICIES.filter(({ productionOnly }) => productionOnly).map(({ id }) => id);

  test.each(laptop.flatMap((id) => (MUTANTS[id] ?? []).map(([change, graph]) => [id, change, graph] as const)))(
    "given %s: %s, when asked, then it does not matter",
    (_id, _change, graph) => {
      expect(said(graph, false)).toEqual([]);
    },
  );

  test("given no network policies at all, when asked, then only production wants them", () => {
    const { resources, ...rest } = goodGraph();
    const open = { ...rest, resources: resources.filter(({ type }) => !type.endsWith("NetworkPolicy")) };
    expect(said(open, false)).toEqual([]);
    expect(said(open)).toHaveLength(6);
  });

  test("given several pods without budget and spread, when asked, then only a quorum matters", () => {
    expect(said(without("PodDisruptionBudget shop"), false)).toEqual([]);
  });
});
