import { beforeAll, describe, expect, it } from "@jest/globals";
import { projectFolder } from "../../../preview/project-folder";
import type { ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { stackFile, stacksOf } from "../../../preview/stack-location";
import { readStackFile } from "../../../stacks/config/stack-file";
import { hasteOf, longestChain } from "./order";
import { shortUrn } from "./plan";

/**
 * Provider, namespace, configuration, NATS: a pod of NATS that is replaced for a new configuration must not start with
 * the old one. Everything else is at most provider, namespace, object, side by side.
 */
const LONGEST = 4;

describe.each(stacksOf(projectFolder()))("given the program of the stack %s", (stack) => {
  let graph: ResourceGraph;

  beforeAll(async () => {
    graph = await renderStack(readStackFile(stackFile(projectFolder(), stack)));
  });

  it(`creates independent objects side by side: no chain is longer than ${LONGEST}`, () => {
    const chain = longestChain(graph);

    process.stderr.write(`longest chain of ${stack}: ${chain.map(({ urn }) => shortUrn(urn)).join(" → ")}\n`);
    expect(chain.length).toBeLessThanOrEqual(LONGEST);
  });

  it("creates no object before its namespace", () => {
    expect(hasteOf(graph)).toEqual([]);
  });
});
