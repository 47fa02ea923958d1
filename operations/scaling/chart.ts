import { drawing } from "../../preview/drawing";
import { sansWidth } from "../../preview/picture-style";
import { box, element, text } from "../../preview/svg";
import { bins } from "./bins";
import { podsOverTime, rangeOf } from "./format";
import type { PoolReport } from "./report";
import { span } from "./time";

const WIDTH = 1200;
const MARGIN = 28;
const HEADER = 84;
const CARD = 250;
const GAP = 18;
/** Room for the numbers at both sides of a chart. */
const AXIS = 64;
const TOP = 64;
const BOTTOM = 36;
const TICKS = 6;

const STYLES = [
  ".np .lag{fill:#f6c177;fill-opacity:.45}.np .lag-ink{fill:#a14f06}",
  ".np .pods{fill:none;stroke:#1d4ed8;stroke-width:2.2;stroke-linejoin:round}.np .pods-ink{fill:#1d4ed8}",
  ".np .grid{stroke:#dde2e9;stroke-width:1}.np .limit{stroke:#b91c1c;stroke-width:1;stroke-dasharray:5 4}",
  "@media (prefers-color-scheme:dark){.np .lag{fill:#a14f06;fill-opacity:.5}.np .lag-ink{fill:#f6c177}",
  ".np .pods{stroke:#93b8fd}.np .pods-ink{fill:#93b8fd}.np .grid{stroke:#2a3442}.np .limit{stroke:#f87171}}",
].join("\n");

/** Simulations as a self-contained SVG document: for each pool its lag as an area and its pods as a line. */
export function scalingChart(title: string, reports: readonly PoolReport[]): string {
  const height = HEADER + reports.length * (CARD + GAP) - GAP + MARGIN;
  const cards = reports.map((report, index) => card(report, HEADER + index * (CARD + GAP)));
  return drawing({ id: "scaling", title, width: WIDTH, height, styles: STYLES }, [
    text(title, MARGIN, 52, "h2 ink"),
    legend(),
    ...cards,
  ]);
}

function legend(): string {
  let right = WIDTH - MARGIN;
  const entries: [string, string][] = [
    ["pods (right)", "pods-ink"],
    ["lag, messages (left)", "lag-ink"],
  ];
  return entries
    .map(([label, style]) => {
      const left = right - sansWidth(label, 11.5);
      const dot = element("circle", { cx: Math.round(left - 11), cy: 48, r: 5, class: style });
      right = left - 38;
      return dot + text(label, left, 52, "label soft");
    })
    .join("");
}

function card(report: PoolReport, top: number): string {
  const { pool, simulation, summary, model } = report;
  const duration = simulation.rows.at(-1)?.time ?? 1;
  const [left, right] = [MARGIN + AXIS, WIDTH - MARGIN - AXIS];
  const [high, low] = [top + TOP, top + CARD - BOTTOM];
  const x = (time: number): number => round(left + (time / duration) * (right - left));
  const mostLag = Math.max(1, summary.mostLag);
  const mostPods = Math.max(1, model.maxReplicas);
  const yLag = (lag: number): number => round(low - (lag / mostLag) * (low - high));
  const yPods = (pods: number): number => round(low - (pods / mostPods) * (low - high));
  const facts = `at most ${summary.mostReplicas} · ${summary.podHours.toFixed(1)} pod hours · ${summary.changes} changes`;
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => (duration * index) / TICKS);
  return [
    box(MARGIN, top, WIDTH - 2 * MARGIN, CARD, 12, "card"),
    text(pool, MARGIN + 16, top + 30, "h3 ink"),
    text(rangeOf(report), MARGIN + 16, top + 48, "type soft"),
    text(facts, WIDTH - MARGIN - 16, top + 30, "type soft", "end"),
    ...[0, 0.5, 1].map((part) => line(left, low - part * (low - high), right, low - part * (low - high), "grid")),
    element("path", { d: area(simulation, duration, x, yLag, low), class: "lag" }),
    line(left, yPods(model.maxReplicas), right, yPods(model.maxReplicas), "limit"),
    element("path", { d: steps(podsOverTime(simulation), duration, x, yPods), class: "pods" }),
    ...ticks.map((time) => text(time === 0 ? "0" : span(time), x(time), low + 20, "label soft", "middle")),
    text(String(mostLag), left - 10, high + 4, "label lag-ink", "end"),
    text("0", left - 10, low + 4, "label lag-ink", "end"),
    text(String(mostPods), right + 10, high + 4, "label pods-ink"),
    text("0", right + 10, low + 4, "label pods-ink"),
  ].join("");
}

/** The lag as an area; gaps where NATS does not tell it. */
function area(
  { rows }: PoolReport["simulation"],
  duration: number,
  x: (time: number) => number,
  y: (lag: number) => number,
  low: number,
): string {
  const columns = Math.min(600, Math.max(1, rows.length - 1));
  const values = bins(
    rows.map(({ time, lag }) => [time, lag] as const),
    columns,
    duration,
  );
  return values
    .map((lag, column) => {
      if (!lag) return "";
      const [from, to] = [x((column / columns) * duration), x(((column + 1) / columns) * duration)];
      return `M${from} ${low}V${y(lag)}H${to}V${low}Z`;
    })
    .join("");
}

function steps(
  pods: readonly [number, number][],
  duration: number,
  x: (time: number) => number,
  y: (pods: number) => number,
): string {
  const [first, ...others] = pods.filter(([time]) => time <= duration);
  if (!first) return "";
  return `M${x(first[0])} ${y(first[1])}${others.map(([time, count]) => `H${x(time)}V${y(count)}`).join("")}H${x(duration)}`;
}

function line(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return element("path", { d: `M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}`, class: style });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
