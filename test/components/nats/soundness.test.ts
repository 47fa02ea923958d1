import { describe, expect, it } from "@jest/globals";
import type { NatsFacts } from "../../../components/nats/facts";
import { assertSound, problemsOf } from "../../../components/nats/soundness";
import { CLUSTER_FACTS, FACTS } from "./facts";

const account = (name: string, users: string[] = []) => ({ name, jetstream: false as const, users });
const remote = { name: "west", urls: ["nats-leaf://west:7422"], user: "noetl", account: "NOETL" };

describe("problemsOf", () => {
  it("finds nothing in what works", () => {
    const facts: NatsFacts = {
      ...CLUSTER_FACTS,
      jetstream: { ...FACTS.jetstream, domain: "tenant_default-a" },
      accounts: [account("TEAM-A", ["alice"]), { ...account("B", ["bob"]), imports: [stream("TEAM-A")] }],
      gateway: { peers: [{ name: "b", urls: ["nats://b:7222"] }] },
      leafnodes: { listen: true, remotes: [{ ...remote, account: "TEAM-A" }] },
      nodePorts: { client: 30422, monitoring: 30822 },
    };
    expect(problemsOf(facts)).toEqual([]);
    expect(() => {
      assertSound(facts);
    }).not.toThrow();
  });

  it.each<[string, Partial<NatsFacts>, string]>([
    ["no server", { replicas: 0 as 1 }, "replicas: 0 servers are no cluster: give 1, 3, 5"],
    ["four servers", { replicas: 4 as 1 }, "replicas: 4 servers survive no more losses than 3: give 1, 3, 5"],
    ["seven servers", { replicas: 7 as 1 }, "replicas: 7 servers are no cluster: give 1, 3, 5"],
    ["a name with a dot", { name: "nats.a", clusterName: "a" }, "name: 'nats.a' is no name of a StatefulSet"],
    ["a headless name with a blank", { headless: "a b" }, "headless: 'a b' is no name of a Service"],
    ["a cluster name with a blank", { clusterName: "a b" }, "clusterName: 'a b' may have letters"],
    ["a domain with a dot", { jetstream: { ...FACTS.jetstream, domain: "a.b" } }, "jetstream.domain: 'a.b' may have"],
    ["a volume below the store", { storage: { size: "4Gi" } }, "jetstream.file: 5Gi is more than storage.size, 4Gi"],
    [
      "a memory store above the limit",
      { jetstream: { memory: "3Gi", file: "5Gi" } },
      "jetstream.memory: 3Gi is more than resources.limits.memory, 2Gi",
    ],
    ["too large messages", { maxPayload: "65Mi" }, "maxPayload: 65Mi is more than nats-server's max_pending, 64Mi"],
    ["an account with a dot", { accounts: [account("a.b")] }, "accounts: 'a.b' may have letters"],
    ["the platform's account again", { accounts: [account("NOETL")] }, "accounts: 'NOETL' is there twice"],
    ["a user like a variable", { accounts: [account("A", ["a-b"])] }, "accounts: user 'a-b' must be lower-case"],
    [
      "a user of two accounts",
      { accounts: [account("A", ["alice"]), account("B", ["alice"])] },
      "accounts: user 'alice' is there twice",
    ],
    [
      "an import from nowhere",
      { accounts: [{ ...account("A"), imports: [stream("NOWHERE")] }] },
      "the imports of account 'A': there is no account 'NOWHERE' among $SYS, NOETL, A",
    ],
    [
      "a leafnode account that is not there",
      { leafnodes: { listen: false, remotes: [{ ...remote, account: "NOWHERE" }] } },
      "leafnode remote 'west': there is no account 'NOWHERE'",
    ],
    [
      "a leafnode without URL",
      { leafnodes: { listen: false, remotes: [{ ...remote, urls: [] }] } },
      "leafnodes: remote 'west' has no URL",
    ],
    [
      "a peer that is itself",
      { gateway: { peers: [{ name: "nats", urls: ["nats://x:7222"] }] } },
      "is this cluster itself",
    ],
    ["a peer without URL", { gateway: { peers: [{ name: "b", urls: [] }] } }, "gateway: peer 'b' has no URL"],
    [
      "one port for two",
      { nodePorts: { client: 30422, monitoring: 30422 } },
      "nodePorts: 30422 is given to clients and to monitoring",
    ],
    [
      "a port below the range",
      { nodePorts: { client: 4222, monitoring: 30822 } },
      "nodePorts.client: 4222 is no node port",
    ],
  ])("finds %s", (_case, wrong, problem) => {
    expect(problemsOf({ ...FACTS, ...wrong })).toEqual([expect.stringContaining(problem)]);
  });
});

describe("assertSound", () => {
  it("tells all at once", () => {
    expect(() => {
      assertSound({ ...FACTS, replicas: 2 as 1, clusterName: "a.b", storage: { size: "1Gi" } });
    }).toThrow(
      "NATS cluster 'nats' cannot work:\n" +
        "  replicas: 2 servers survive no more losses than 1: give 1, 3, 5\n" +
        "  clusterName: 'a.b' may have letters, digits, '_' and '-' only\n" +
        "  jetstream.file: 5Gi is more than storage.size, 1Gi",
    );
  });
});

function stream(account: string) {
  return { stream: { account, subject: "x.>" } };
}
