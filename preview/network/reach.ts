import type { Json } from "../graph";
import { at, isObject, numberOf, textOf } from "../json";
import { isInBlock } from "./address";
import { selects } from "./selector";
import type { Place, Pod, Policy, Protocol, Rule, World } from "./world";

/** A connection that somebody would like to open. */
export interface Attempt {
  from: Place;
  to: Place;
  port: number;
  /** Default: TCP. */
  protocol?: Protocol | undefined;
}

/** What one side says of a connection. */
export interface Side {
  allowed: boolean;
  /**
   * Policies that isolate this side in its direction; none means it is open. An address outside the cluster has no
   * policies.
   */
  isolatedBy: readonly Policy[];
  /** Those of them that allow the connection. */
  allowedBy: readonly Policy[];
}

/** Whether a connection can be opened, and why. */
export interface Verdict {
  allowed: boolean;
  /** What the policies of the caller say. */
  egress: Side;
  /** What the policies of the called say. */
  ingress: Side;
}

/**
 * Whether the policies let one pod or address connect to another: both sides must, each by any one of the policies that
 * select it, and a side that no policy selects allows everything. Answers come back by the same connection.
 *
 * A pod always reaches itself; two places are two pods, be they of one workload. What a network may do besides, such as
 * letting the node's own processes in, is not asked here.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function reach(world: World, { from, to, port, protocol = "TCP" }: Attempt): Verdict {
  const connection = { called: to, port, protocol };
  const egress = sideOf(world, "egress", { ...connection, home: from, other: to });
  const ingress = sideOf(world, "ingress", { ...connection, home: to, other: from });
  return { allowed: egress.allowed && ingress.allowed, egress, ingress };
}

/** A connection as one of its sides sees it. */
interface View {
  /** The side whose policies are asked. */
  home: Place;
  /** The other side. */
  other: Place;
  /** The side that is connected to. */
  called: Place;
  port: number;
  protocol: Protocol;
}

function sideOf({ policies, namespaces }: World, direction: "ingress" | "egress", view: View): Side {
  const { home } = view;
  const isolatedBy =
    home.kind === "outside" ? [] : policies.filter((one) => one[direction] !== undefined && isSelected(one, home));
  const allowedBy = isolatedBy.filter((one) => one[direction]?.some((rule) => allows(rule, view, namespaces)) === true);
  return { allowed: isolatedBy.length === 0 || allowedBy.length > 0, isolatedBy, allowedBy };
}

/** Whether a policy is about a pod. */
export function isSelected({ namespace, podSelector }: Policy, pod: Pod): boolean {
  return pod.namespace === namespace && selects(podSelector, pod.labels);
}

function allows({ peers, ports }: Rule, view: View, namespaces: World["namespaces"]): boolean {
  const isPeer = peers === undefined || peers.some((peer) => isTheOther(peer, view, namespaces));
  return isPeer && (ports === undefined || ports.some((port) => isPort(port, view)));
}

function isTheOther(peer: Json, { other, home }: View, namespaces: World["namespaces"]): boolean {
  const block = at(peer, "ipBlock");
  if (block !== undefined) return other.address !== undefined && isInBlock(block, other.address);
  if (other.kind === "outside" || home.kind === "outside") return false;
  const { namespace } = other;
  const [namespaceSelector, podSelector] = [at(peer, "namespaceSelector"), at(peer, "podSelector")];
  const labels = { ...namespaces.get(namespace), "kubernetes.io/metadata.name": namespace };
  // A podSelector alone is about the namespace of the policy.
  const isThere = isObject(namespaceSelector) ? selects(namespaceSelector, labels) : namespace === home.namespace;
  return isThere && (!isObject(podSelector) || selects(podSelector, other.labels));
}

/** A port by its number, a range of numbers, or the name that the called pod gives it; no port means every one. */
function isPort(rule: Json, { called, port, protocol }: View): boolean {
  if ((textOf(at(rule, "protocol")) ?? "TCP") !== protocol) return false;
  const wanted = at(rule, "port");
  if (typeof wanted === "string") {
    const ports = called.kind === "pod" ? called.ports : [];
    return ports.some((one) => one.name === wanted && one.port === port && one.protocol === protocol);
  }
  const first = numberOf(wanted);
  if (first === undefined) return true;
  const last = numberOf(at(rule, "endPort")) ?? first;
  return first <= port && port <= last;
}
