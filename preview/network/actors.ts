import { isIPv6 } from "node:net";
import { partyKey, type Flow, type FlowPort, type Party } from "../../components/network/flow";
import { namespaceNames } from "../../stacks/namespaces";
import { flowsOf } from "../../stacks/network/flows";
import { withProfile } from "../../stacks/profile";
import type { Platform } from "../checks/check";
import { workloadsOf, type Workload } from "../workloads";
import { isInBlock } from "./address";
import { selects } from "./selector";
import { podOf, type Place } from "./world";

/** Somebody who connects or is connected to: a workload of the platform, pods of others, addresses. */
export interface Actor {
  /** What people call it: `server`, `nats`, `internet`. */
  name: string;
  /** The end of flows that it is; none for a workload that no flow knows. */
  party?: Party | undefined;
  /** Whether its policies are the platform's: it is in a namespace that the platform makes. */
  ours: boolean;
  /** Its namespace; undefined for addresses. */
  namespace?: string | undefined;
  /** One of its pods or addresses, for all of them. */
  place: Place;
  /** Ports that it may be asked on: what its containers declare, and what flows name. */
  ports: readonly FlowPort[];
  /** What of the rendered stack it is; none for what somebody else deploys. */
  workloads: readonly Workload[];
}

/** The flows of a platform's table. */
export function flowsOfPlatform({ config }: Pick<Platform, "config">): Flow[] {
  return flowsOf(withProfile(config));
}

/** Everybody: each end of each flow once, then workloads that no flow knows. */
export function actorsOf({ graph, config }: Platform): Actor[] {
  const workloads = workloadsOf(graph);
  const flows = flowsOfPlatform({ config });
  const parties = new Map<string, Exclude<Party, { kind: "anyone" }>>();
  for (const party of flows.flatMap(({ from, to }) => [from, to])) {
    // Who may be anyone is nobody in particular.
    if (party.kind !== "anyone") parties.set(partyKey(party), party);
  }
  const ours = Object.keys(namespaceNames(config));
  const actors = [...parties.values()].map((party) => actorOf(party, flows, workloads, ours));
  const known = new Set(actors.flatMap((actor) => actor.workloads));
  const others = workloads.filter((workload) => !known.has(workload));
  return [...actors, ...others.map(actorOfWorkload)];
}

/** Workloads of which an end of a flow is made. */
export function workloadsIn(party: Party, workloads: readonly Workload[]): Workload[] {
  if (party.kind !== "pods") return [];
  const { namespace, labels, without } = party;
  return workloads.filter(
    (one) =>
      one.namespace === namespace &&
      selects({ matchLabels: { ...labels } }, one.podLabels) &&
      (without === undefined || one.podLabels[without] === undefined),
  );
}

function actorOf(
  party: Exclude<Party, { kind: "anyone" }>,
  flows: readonly Flow[],
  all: readonly Workload[],
  namespaces: readonly string[],
): Actor {
  const { name } = party;
  if (party.kind === "addresses") {
    const address = sampleOf(party.ranges);
    // One address may be many things: GKE's metadata server answers for names, too.
    const named = flows.flatMap(({ to, ports }) =>
      to.kind === "addresses" && to.ranges.some((range) => isInBlock(blockOf(range), address)) ? ports : [],
    );
    return { name, party, ours: false, place: { kind: "outside", address }, ports: distinct(named), workloads: [] };
  }
  const incoming = flows.filter(({ to }) => partyKey(to) === partyKey(party));
  const named = incoming.flatMap(({ ports }) => ports);
  const { namespace, labels } = party;
  const workloads = workloadsIn(party, all);
  const [first] = workloads;
  const place: Place = first ? podOf(first) : { kind: "pod", namespace, labels, ports: [] };
  const ports = distinct([...named, ...workloads.flatMap(portsOf)]);
  return { name, namespace, party, ours: namespaces.includes(namespace), place, ports, workloads };
}

function actorOfWorkload(workload: Workload): Actor {
  const { name, namespace } = workload;
  return {
    name,
    namespace,
    ours: true,
    place: podOf(workload),
    ports: portsOf(workload),
    workloads: [workload],
  };
}

function portsOf(workload: Workload): FlowPort[] {
  return podOf(workload).ports.map(({ name = "port", port, protocol }) => ({
    name,
    port,
    protocol: protocol === "UDP" ? "UDP" : "TCP",
  }));
}

/** Each number and protocol once, under the name that a flow gives it. */
function distinct(ports: readonly FlowPort[]): FlowPort[] {
  const byNumber = new Map<string, FlowPort>();
  for (const port of ports) {
    const key = `${port.port}/${port.protocol ?? "TCP"}`;
    byNumber.set(key, byNumber.get(key) ?? port);
  }
  return [...byNumber.values()].sort((a, b) => a.port - b.port);
}

/** An address of nobody in particular (RFC 5737). */
export const SOMEWHERE = "203.0.113.1";

function blockOf({ cidr, except = [] }: Extract<Party, { kind: "addresses" }>["ranges"][number]) {
  return { cidr, except: [...except] };
}

/** An address that lies in the ranges. */
function sampleOf(ranges: Extract<Party, { kind: "addresses" }>["ranges"]): string {
  const blocks = ranges.map(blockOf);
  const starts = ranges.map(({ cidr }) => cidr.split("/")[0] ?? "");
  const candidates = [SOMEWHERE, ...starts, ...starts.filter((start) => !isIPv6(start)).map(second)];
  return candidates.find((one) => blocks.some((block) => isInBlock(block, one))) ?? SOMEWHERE;
}

function second(start: string): string {
  return start.replace(/\d+$/, (last) => String(Number(last) + 1));
}
