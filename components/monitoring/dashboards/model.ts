/** A picture of one question. */
export interface Panel {
  title: string;
  /** What it shows, and what is good, for whoever has not built it. */
  description: string;
  /** A line over time, or the number now. Default: a line. */
  kind?: "timeseries" | "stat";
  /** Grafana's name of the unit: `short`, `s`, `bytes`, `reqps`, `percent`. */
  unit: string;
  /** Columns of 24. Default: 8. */
  width?: 6 | 8 | 12 | 24;
  queries: readonly Query[];
  /** Values from which it is yellow, and red. */
  limits?: { warning: number; critical: number };
}

export interface Query {
  /** PromQL without variables, on metrics of the catalogue and series of the rules. */
  expr: string;
  /** Name of each line; `{{label}}` stands for a label's value. */
  legend: string;
}

/** A page of panels. */
export interface Dashboard {
  /** Stays the same for ever: links hold it. */
  uid: string;
  title: string;
  description: string;
  panels: readonly Panel[];
}

const COLUMNS = 24;
const HEIGHT = 8;
/** Of the JSON model; Grafana 10 and newer read it, and newer ones migrate it. */
const SCHEMA_VERSION = 39;
const DATA_SOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** A dashboard in Grafana's JSON model. Panels stand from left to right, then below. */
export function dashboardJson({ uid, title, description, panels }: Dashboard) {
  return {
    uid,
    title,
    description,
    tags: ["noetl"],
    schemaVersion: SCHEMA_VERSION,
    editable: false,
    // One time under the pointer in all panels.
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }] },
    panels: placed(panels).map(({ panel, x, y, w }, index) => panelJson(panel, { id: index + 1, x, y, w })),
  };
}

interface Place {
  panel: Panel;
  x: number;
  y: number;
  w: number;
}

function placed(panels: readonly Panel[]): Place[] {
  let [x, y] = [0, 0];
  return panels.map((panel) => {
    const w = panel.width ?? 8;
    if (x + w > COLUMNS) [x, y] = [0, y + HEIGHT];
    const place = { panel, x, y, w };
    x += w;
    return place;
  });
}

function panelJson(panel: Panel, { id, x, y, w }: { id: number; x: number; y: number; w: number }) {
  const { title, description, kind = "timeseries", unit, queries, limits } = panel;
  return {
    id,
    type: kind,
    title,
    description,
    gridPos: { x, y, w, h: HEIGHT },
    datasource: DATA_SOURCE,
    fieldConfig: {
      defaults: { unit, min: 0, ...(limits && thresholds(limits, kind)) },
      overrides: [],
    },
    options: kind === "stat" ? { reduceOptions: { calcs: ["lastNotNull"] } } : { tooltip: { mode: "multi" } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource: DATA_SOURCE,
      expr,
      legendFormat: legend,
      ...(kind === "stat" && { instant: true }),
    })),
  };
}

function thresholds({ warning, critical }: { warning: number; critical: number }, kind: "timeseries" | "stat") {
  // What falls towards trouble is red at the bottom.
  const rising = warning < critical;
  const steps = rising
    ? [
        { color: "green", value: null },
        { color: "yellow", value: warning },
        { color: "red", value: critical },
      ]
    : [
        { color: "red", value: null },
        { color: "yellow", value: critical },
        { color: "green", value: warning },
      ];
  return {
    thresholds: { mode: "absolute", steps },
    ...(kind === "timeseries" && { custom: { thresholdsStyle: { mode: "line" } } }),
  };
}

/** The time that 95 of 100 took less than, of a histogram. */
export function p95(histogram: string, by?: string): string {
  const labels = by === undefined ? "le" : `le, ${by}`;
  return `histogram_quantile(0.95, sum by (${labels}) (rate(${histogram}_bucket[5m])))`;
}

/** How often a second, added up. */
export function perSecond(counter: string, by?: string): string {
  return by === undefined ? `sum(rate(${counter}[5m]))` : `sum by (${by}) (rate(${counter}[5m]))`;
}
