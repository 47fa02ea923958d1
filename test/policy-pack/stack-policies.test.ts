import { expect, test } from "@jest/globals";
import { stackPolicies } from "../../policy-pack/stack-policies";
import type { ResourceGraph } from "../../preview/graph";
import { mutated, type Inputs } from "../preview/policies/good";

/** What the pack reports of a graph under a stack's name, as of a day. */
async function reported(shown: ResourceGraph, stack: string, today: string): Promise<string[]> {
  const resources = shown.resources.map((resource) => ({
    ...resource,
    urn: resource.urn.replace("urn:pulumi:kind::", `urn:pulumi:${stack}::`),
    props: resource.inputs,
    opts: { protect: resource.protect },
    parent: undefined,
    dependencies: [],
  }));
  const said: string[] = [];
  for (const { name, validateStack } of stackPolicies(today)) {
    const args = { resources } as unknown as Parameters<typeof validateStack>[0];
    await validateStack(args, () => said.push(name));
  }
  return said;
}

const TAGGED = mutated("Deployment shop", ({ spec }: Inputs) => {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-member-access
  spec.template.spec.containers[0].image = "shop:1";
});

test.each([
  ["a stack of which no file lies here", "elsewhere", "2026-11-21", ["images-by-digest"]],
  ["a laptop", "kind", "2026-11-21", []],
  ["a waiver in the stack file", "gke", "2027-03-31", []],
  ["a waiver that has ended", "gke", "2027-04-01", ["images-by-digest"]],
])(
  "given %s, when the engine asks, then the policies are told as noetl-ops check tells them",
  async (_, stack, today, told) => {
    expect(await reported(TAGGED, stack, today)).toEqual(told);
  },
);
