import { counted } from "../../preview/amounts";
import type { Style } from "../../preview/style";
import { bins } from "./bins";
import type { PoolReport } from "./report";
import type { Change, Simulation } from "./simulate";
import { clock, span } from "./time";

const BARS = "▁▂▃▄▅▆▇█";
const CHANGES_SHOWN = 10;
const MARGIN = 8;

export interface FormatOptions {
  /** Columns of the terminal. */
  width: number;
}

/** Simulations as charts of characters, with what changed and when. */
export function formatReports(
  title: string,
  reports: readonly PoolReport[],
  paint: Style,
  { width }: FormatOptions,
): string {
  const columns = Math.max(20, Math.min(width, 100) - MARGIN - 24);
  return `${[paint.bold(title), ...reports.map((report) => poolText(report, columns, paint))].join("\n\n")}\n`;
}

/** `1–20 pods, one for 10 messages`. */
export function rangeOf({ model }: PoolReport): string {
  const { minReplicas, maxReplicas, idleReplicas, triggers } = model;
  const thresholds = [...new Set(triggers.map(({ lagThreshold }) => lagThreshold))].join(" or ");
  return `${idleReplicas ?? minReplicas}–${maxReplicas} pods, one for ${thresholds} messages`;
}

/** Pods over time: at the begin, and after each change. */
export function podsOverTime({ rows, changes }: Simulation): [time: number, replicas: number][] {
  const first = changes[0]?.from ?? rows[0]?.replicas ?? 0;
  return [[0, first], ...changes.map(({ time, to }): [number, number] => [time, to])];
}

function poolText(report: PoolReport, columns: number, paint: Style): string {
  const { pool, simulation, summary, notes } = report;
  const duration = simulation.rows.at(-1)?.time ?? 0;
  const lag = bins(
    simulation.rows.map((row) => [row.time, row.lag] as const),
    columns,
    duration,
  );
  const pods = bins(podsOverTime(simulation), columns, duration);
  const facts = [`at most ${summary.mostReplicas}`, `${summary.podHours.toFixed(1)} pod hours`];
  const lines = [
    `${paint.bold(pool)}  ${rangeOf(report)}`,
    `  lag   ${paint.yellow(bars(lag))}  at most ${summary.mostLag}`,
    `  pods  ${paint.cyan(bars(pods))}  ${facts.join(", ")}`,
    `        ${paint.dim(axis(columns, duration))}`,
    ...changeLines(simulation.changes),
    ...(summary.atMaximum > 0
      ? [`  ${paint.yellow("!")} all ${report.model.maxReplicas} pods for ${span(summary.atMaximum)}`]
      : []),
    ...notes.map((note) => `  ${paint.dim(`i ${note}`)}`),
  ];
  return lines.join("\n");
}

function bars(values: readonly (number | undefined)[]): string {
  const most = values.reduce<number>((highest, value) => Math.max(highest, value ?? 0), 0);
  const bar = (value: number): string => {
    const level = value === 0 ? 0 : Math.max(1, Math.round((value / most) * (BARS.length - 1)));
    return BARS.charAt(level);
  };
  return values.map((value) => (value === undefined ? "?" : bar(value))).join("");
}

function axis(columns: number, duration: number): string {
  const [middle, end] = [span(duration / 2), span(duration)];
  const left = Math.floor(columns / 2);
  return `0${" ".repeat(Math.max(1, left - 1))}${middle}`.padEnd(columns - end.length) + end;
}

function changeLines(changes: readonly Change[]): string[] {
  if (changes.length === 0) return ["  no changes"];
  const shown = changes.slice(0, CHANGES_SHOWN).map(({ time, from, to, by }) => {
    return `  ${clock(time).padStart(8)}  ${`${from} → ${to}`.padEnd(11)}${by}`;
  });
  const more = changes.length - shown.length;
  return more === 0 ? shown : [...shown, `  … ${counted(more, "more change")}, all with --json`];
}
