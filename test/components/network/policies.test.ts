import { describe, expect, test } from "@jest/globals";
import { existingNamespace } from "../../../components/kubernetes/namespaces";
import { addresses, pods, tcp, type Flow } from "../../../components/network/flow";
import { NetworkPolicies } from "../../../components/network/network-policies";
import { allowPolicies, policyName } from "../../../components/network/policies";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const HOME = existingNamespace("home");
const AWAY = existingNamespace("away");
const web = pods("web", "home", { app: "web" });
const store = pods("store", "away", { app: "store" });
const FLOW: Flow = { from: web, to: store, ports: [tcp("sql", 5432)], reason: "asks for data" };

async function render(flows: readonly Flow[], namespaces = [HOME, AWAY]) {
  return recorded(() => new NetworkPolicies("network", { namespaces, flows }));
}

/** The rules of a party of namespace `home`. */
function rulesOf(party: string, ...flows: Flow[]): unknown {
  return allowPolicies([HOME], flows).find(({ name }) => name === `allow-${party}`)?.policy.spec;
}

describe("NetworkPolicies", () => {
  test("given no flow, each namespace denies everything in both directions", async () => {
    const graph = await render([], [HOME]);
    expect(objectNames(graph)).toEqual(["NetworkPolicy/default-deny"]);
    expect(objectNamed(graph, "NetworkPolicy/default-deny").spec).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
  });

  test("given a flow between namespaces of ours, both ends allow it and say why", async () => {
    const graph = await render([FLOW]);
    expect(objectNamed(graph, "NetworkPolicy/allow-web")).toMatchObject({
      metadata: { namespace: "home", annotations: { "noetl.io/flows": "web to store, sql 5432: asks for data" } },
      spec: {
        podSelector: { matchLabels: { app: "web" } },
        policyTypes: ["Egress"],
        egress: [
          {
            ports: [{ protocol: "TCP", port: 5432 }],
            to: [
              {
                namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "away" } },
                podSelector: { matchLabels: { app: "store" } },
              },
            ],
          },
        ],
      },
    });
    expect(objectNamed(graph, "NetworkPolicy/allow-store").spec).toEqual({
      podSelector: { matchLabels: { app: "store" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          ports: [{ protocol: "TCP", port: 5432 }],
          from: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "home" } },
              podSelector: { matchLabels: { app: "web" } },
            },
          ],
        },
      ],
    });
  });

  test("nothing is denied before everything that is allowed is there", async () => {
    const graph = await render([FLOW]);
    const denials = graph.resources.filter(({ name }) => name.endsWith("/default-deny"));
    expect(denials).toHaveLength(2);
    for (const { dependencies } of denials) {
      expect(dependencies.map((urn) => urn.split("::").at(-1))).toEqual(["away/allow-store", "home/allow-web"]);
    }
  });

  test("given an end in a namespace of somebody else, only the other end has a policy", async () => {
    expect(objectNames(await render([FLOW], [HOME]))).toEqual([
      "NetworkPolicy/allow-web",
      "NetworkPolicy/default-deny",
    ]);
  });
});

describe("the rules of a party", () => {
  const outside = addresses("outside", { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] }, "::/0");

  test("given addresses, it names their ranges and exceptions", () => {
    expect(rulesOf("web", { ...FLOW, to: outside })).toMatchObject({
      egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }, { ipBlock: { cidr: "::/0" } }] }],
    });
  });

  test("given no port, then every port; given UDP, then that protocol", () => {
    expect(rulesOf("web", { ...FLOW, to: outside, ports: [] })).toMatchObject({ egress: [{ to: expect.anything() }] });
    expect(JSON.stringify(rulesOf("web", { ...FLOW, to: outside, ports: [] }))).not.toContain('"ports"');
    expect(rulesOf("web", { ...FLOW, ports: [{ name: "dns", port: 53, protocol: "UDP" }] })).toMatchObject({
      egress: [{ ports: [{ protocol: "UDP", port: 53 }] }],
    });
  });

  test("given anyone, then nobody is left out", () => {
    expect(rulesOf("web", { ...FLOW, from: { kind: "anyone", name: "anyone" }, to: web })).toEqual({
      podSelector: { matchLabels: { app: "web" } },
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ protocol: "TCP", port: 5432 }] }],
    });
  });

  test("given itself, then both directions; its neighbours need no namespace", () => {
    const neighbour = [{ podSelector: { matchLabels: { app: "web" } } }];
    expect(rulesOf("web", { ...FLOW, to: web })).toEqual({
      podSelector: { matchLabels: { app: "web" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ ports: [{ protocol: "TCP", port: 5432 }], from: neighbour }],
      egress: [{ ports: [{ protocol: "TCP", port: 5432 }], to: neighbour }],
    });
  });

  test("given a label that they do not have, the selector says so; given none, it takes every pod", () => {
    const others = pods("others", "home", {}, "part-of");
    expect(rulesOf("others", { ...FLOW, from: others })).toMatchObject({
      podSelector: { matchExpressions: [{ key: "part-of", operator: "DoesNotExist" }] },
    });
    expect(rulesOf("everybody", { ...FLOW, from: pods("everybody", "home", {}) })).toMatchObject({ podSelector: {} });
  });
});

describe("names of policies", () => {
  test("a party's name is kept where an object may have it, and is hashed where not", () => {
    expect(policyName(web)).toBe("allow-web");
    const odd = pods("a b in home", "home", { x: "b" });
    expect(policyName(odd)).toMatch(/^allow-a-b-in-home-[0-9a-f]{8}$/);
    expect(policyName(odd)).not.toBe(policyName({ ...odd, labels: { y: "b" } }));
    expect(policyName({ ...odd, name: "x".repeat(300) + "=" }).length).toBeLessThanOrEqual(253);
  });

  test("given one name for two selections, it is refused", () => {
    const other = { ...FLOW, from: pods("web", "home", { app: "other" }) };
    expect(() => allowPolicies([HOME], [FLOW, other])).toThrow("two parties of the network are named home/allow-web");
  });
});
