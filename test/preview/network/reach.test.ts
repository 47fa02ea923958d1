import { describe, expect, test } from "@jest/globals";
import { reach } from "../../../preview/network/reach";
import { policyOf, type Place, type Pod, type World } from "../../../preview/network/world";
import type { Json, Manifest } from "../../../preview/graph";

function pod(namespace: string, labels: Record<string, string>, more: Partial<Pod> = {}): Pod {
  return { kind: "pod", namespace, labels, ports: [], ...more };
}

function policy(namespace: string, spec: Record<string, Json>): Manifest {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "p", namespace }, spec };
}

function world(...policies: Manifest[]): World {
  return { namespaces: new Map([["team", { tier: "gold" }]]), policies: policies.map(policyOf) };
}

const web = pod("app", { app: "web" });
const store = pod("app", { app: "store" }, { ports: [{ name: "sql", port: 5432, protocol: "TCP" }] });
const other = pod("team", { app: "web" });
const WEB = { matchLabels: { app: "web" } };
const STORE = { matchLabels: { app: "store" } };
const named = (namespace: string) => ({ "kubernetes.io/metadata.name": namespace });
const address = (text: string): Place => ({ kind: "outside", address: text });

/** Whether `from` reaches the store on 5432 when this is all that the store lets in. */
function letsIn(rule: Json, from: Place = web, port = 5432): boolean {
  const shown = world(policy("app", { podSelector: { matchLabels: { app: "store" } }, ingress: [rule] }));
  return reach(shown, { from, to: store, port }).allowed;
}

describe("isolation", () => {
  test.each<[string, Record<string, Json>, boolean]>([
    ["of nobody", { podSelector: { matchLabels: { app: "nobody" } } }, true],
    ["by a policy without rules: ingress by default", { podSelector: {} }, false],
    ["by policyTypes Egress alone, of the caller", { podSelector: WEB, policyTypes: ["Egress"] }, false],
    ["of the store's egress, which is not asked", { podSelector: STORE, policyTypes: ["Egress"] }, true],
    ["of the caller's ingress, which is not asked", { podSelector: WEB, policyTypes: ["Ingress"] }, true],
    ["with one empty rule, which allows everything", { podSelector: STORE, ingress: [{}] }, true],
    [
      "with egress rules and no types: both directions",
      { podSelector: WEB, egress: [{ ports: [{ port: 1 }] }] },
      false,
    ],
    [
      "with types Ingress, egress rules count for nothing",
      { podSelector: WEB, policyTypes: ["Ingress"], egress: [] },
      true,
    ],
  ])("%s", (_, spec, allowed) => {
    expect(reach(world(policy("app", spec)), { from: web, to: store, port: 5432 }).allowed).toBe(allowed);
  });

  test("a policy of another namespace is nothing to a pod", () => {
    expect(reach(world(policy("team", { podSelector: {} })), { from: web, to: store, port: 5432 }).allowed).toBe(true);
  });

  test("both sides must allow it, and each says by which policy", () => {
    const deny = { ...policy("app", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }) };
    const ingress = policy("app", { podSelector: STORE, ingress: [{ from: [{ podSelector: WEB }] }] });
    const verdict = reach(world(deny, ingress), { from: web, to: store, port: 5432 });
    expect(verdict.allowed).toBe(false);
    expect(verdict.ingress).toMatchObject({ allowed: true, allowedBy: [{ podSelector: STORE }] });
    expect(verdict.egress).toMatchObject({ allowed: false, isolatedBy: [{ podSelector: {} }], allowedBy: [] });
    const egress = policy("app", { podSelector: WEB, egress: [{ to: [{ podSelector: STORE }] }] });
    expect(reach(world(deny, ingress, egress), { from: web, to: store, port: 5432 }).allowed).toBe(true);
  });
});

describe("peers", () => {
  test.each<[string, Json, boolean, boolean]>([
    ["a podSelector, of its own namespace", { podSelector: WEB }, true, false],
    ["an empty podSelector, the whole namespace", { podSelector: {} }, true, false],
    ["an empty namespaceSelector, every namespace", { namespaceSelector: {} }, true, true],
    ["a namespace by its label", { namespaceSelector: { matchLabels: { tier: "gold" } } }, false, true],
    ["a namespace by its name", { namespaceSelector: { matchLabels: named("team") } }, false, true],
    [
      "both, which must both hold",
      { namespaceSelector: { matchLabels: named("team") }, podSelector: STORE },
      false,
      false,
    ],
    ["addresses, for pods whose address nobody knows", { ipBlock: { cidr: "0.0.0.0/0" } }, false, false],
  ])("%s", (_, peer, near, far) => {
    expect([letsIn({ from: [peer] }, web), letsIn({ from: [peer] }, other)]).toEqual([near, far]);
  });

  test.each<[string, string, boolean]>([
    ["10.0.0.0", "the first address", true],
    ["10.255.255.255", "the last address", true],
    ["9.255.255.255", "the one before", false],
    ["10.1.2.3", "an excepted one", false],
    ["10.1.3.0", "the one after the exception", true],
    ["fd00::1", "one of the other family", false],
  ])("given 10.0.0.0/8 except 10.1.2.0/24, then %s (%s) is %s", (text, _, allowed) => {
    expect(letsIn({ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.2.0/24"] } }] }, address(text))).toBe(
      allowed,
    );
  });

  test("IPv6 ranges, and pods with addresses", () => {
    const block = { ipBlock: { cidr: "2001:db8::/32", except: ["2001:db8:1::/48"] } };
    expect(letsIn({ from: [block] }, address("2001:db8::1"))).toBe(true);
    expect(letsIn({ from: [block] }, address("2001:db8:1::1"))).toBe(false);
    expect(letsIn({ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }, { ...web, address: "10.9.9.9" })).toBe(true);
  });

  test("an address outside is no pod, whatever the selector", () => {
    expect(letsIn({ from: [{ namespaceSelector: {} }] }, address("10.0.0.1"))).toBe(false);
    expect(letsIn({}, address("10.0.0.1"))).toBe(true);
  });
});

describe("expressions", () => {
  test.each<[string, Json, boolean, boolean]>([
    ["In", { key: "app", operator: "In", values: ["web", "x"] }, true, false],
    ["NotIn", { key: "app", operator: "NotIn", values: ["web"] }, false, true],
    ["Exists", { key: "app", operator: "Exists" }, true, false],
    ["DoesNotExist", { key: "app", operator: "DoesNotExist" }, false, true],
  ])("%s, of a pod with the label and of one without", (_, expression, present, absent) => {
    const rule = { from: [{ podSelector: { matchExpressions: [expression] } }] };
    expect([letsIn(rule, web), letsIn(rule, pod("app", {}))]).toEqual([present, absent]);
  });
});

describe("ports", () => {
  test.each<[string, Json, number, boolean]>([
    ["a number", { port: 5432 }, 5432, true],
    ["another number", { port: 5433 }, 5432, false],
    ["a name", { port: "sql" }, 5432, true],
    ["a name, of another port", { port: "sql" }, 5433, false],
    ["a name that the pod does not have", { port: "http" }, 5432, false],
    ["the first of a range", { port: 5000, endPort: 5432 }, 5000, true],
    ["the last of a range", { port: 5000, endPort: 5432 }, 5432, true],
    ["behind a range", { port: 5000, endPort: 5432 }, 5433, false],
    ["another protocol", { port: 5432, protocol: "UDP" }, 5432, false],
    ["a protocol alone", { protocol: "TCP" }, 1, true],
  ])("%s", (_, port, asked, allowed) => {
    expect(letsIn({ ports: [port] }, web, asked)).toBe(allowed);
  });

  test("a name in an egress rule is one of the pod that is called; an address has none", () => {
    const shown = world(policy("app", { podSelector: WEB, egress: [{ ports: [{ port: "sql" }] }] }));
    expect(reach(shown, { from: web, to: store, port: 5432 }).allowed).toBe(true);
    expect(reach(shown, { from: web, to: address("1.1.1.1"), port: 5432 }).allowed).toBe(false);
  });

  test("UDP is UDP's", () => {
    const shown = world(policy("app", { podSelector: STORE, ingress: [{ ports: [{ port: 53, protocol: "UDP" }] }] }));
    expect(reach(shown, { from: web, to: store, port: 53, protocol: "UDP" }).allowed).toBe(true);
    expect(reach(shown, { from: web, to: store, port: 53 }).allowed).toBe(false);
  });
});
