import { expect, test } from "@jest/globals";
import { natsTopology } from "../../../preview/checks/nats-topology";
import type { PlatformConfig } from "../../../stacks/schema";
import { natsSuperclusterSchema } from "../../../stacks/schema/nats-supercluster";
import { configOf, stackText } from "../../stacks/config/support";
import { graph } from "../support";

/** The findings about a supercluster of clusters a, b, … of these sizes. */
function findings(topology: string, ...sizes: number[]) {
  const clusters = sizes.map((replicas, index) => ({ name: "abc"[index], region: "r", replicas }));
  const config: PlatformConfig = {
    ...configOf(stackText("")),
    natsSupercluster: natsSuperclusterSchema.parse({ topology, clusters }),
  };
  return natsTopology.run({ graph: graph(), config, workloads: [] });
}

test.each([
  [[3, 3], "6 servers, and need 4 of them: without a or b,"],
  [[1, 1], "2 servers, and need 2 of them: without a or b,"],
  [[5, 3], "8 servers, and need 5 of them: without a,"],
])("given a reference of %j servers, when checked, then it is plainly said: %s", (sizes, words) => {
  expect(findings("reference", ...sizes)).toEqual([
    {
      severity: "warning",
      rule: "nats-topology",
      resource: "noetl:natsSupercluster.topology",
      message: `clusters a and b elect one JetStream leader among ${words} no stream or consumer can be made or changed in the other; neither starts JetStream alone; and new streams can be only in the cluster that the leader happens to be in`,
      fix: "choose topology quorum with a third cluster, or independent: docs/nats-topologies.md",
    },
  ]);
});

test("given no supercluster, or one that survives, when checked, then nothing is found", () => {
  const none = natsTopology.run({ graph: graph(), config: configOf(stackText("")), workloads: [] });
  expect([none, findings("quorum", 3, 3, 1), findings("independent", 3, 3)]).toEqual([[], [], []]);
});
