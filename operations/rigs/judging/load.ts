import { growthOf, type Scrape } from "../reading/growth";
import type { Evidence } from "../rig";
import type { RigSetting, RigSettings } from "../settings";
import { atLeast, exactly, judged } from "./evidence";

/** How much load there is at most. */
export interface Load {
  /** Requests a second. */
  rate: number;
  seconds: number;
  /** Requests in all; the load ends with the first of both. */
  total: number;
}

/**
 * How a load is asked for. By default it shows whether events get lost, and hurts no platform; the bounds are what one
 * server is specified for, for a minute.
 */
export const LOAD_SETTINGS: readonly RigSetting[] = [
  { name: "rate", description: "events a second", default: 50, largest: 1000 },
  { name: "seconds", description: "seconds that events are sent", default: 10, largest: 60 },
  { name: "total", description: "events in all", default: 500, largest: 60_000 },
];

/** The load that settings of {@link LOAD_SETTINGS} ask for. */
export function loadOf({ rate = 1, seconds = 1, total = 1 }: RigSettings): Load {
  return { rate, seconds, total };
}

/** Requests that a load sends. */
export function requestsOf({ rate, seconds, total }: Load): number {
  return Math.min(rate * seconds, total);
}

/** What a load has shown. */
export interface LoadReading {
  load: Load;
  sent: number;
  /** How many answers of each status; 0: none came. */
  answers: ReadonlyMap<number, number>;
  /** Milliseconds from the first request to the last answer. */
  took: number;
  /** Milliseconds of each answer. */
  durations: readonly number[];
  /** Rows of the event log that the load has made. */
  stored: number;
  /** `/metrics` of the server. */
  before: Scrape;
  after: Scrape;
}

/** Type of the events that a load sends: the server writes them, and does nothing else about them. */
export const LOAD_EVENT = "step.enter";

/** Every event was accepted, written and counted, and there were no more of them than allowed. */
export function judgeLoad({ load, sent, answers, stored, before, after }: LoadReading): Evidence[] {
  const accepted = [...answers].reduce((sum, [status, count]) => sum + (status >= 200 && status < 300 ? count : 0), 0);
  const others = [...answers].filter(([status]) => status < 200 || status >= 300);
  const labels = { event_type: LOAD_EVENT };
  return [
    judged("events sent", `at most ${requestsOf(load)}`, String(sent), sent <= requestsOf(load) && sent > 0),
    judged(
      "events that were not accepted",
      "0",
      others.length === 0 ? "0" : others.map(([status, count]) => `${count} with ${status || "no answer"}`).join(", "),
      others.length === 0,
    ),
    exactly("rows of the event log, of those accepted", accepted, stored),
    atLeast(
      "events that the server has counted",
      accepted,
      growthOf(before, after, "noetl_events_ingested_total", { ...labels, status: "ok" }),
    ),
    exactly(
      "events that it has counted as errors",
      0,
      growthOf(before, after, "noetl_events_ingested_total", { ...labels, status: "error" }) ?? 0,
    ),
  ];
}

/** How fast it was; says nothing about right or wrong, which is for who knows the machine. */
export function paceOf({ sent, took, durations }: LoadReading): string {
  const sorted = [...durations].sort((one, other) => one - other);
  const share = (part: number): string => `${Math.round(sorted[Math.ceil(sorted.length * part) - 1] ?? 0)} ms`;
  const rate = took === 0 ? 0 : Math.round((sent * 1000) / took);
  return `${sent} events in ${(took / 1000).toFixed(1)} s (${rate} a second); half of the answers within ${share(0.5)}, 95 % within ${share(0.95)}, 99 % within ${share(0.99)}`;
}
