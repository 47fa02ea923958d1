import { partyKey, type Flow, type FlowPort } from "../../components/network/flow";
import type { Platform } from "../checks/check";
import { isInBlock } from "./address";
import { actorsOf, flowsOfPlatform, type Actor } from "./actors";
import { reach } from "./reach";
import { worldOf, type World } from "./world";

/** What one actor may ask another. */
export interface Cell {
  from: Actor;
  to: Actor;
  /** Ports that the policies let through, of those that the called has. */
  ports: readonly FlowPort[];
  /** Whether they let through every port. */
  every: boolean;
}

/** Who may connect to whom, by the policies of a rendered stack. */
export interface Matrix {
  stack: string;
  mode: "enforced" | "off";
  actors: readonly Actor[];
  /** Every pair of which at least one is the platform's, allowed or not. */
  cells: readonly Cell[];
  /** The table that the policies were made from. */
  flows: readonly Flow[];
}

/** A port that nobody has: whoever may use it may use every one. */
const UNHEARD_OF = 54321;

/** Asks for every pair, on every port that the called one has. */
export function matrixOf(platform: Platform): Matrix {
  const world = worldOf(platform.graph);
  const actors = actorsOf(platform);
  const pairs = actors.flatMap((from) => actors.map((to) => [from, to] as const));
  return {
    stack: platform.graph.stack,
    mode: platform.config.networkPolicy.mode,
    actors,
    cells: pairs.filter(([from, to]) => from.ours || to.ours).map(([from, to]) => cellOf(world, from, to)),
    flows: flowsOfPlatform(platform),
  };
}

/** The lines of the table that say why one may ask another; more than one where several ports have reasons of their own. */
export function flowsBetween({ flows }: Pick<Matrix, "flows">, from: Actor, to: Actor): Flow[] {
  return flows.filter((flow) => isEnd(flow.from, from) && isEnd(flow.to, to));
}

/** Our own workloads are never just anyone: their own policies must name whom they call. */
function isEnd(end: Flow["from"], { party, place, ours }: Actor): boolean {
  if (end.kind === "anyone") return !ours;
  if (end.kind === "pods") return party !== undefined && partyKey(end) === partyKey(party);
  return (
    place.kind === "outside" &&
    end.ranges.some(({ cidr, except = [] }) => isInBlock({ cidr, except: [...except] }, place.address))
  );
}

function cellOf(world: World, from: Actor, to: Actor): Cell {
  const may = (port: number, protocol?: "TCP" | "UDP") =>
    reach(world, { from: from.place, to: to.place, port, protocol }).allowed;
  return {
    from,
    to,
    ports: to.ports.filter(({ port, protocol }) => may(port, protocol)),
    every: may(UNHEARD_OF),
  };
}

/** `4222 8222`, `every port`, or nothing. */
export function portsText({ ports, every }: Pick<Cell, "ports" | "every">): string {
  if (every) return "every port";
  return ports.map(({ port, protocol = "TCP" }) => `${port}${protocol === "TCP" ? "" : `/${protocol}`}`).join(" ");
}
