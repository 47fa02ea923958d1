import type * as k8s from "@pulumi/kubernetes";
import { fingerprint } from "../kubernetes/fingerprint";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { partyKey, portTitle, type Flow, type FlowPort, type Party, type Pods } from "./flow";

type Policy = k8s.networking.v1.NetworkPolicyArgs;
type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type PolicyPort = k8s.types.input.networking.v1.NetworkPolicyPort;
type LabelSelector = k8s.types.input.meta.v1.LabelSelector;

/** A policy with its name, which is unique within its namespace. */
export interface NamedPolicy {
  name: string;
  namespace: Namespace;
  policy: Policy;
}

/** Name of the policy of each namespace that allows nothing. */
const DEFAULT_DENY = "default-deny";

/** Which namespace an object is in, by the label that the API server gives each namespace. */
const NAMESPACE_LABEL = "kubernetes.io/metadata.name";

/** Nothing comes in and nothing goes out, unless another policy allows it: policies only ever add. */
export function denyPolicy(namespace: Namespace): NamedPolicy {
  const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
  return { name: DEFAULT_DENY, namespace, policy: { metadata: metadata(DEFAULT_DENY, namespace), spec } };
}

/**
 * For each party of these namespaces that a flow begins or ends at, one policy `allow-PARTY` with exactly its flows. A
 * flow between two of them stands in both policies, since both sides must allow it; the other end of any other flow is
 * not ours to speak for.
 *
 * @throws Error when one name means two selections of pods.
 */
export function allowPolicies(namespaces: readonly Namespace[], flows: readonly Flow[]): NamedPolicy[] {
  const ours = new Map(namespaces.map((namespace) => [namespace.name, namespace]));
  return partiesOf(flows).flatMap((party) => {
    const namespace = ours.get(party.namespace);
    return namespace ? [allowPolicy(party, namespace, flows)] : [];
  });
}

/** What is said of a party in both directions. */
function allowPolicy(party: Pods, namespace: Namespace, flows: readonly Flow[]): NamedPolicy {
  const name = policyName(party);
  const incoming = flows.filter(({ to }) => isSame(to, party));
  const outgoing = flows.filter(({ from }) => isSame(from, party));
  return {
    name,
    namespace,
    policy: {
      metadata: {
        ...metadata(name, namespace),
        annotations: { "noetl.io/flows": [...new Set([...incoming, ...outgoing])].map(flowText).join("\n") },
      },
      spec: {
        podSelector: podSelector(party),
        policyTypes: [...(incoming.length > 0 ? ["Ingress"] : []), ...(outgoing.length > 0 ? ["Egress"] : [])],
        ...(incoming.length > 0 && {
          ingress: incoming.map(({ from, ports }) => ({ ...portsOf(ports), ...peers("from", from, namespace) })),
        }),
        ...(outgoing.length > 0 && {
          egress: outgoing.map(({ to, ports }) => ({ ...portsOf(ports), ...peers("to", to, namespace) })),
        }),
      },
    },
  };
}

/** Every selection of pods, once, in the order in which the flows name them. */
function partiesOf(flows: readonly Flow[]): Pods[] {
  const parties = new Map<string, Pods>();
  for (const party of flows.flatMap(({ from, to }) => [from, to])) {
    if (party.kind !== "pods") continue;
    const key = `${party.namespace}/${policyName(party)}`;
    const known = parties.get(key);
    if (known && !isSame(known, party)) throw new Error(`two parties of the network are named ${key}`);
    parties.set(key, known ?? party);
  }
  return [...parties.values()];
}

function isSame(party: Party, other: Pods): boolean {
  return partyKey(party) === partyKey(other);
}

/** `allow-server`; what no object may be called gets a hash of the selection instead of the odd characters. */
export function policyName(party: Pods): string {
  const { name } = party;
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  if (plain === name) return `allow-${name}`;
  return `allow-${plain.slice(0, 200).replaceAll(/^-|-$/g, "")}-${fingerprint(partyKey(party))}`;
}

function metadata(name: string, namespace: Namespace) {
  return { name, namespace: namespace.created, labels: labels({ app: name, component: "network" }) };
}

function podSelector({ labels: wanted, without }: Pods): LabelSelector {
  return {
    ...(Object.keys(wanted).length > 0 && { matchLabels: { ...wanted } }),
    ...(without !== undefined && { matchExpressions: [{ key: without, operator: "DoesNotExist" }] }),
  };
}

function peers(key: "from" | "to", party: Party, own: Namespace): Partial<Record<"from" | "to", Peer[]>> {
  if (party.kind === "anyone") return {};
  if (party.kind === "addresses") {
    const blocks = party.ranges.map(({ cidr, except }) => ({
      ipBlock: { cidr, ...(except && except.length > 0 && { except: [...except] }) },
    }));
    return { [key]: blocks };
  }
  const isNeighbour = party.namespace === own.name;
  const elsewhere = { namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: party.namespace } } };
  return { [key]: [{ ...(!isNeighbour && elsewhere), podSelector: podSelector(party) }] };
}

function portsOf(ports: readonly FlowPort[]): { ports?: PolicyPort[] } {
  if (ports.length === 0) return {};
  return { ports: ports.map(({ port, protocol = "TCP" }) => ({ protocol, port })) };
}

function flowText({ from, to, ports, reason }: Flow): string {
  const where = ports.length === 0 ? "every port" : ports.map(portTitle).join(", ");
  return `${from.name} to ${to.name}, ${where}: ${reason}`;
}
