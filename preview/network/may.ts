import { isIP } from "node:net";
import { UserError } from "../../stacks/errors";
import type { Platform } from "../checks/check";
import type { Style } from "../style";
import { actorsOf, type Actor } from "./actors";
import { flowsBetween, type Matrix } from "./matrix";
import { reach, type Side } from "./reach";
import { worldOf, type Protocol } from "./world";

/** An answer to: may A connect to B? */
export interface Answer {
  from: string;
  to: string;
  port: number;
  protocol: Protocol;
  allowed: boolean;
  /** What each side says. */
  egress: string;
  ingress: string;
  /** Lines of the table that are the reason. */
  reasons: string[];
}

/**
 * Asks the policies of a stack, on one port or on each that the called one has.
 *
 * @param names Who and whom: as the table names them, a workload, `NAMESPACE/NAME`, or an IP address.
 * @throws UserError for a name that nobody has, or when there is no port to ask for.
 */
export function ask(
  platform: Platform,
  { flows }: Pick<Matrix, "flows">,
  names: [string, string],
  port?: number,
): Answer[] {
  const world = worldOf(platform.graph);
  const actors = actorsOf(platform);
  const [from, to] = names.map((name) => find(actors, name)) as [Actor, Actor];
  const ports =
    port === undefined ? to.ports : [{ port, protocol: to.ports.find((one) => one.port === port)?.protocol }];
  if (ports.length === 0)
    throw new UserError(
      `${to.name} has no port that is known; name one: noetl-ops network may ${from.name} ${to.name} 443`,
    );
  return ports.map(({ port: number, protocol = "TCP" }) => {
    const { allowed, egress, ingress } = reach(world, { from: from.place, to: to.place, port: number, protocol });
    const matching = flowsBetween({ flows }, from, to).filter(
      (flow) =>
        flow.ports.length === 0 ||
        flow.ports.some((one) => one.port === number && (one.protocol ?? "TCP") === protocol),
    );
    return {
      from: from.name,
      to: to.name,
      port: number,
      protocol,
      allowed,
      egress: sideText(egress, from, "out"),
      ingress: sideText(ingress, to, "in"),
      reasons: allowed ? matching.map(({ reason }) => reason) : [],
    };
  });
}

/** `yes  workers → nats 4222: take commands from JetStream`, and which policies say so. */
export function answerText(answers: readonly Answer[], paint: Style): string {
  return answers
    .map(({ from, to, port, protocol, allowed, egress, ingress, reasons }) => {
      const word = allowed ? paint.green("yes") : paint.red("no ");
      const why = reasons.length === 0 ? "" : `: ${[...new Set(reasons)].join(", ")}`;
      const number = `${port}${protocol === "TCP" ? "" : `/${protocol}`}`;
      return `${word} ${from} → ${to} ${number}${why}\n    ${paint.dim(egress)}\n    ${paint.dim(ingress)}\n`;
    })
    .join("");
}

function find(actors: readonly Actor[], name: string): Actor {
  const found = actors.find(
    (actor) =>
      actor.name === name ||
      `${actor.namespace ?? ""}/${actor.name}` === name ||
      actor.workloads.some((one) => one.name === name || `${one.namespace}/${one.name}` === name),
  );
  if (found) return found;
  if (isIP(name) !== 0) {
    return { name, ours: false, place: { kind: "outside", address: name }, ports: [], workloads: [] };
  }
  const known = actors.map((actor) => actor.name).join(", ");
  throw new UserError(`nobody is named '${name}'; known are ${known}, workloads by their names, and IP addresses`);
}

/** Which policies of a side allow it, or which deny it. */
function sideText({ allowed, isolatedBy, allowedBy }: Side, { name, place, ours }: Actor, way: "in" | "out"): string {
  if (place.kind === "outside") return `${way}: ${name} is outside the cluster, where no policy holds`;
  if (!ours && isolatedBy.length === 0)
    return `${way}: ${name} is not the platform's, whose policies say nothing of it`;
  if (isolatedBy.length === 0) return `${way}: no policy is about ${name}`;
  if (allowed) return `${way}: allowed by ${allowedBy.map((policy) => policy.name).join(", ")}`;
  return `${way}: nothing in ${isolatedBy.map((policy) => policy.name).join(" or ")} allows it`;
}
