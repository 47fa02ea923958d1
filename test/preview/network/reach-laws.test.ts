import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Json, Manifest } from "../../../preview/graph";
import { reach } from "../../../preview/network/reach";
import { policyOf, type Place, type World } from "../../../preview/network/world";

/** A NetworkPolicy as people write it. */
interface Spec {
  podSelector: Selector;
  policyTypes?: ("Ingress" | "Egress")[];
  ingress?: { from?: Peer[]; ports?: Port[] }[];
  egress?: { to?: Peer[]; ports?: Port[] }[];
}
interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}
interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}
interface Port {
  port?: number | string;
  endPort?: number;
  protocol?: "TCP" | "UDP";
}
interface Written {
  namespace: string;
  spec: Spec;
}
interface Attempt {
  from: Place;
  to: Place;
  port: number;
  protocol: "TCP" | "UDP";
}

const NAMESPACES: Record<string, Record<string, string>> = { a: { env: "1" }, b: { env: "2" }, c: {} };

/** A universe so small that rules and connections often meet. */
const labels = fc.dictionary(fc.constantFrom("app", "env"), fc.constantFrom("1", "2"), { maxKeys: 2 });
const expression = fc.oneof(
  fc.record({
    key: fc.constantFrom("app", "env"),
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.uniqueArray(fc.constantFrom("1", "2", "3"), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom("app", "env"), operator: fc.constantFrom("Exists", "DoesNotExist") }),
);
const selector: fc.Arbitrary<Selector> = fc.record(
  { matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 2 }) },
  { requiredKeys: [] },
);
const block = fc.constantFrom<{ cidr: string; except?: string[] }>(
  { cidr: "0.0.0.0/0" },
  { cidr: "10.0.0.0/30" },
  { cidr: "10.0.0.2/31", except: ["10.0.0.3/32"] },
  { cidr: "10.0.0.0/8", except: ["10.0.0.1/32", "10.0.0.4/30"] },
  { cidr: "10.0.0.5/32", except: [] },
);
const peer: fc.Arbitrary<Peer> = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
  fc.record({ ipBlock: block }),
);
const protocol = fc.constantFrom<"TCP" | "UDP">("TCP", "UDP");
const rulePort: fc.Arbitrary<Port> = fc.oneof(
  fc.record({ protocol }),
  fc.record({ port: fc.constantFrom<number | string>(1, 2, 3, "x", "y"), protocol }, { requiredKeys: ["port"] }),
  fc.record({ port: fc.integer({ min: 1, max: 2 }), endPort: fc.integer({ min: 2, max: 4 }), protocol }),
);
const ruleOf = <Key extends "from" | "to">(key: Key) =>
  fc.record(
    { [key]: fc.array(peer, { maxLength: 2 }), ports: fc.array(rulePort, { maxLength: 2 }) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Partial<Record<Key, Peer[]>> & { ports?: Port[] }>;
const spec: fc.Arbitrary<Spec> = fc.record(
  {
    podSelector: selector,
    policyTypes: fc.subarray<"Ingress" | "Egress">(["Ingress", "Egress"]),
    ingress: fc.array(ruleOf("from"), { maxLength: 3 }),
    egress: fc.array(ruleOf("to"), { maxLength: 3 }),
  },
  { requiredKeys: ["podSelector"] },
);
const policies = fc.array(fc.record({ namespace: fc.constantFrom("a", "b"), spec }), { maxLength: 5 });
const last = fc.integer({ min: 0, max: 7 });
const pod: fc.Arbitrary<Place> = fc.record({
  kind: fc.constant("pod" as const),
  namespace: fc.constantFrom("a", "b", "c"),
  labels,
  ports: fc.array(fc.record({ name: fc.constantFrom("x", "y"), port: fc.integer({ min: 1, max: 4 }), protocol }), {
    maxLength: 2,
  }),
  address: fc.option(
    last.map((byte) => `10.0.0.${byte}`),
    { nil: undefined },
  ),
});
const place: fc.Arbitrary<Place> = fc.oneof(
  { weight: 4, arbitrary: pod },
  { weight: 1, arbitrary: last.map((byte): Place => ({ kind: "outside", address: `10.0.0.${byte}` })) },
);
const attempt = fc.record({ from: place, to: place, port: fc.integer({ min: 1, max: 4 }), protocol });

function worldOf(written: readonly Written[]): World {
  return {
    namespaces: new Map(Object.entries(NAMESPACES)),
    policies: written.map(({ namespace, spec: one }, index) =>
      policyOf({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: `p${index}`, namespace },
        spec: one as unknown as Json,
      } satisfies Manifest),
    ),
  };
}

function isAllowed(written: readonly Written[], tried: Attempt): boolean {
  return reach(worldOf(written), tried).allowed;
}

/**
 * The same, from the words of the Kubernetes documentation and nothing of the program: every pod, rule, peer and port is
 * tried one after another, addresses are numbers.
 */
function reference(written: readonly Written[], { from, to, port, protocol: spoken }: Attempt): boolean {
  const has = (wanted: Selector, given: Record<string, unknown>): boolean => {
    for (const key of Object.keys(wanted.matchLabels ?? {})) if (given[key] !== wanted.matchLabels?.[key]) return false;
    for (const { key, operator, values = [] } of wanted.matchExpressions ?? []) {
      const present = key in given;
      const listed = present && values.includes(given[key] as string);
      if (operator === "In" && !listed) return false;
      if (operator === "NotIn" && listed) return false;
      if (operator === "Exists" && !present) return false;
      if (operator === "DoesNotExist" && present) return false;
    }
    return true;
  };
  const number = (text: string): number => text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const within = (cidr: string, text: string): boolean => {
    const [base = "", bits = "0"] = cidr.split("/");
    const size = 2 ** (32 - Number(bits));
    return Math.floor(number(base) / size) === Math.floor(number(text) / size);
  };
  const matches = (one: Peer, who: Place, namespace: string): boolean => {
    if (one.ipBlock) {
      const { address } = who;
      if (address === undefined || !within(one.ipBlock.cidr, address)) return false;
      return (one.ipBlock.except ?? []).filter((range) => within(range, address)).length === 0;
    }
    if (who.kind === "outside") return false;
    const there = { ...NAMESPACES[who.namespace], "kubernetes.io/metadata.name": who.namespace };
    if (one.namespaceSelector ? !has(one.namespaceSelector, there) : who.namespace !== namespace) return false;
    return one.podSelector ? has(one.podSelector, who.labels) : true;
  };
  const opens = (one: Port): boolean => {
    if ((one.protocol ?? "TCP") !== spoken) return false;
    if (one.port === undefined) return true;
    if (typeof one.port === "number")
      return one.endPort === undefined ? one.port === port : one.port <= port && port <= one.endPort;
    for (const named of to.kind === "pod" ? to.ports : []) {
      if (named.name === one.port && named.protocol === spoken && named.port === port) return true;
    }
    return false;
  };
  const side = (self: Place, who: Place, type: "Ingress" | "Egress"): boolean => {
    if (self.kind === "outside") return true;
    let isolated = false;
    for (const { namespace, spec: one } of written) {
      const types = one.policyTypes?.length
        ? one.policyTypes
        : (one.egress ?? []).length > 0
          ? ["Ingress", "Egress"]
          : ["Ingress"];
      if (namespace !== self.namespace || !has(one.podSelector, self.labels) || !types.includes(type)) continue;
      isolated = true;
      const rules =
        type === "Ingress"
          ? (one.ingress ?? []).map((rule) => ({ peers: rule.from, ports: rule.ports }))
          : (one.egress ?? []).map((rule) => ({ peers: rule.to, ports: rule.ports }));
      for (const { peers = [], ports = [] } of rules) {
        const peerFits = peers.length === 0 || peers.some((each) => matches(each, who, namespace));
        if (peerFits && (ports.length === 0 || ports.some(opens))) return true;
      }
    }
    return !isolated;
  };
  return side(from, to, "Egress") && side(to, from, "Ingress");
}

const RUNS = { numRuns: 1000 };

describe("who reaches whom", () => {
  test("is what the documentation's words say, tried one after another", () => {
    let allowed = 0;
    let total = 0;
    fc.assert(
      fc.property(policies, attempt, (written, tried) => {
        const expected = reference(written, tried);
        total += 1;
        allowed += expected ? 1 : 0;
        return isAllowed(written, tried) === expected;
      }),
      RUNS,
    );
    // The cases are worth something only where both answers are frequent.
    expect(allowed / total).toBeGreaterThan(0.1);
    expect(allowed / total).toBeLessThan(0.9);
  });

  test("without policies, everybody reaches everybody", () => {
    fc.assert(
      fc.property(attempt, (tried) => isAllowed([], tried)),
      RUNS,
    );
  });

  test("with a default deny in every namespace and nothing else, no pod reaches or is reached by anybody", () => {
    const deny = Object.keys(NAMESPACES).map((namespace): Written => ({
      namespace,
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    }));
    fc.assert(
      fc.property(attempt, (tried) => {
        fc.pre(tried.from.kind === "pod" || tried.to.kind === "pod");
        return !isAllowed(deny, tried);
      }),
      RUNS,
    );
  });

  test("one more rule in a policy takes nothing away", () => {
    fc.assert(
      fc.property(policies, ruleOf("from"), ruleOf("to"), fc.nat(), attempt, (written, ingress, egress, at, tried) => {
        fc.pre(written.length > 0 && isAllowed(written, tried));
        const more = written.map(({ namespace, spec: one }, index) => {
          if (index !== at % written.length) return { namespace, spec: one };
          const types = one.policyTypes?.length
            ? one.policyTypes
            : (["Ingress", ...((one.egress ?? []).length > 0 ? ["Egress"] : [])] as Spec["policyTypes"]);
          const grown = { ingress: [...(one.ingress ?? []), ingress], egress: [...(one.egress ?? []), egress] };
          return { namespace, spec: { ...one, ...grown, policyTypes: types } };
        });
        return isAllowed(more, tried);
      }),
      RUNS,
    );
  });

  test("one more policy takes nothing away from pods that are isolated already", () => {
    const deny = Object.keys(NAMESPACES).map((namespace): Written => ({
      namespace,
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    }));
    fc.assert(
      fc.property(policies, policies, attempt, (written, more, tried) => {
        fc.pre(isAllowed([...deny, ...written], tried));
        return isAllowed([...deny, ...written, ...more], tried);
      }),
      { numRuns: 500 },
    );
  });

  test("the order of policies does not matter", () => {
    fc.assert(
      fc.property(
        policies,
        attempt,
        (written, tried) => isAllowed(written, tried) === isAllowed([...written].reverse(), tried),
      ),
      RUNS,
    );
  });

  test("policies of a third namespace do not matter", () => {
    fc.assert(
      fc.property(policies, spec, attempt, (written, foreign, tried) => {
        const more = [...written, { namespace: "nowhere", spec: foreign }];
        return isAllowed(written, tried) === isAllowed(more, tried);
      }),
      RUNS,
    );
  });
});
