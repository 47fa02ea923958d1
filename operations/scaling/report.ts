import type { PoolScaler } from "./models";
import type { Simulation } from "./simulate";

/** What a simulation comes to. */
export interface Summary {
  /** Highest lag that NATS told. */
  mostLag: number;
  mostReplicas: number;
  /** Pods, added up over time, in hours. */
  podHours: number;
  changes: number;
  /** Seconds at the limit of `maxReplicas`. */
  atMaximum: number;
}

/** A pool with what was simulated of it. */
export interface PoolReport extends PoolScaler {
  simulation: Simulation;
  summary: Summary;
  /** What of its settings means nothing, or not what one may think. */
  notes: string[];
}

export function poolReport(scaler: PoolScaler, simulation: Simulation): PoolReport {
  return { ...scaler, simulation, summary: summaryOf(scaler, simulation), notes: notesOf(scaler, simulation) };
}

function summaryOf({ model }: PoolScaler, { rows, changes }: Simulation): Summary {
  const first = rows[0]?.replicas ?? 0;
  const end = rows.at(-1)?.time ?? 0;
  const steps = [{ time: 0, to: first }, ...changes.filter(({ time }) => time > 0 && time <= end)];
  const spans = steps.map(({ time, to }, index) => ({ replicas: to, seconds: (steps[index + 1]?.time ?? end) - time }));
  const sum = (part: typeof spans, of: (span: (typeof spans)[number]) => number) =>
    part.reduce((total, span) => total + of(span), 0);
  return {
    mostLag: rows.reduce((most, { lag }) => Math.max(most, lag ?? 0), 0),
    mostReplicas: spans.reduce((most, { replicas }) => Math.max(most, replicas), 0),
    podHours: sum(spans, ({ replicas, seconds }) => replicas * seconds) / 3600,
    changes: changes.length,
    atMaximum: sum(
      spans.filter(({ replicas }) => replicas >= model.maxReplicas && model.maxReplicas > model.minReplicas),
      ({ seconds }) => seconds,
    ),
  };
}

function notesOf({ model }: PoolScaler, { rows }: Simulation): string[] {
  const { minReplicas, maxReplicas, idleReplicas, cooldownPeriod, behavior, paused, triggers } = model;
  if (paused) return ["the scaler is paused: the pods stay as they are"];
  const notes: string[] = [];
  if (minReplicas > 0 && idleReplicas === undefined) {
    notes.push(`cooldownPeriod ${cooldownPeriod} s means nothing here: the pool always has a pod`);
  }
  if (behavior?.down.select === "Disabled") notes.push("pods never go: scaleDown is disabled");
  const enough = maxReplicas * Math.max(...triggers.map(({ lagThreshold }) => lagThreshold));
  const above = rows.filter(({ lag }) => (lag ?? 0) > enough).length;
  if (above > 0) {
    notes.push(
      `the lag was above ${enough}, what ${maxReplicas} pods are there for, in ${percent(above, rows.length)} of the time`,
    );
  }
  return notes;
}

function percent(part: number, whole: number): string {
  const value = (100 * part) / whole;
  return value < 1 ? "less than 1 %" : `${Math.round(value)} %`;
}
