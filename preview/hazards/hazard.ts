import type { ResourceGraph } from "../graph";
import { metaGroupsOf, natsServersOf, type NatsServers } from "../nats/servers";
import { workloadsOf, type Workload } from "../workloads";

/** One side of a comparison. */
export interface Side {
  graph: ResourceGraph;
  workloads: Workload[];
  /** NATS servers by `NAMESPACE/NAME`. */
  nats: ReadonlyMap<string, NatsServers>;
  /** Which of them share JetStream's meta data. */
  groups: string[][];
}

/** What is deployed, going by the render that was kept of it, and what the program would make of it now. */
export interface Change {
  before: Side;
  after: Side;
}

/** A place where a change would destroy data. */
export interface Danger {
  /** URN of the resource. */
  resource: string;
  /** What changes, with the numbers. */
  what: string;
  /** How to leave it as it is, naming the key of the stack file. */
  avoid: string;
}

/** A kind of change that destroys data, or puts it out of reach. */
export interface Hazard {
  /** Short name, stable: waivers and people search for it. */
  id: string;
  /** The change, in a few words. */
  title: string;
  /** What happens to the data; what is said here was seen with a real server. */
  why: string;
  /** How to get there without loss, step by step. */
  safeWay: readonly string[];
  find: (change: Change) => Danger[];
}

export function sideOf(graph: ResourceGraph): Side {
  const workloads = workloadsOf(graph);
  const nats = natsServersOf(graph, workloads);
  return { graph, workloads, nats, groups: metaGroupsOf(nats) };
}

/** The NATS servers that are on both sides. */
export function natsPairs({ before, after }: Change): { before: NatsServers; after: NatsServers }[] {
  return [...before.nats.values()].flatMap((old) => {
    const now = after.nats.get(old.id);
    return now ? [{ before: old, after: now }] : [];
  });
}

/** The key of the stack file that a NATS workload was made from. */
export function natsKey({ workload }: NatsServers): string {
  return workload.name === "nats" ? "noetl:nats" : "noetl:natsSupercluster";
}
