import type { EventRow } from "../reading/events";
import type { Evidence } from "../rig";
import { atLeast, exactly, judged, shown } from "./evidence";

/** Segments of the stream of commands that a playbook's path decides between. */
export type Segment = "system" | "shared";

/** What was read around one execution. */
export interface RoutingReading {
  /** Where its command must go. */
  segment: Segment;
  path: string;
  /** The step whose command it is: a server may also drive an execution by commands of its own. */
  step: string;
  events: readonly EventRow[];
  /** Deliveries to the consumer of each segment, before and after; undefined for a consumer that is not there. */
  before: Readonly<Record<Segment, number | undefined>>;
  after: Readonly<Record<Segment, number | undefined>>;
  /** Commands of other executions meanwhile, of which nobody here knows the segment. */
  others: number;
  /** Deployments whose pods take commands of each segment. */
  workers: Readonly<Record<Segment, readonly string[]>>;
}

/**
 * That the command of an execution came to the consumer of its segment, and to its workers; one for the system pool to
 * no other consumer. The other way round servers drive every execution by commands to the system pool.
 */
export function judgeRouting(reading: RoutingReading): Evidence[] {
  const { segment, path, before, after } = reading;
  return [
    atLeast(`${path}: commands issued`, 1, ofStep(reading, "command.issued").length),
    atLeast(`${path}: deliveries to the ${segment} consumer`, 1, growth(before[segment], after[segment])),
    ...(segment === "system" ? [judgeStrays(reading)] : []),
    judgeClaims(reading),
  ];
}

function judgeStrays({ path, before, after, others }: RoutingReading): Evidence {
  const what = `${path}: deliveries to the shared consumer`;
  const strays = growth(before.shared, after.shared);
  if (others === 0) return exactly(what, 0, strays);
  const expected = `at most the ${others} of other executions`;
  return judged(what, expected, shown(strays), strays !== undefined && strays <= others);
}

/** That only pods of the right Deployments have claimed the command. */
function judgeClaims(reading: RoutingReading): Evidence {
  const { segment, path, workers } = reading;
  const claims = ofStep(reading, "command.claimed").map(({ worker = "nobody" }) => worker);
  const own = workers[segment];
  const ok = claims.length > 0 && claims.every((worker) => own.includes(deploymentOf(worker)));
  const seen = claims.length === 0 ? "nobody" : [...new Set(claims)].join(", ");
  return judged(`${path}: who claimed its command`, `a pod of ${own.join(" or ")}`, seen, ok);
}

function ofStep({ events, step }: RoutingReading, type: string): EventRow[] {
  return events.filter((event) => event.type === type && event.step === step);
}

/** Name of the Deployment that a pod's name begins with. */
function deploymentOf(pod: string): string {
  return pod.replace(/-[a-z0-9]+-[a-z0-9]+$/, "");
}

function growth(before: number | undefined, after: number | undefined): number | undefined {
  return after === undefined ? undefined : after - (before ?? 0);
}
