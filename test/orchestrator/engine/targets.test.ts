import { describe, expect, test } from "@jest/globals";
import { scopeUrns } from "../../../orchestrator/engine/layers";
import { goneTargets, type StateResource } from "../../../orchestrator/engine/pulumi-state";

const PREFIX = "urn:pulumi:kind::noetl::";

function resource(types: string, name: string, needs: Partial<StateResource> = {}): StateResource {
  return { urn: `${PREFIX}${types}::${name}`, type: types.split("$").at(-1) ?? "", ...needs };
}

const STACK = resource("pulumi:pulumi:Stack", "noetl-kind");
const SPACES = resource("noetl:kubernetes:Namespaces", "namespaces", { parent: STACK.urn });
const SPACE = resource("noetl:kubernetes:Namespaces$kubernetes:core/v1:Namespace", "nats", { parent: SPACES.urn });
const NATS = resource("noetl:nats:NatsCluster", "nats", { parent: STACK.urn });
const NATS_SET = resource("noetl:nats:NatsCluster$kubernetes:apps/v1:StatefulSet", "nats", {
  parent: NATS.urn,
  dependencies: [SPACE.urn],
});
const POSTGRES = resource("noetl:database:Postgres", "postgres", { parent: STACK.urn });
const SERVER = resource("noetl:noetl:NoetlServer", "server", { parent: STACK.urn });
const SERVER_SET = resource("noetl:noetl:NoetlServer$kubernetes:apps/v1:Deployment", "server", {
  parent: SERVER.urn,
  propertyDependencies: { metadata: [SPACE.urn], spec: null },
});
const ALL = [STACK, SPACES, SPACE, NATS, NATS_SET, POSTGRES, SERVER, SERVER_SET];

const names = (urns: Iterable<string>): string[] => [...urns].map((urn) => urn.slice(PREFIX.length)).sort();
const namesOf = (...resources: StateResource[]): string[] => names(resources.map(({ urn }) => urn));

describe("what a task makes of a layer", () => {
  const graph = {
    project: "noetl",
    stack: "kind",
    resources: ALL.map((one) => ({ dependencies: [], inputs: {}, ...one, name: "", custom: true }) as never),
  };

  test("is the layer with what it needs", () => {
    expect(names(scopeUrns(graph, { layer: "nats" }) ?? [])).toEqual(namesOf(STACK, SPACES, SPACE, NATS, NATS_SET));
  });

  test("includes the layers that it asks while it runs", () => {
    expect(names(scopeUrns(graph, { layer: "server" }) ?? [])).toEqual(namesOf(...ALL));
  });

  test("a layer that the stack does not have is told, with those it has", () => {
    expect(() => scopeUrns(graph, { layer: "keda" })).toThrow(
      "stack kind has no keda; it has: namespaces, nats, postgres, server",
    );
  });
});

describe("what a task destroys of a layer", () => {
  test("is the layer alone, where nothing needs it", () => {
    expect(names(goneTargets(ALL, { layer: "server" }))).toEqual(namesOf(SERVER, SERVER_SET));
    expect(names(goneTargets([STACK, SPACES, SPACE, NATS, NATS_SET], { layer: "nats" }))).toEqual(
      namesOf(NATS, NATS_SET),
    );
  });

  test.each([
    ["what asks it while it runs", "nats", "server"],
    ["what was made with it", "namespaces", "nats, server"],
  ] as const)("is refused because of %s", (_, layer, needing) => {
    expect(() => goneTargets(ALL, { layer })).toThrow(
      `${layer} is needed by: ${needing}; destroy that first, or together with it (dependents: true)`,
    );
  });

  test("takes what needs it with it, where that was asked for", () => {
    const gone = goneTargets(ALL, { layer: "nats", dependents: true });
    expect(names(gone)).toEqual(namesOf(NATS, NATS_SET, SERVER, SERVER_SET));
  });

  test("a layer that is not there is told", () => {
    expect(() => goneTargets(ALL, { layer: "keda" })).toThrow("there is nothing of it in the stack's state");
  });
});

describe("what a task destroys of compute", () => {
  const CLUSTER = resource("gcp:container/cluster:Cluster", "cluster", { inputs: { name: "noetl-cluster" } });
  const pool = (name: string) => resource("gcp:container/nodePool:NodePool", name, { dependencies: [CLUSTER.urn] });
  const COMPUTE = [CLUSTER, pool("web-01"), pool("web-02")];

  test("is the node pool that was named", () => {
    expect(names(goneTargets(COMPUTE, { servers: ["web-01"] }))).toEqual(["gcp:container/nodePool:NodePool::web-01"]);
  });

  test("a cluster is refused while it has node pools", () => {
    expect(() => goneTargets(COMPUTE, { servers: ["noetl-cluster"] })).toThrow("it is needed by: web-01, web-02");
    expect(goneTargets(COMPUTE, { servers: ["noetl-cluster"], dependents: true })).toHaveLength(3);
    expect(goneTargets(COMPUTE, { servers: [] })).toHaveLength(3);
  });
});
