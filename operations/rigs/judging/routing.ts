import type { EventRow } from "../reading/events";
import type { Evidence } from "../rig";
import { atLeast, exactly, judged } from "./evidence";

/** Segments of the stream of commands that a playbook's path decides between. */
export type Segment = "system" | "shared";

/** What was read around one execution. */
export interface RoutingReading {
  /** Where its commands must go. */
  segment: Segment;
  path: string;
  events: readonly EventRow[];
  /** Deliveries to the consumer of each segment, before and after; undefined for a consumer that is not there. */
  before: Readonly<Record<Segment, number | undefined>>;
  after: Readonly<Record<Segment, number | undefined>>;
  /** Commands of other executions meanwhile, of which nobody here knows the segment. */
  others: number;
  /** Deployments whose pods take commands of each segment. */
  workers: Readonly<Record<Segment, readonly string[]>>;
}

/** That the commands of an execution came to the consumer of their segment, to no other, and to its workers. */
export function judgeRouting(reading: RoutingReading): Evidence[] {
  const { segment, path, events, before, after, others } = reading;
  const other: Segment = segment === "system" ? "shared" : "system";
  const commands = events.filter(({ type }) => type === "command.issued").length;
  const strays = growth(before[other], after[other]);
  return [
    atLeast(`${path}: commands issued`, 1, commands),
    atLeast(
      `${path}: deliveries to the ${segment} consumer`,
      Math.max(1, commands),
      growth(before[segment], after[segment]),
    ),
    others === 0
      ? exactly(`${path}: deliveries to the ${other} consumer`, 0, strays)
      : judged(
          `${path}: deliveries to the ${other} consumer`,
          `at most the ${others} of other executions`,
          String(strays ?? "nothing"),
          strays !== undefined && strays <= others,
        ),
    judgeClaims(reading),
  ];
}

/** That only pods of the right Deployments have claimed commands of an execution. */
function judgeClaims({ segment, path, events, workers }: RoutingReading): Evidence {
  const claims = events.filter(({ type }) => type === "command.claimed").map(({ worker = "nobody" }) => worker);
  const own = workers[segment];
  const ok = claims.length > 0 && claims.every((worker) => own.includes(deploymentOf(worker)));
  const seen = claims.length === 0 ? "nobody" : [...new Set(claims)].join(", ");
  return judged(`${path}: who claimed its commands`, `pods of ${own.join(" or ")}`, seen, ok);
}

/** Name of the Deployment that a pod's name begins with. */
function deploymentOf(pod: string): string {
  return pod.replace(/-[a-z0-9]+-[a-z0-9]+$/, "");
}

function growth(before: number | undefined, after: number | undefined): number | undefined {
  return after === undefined ? undefined : after - (before ?? 0);
}
