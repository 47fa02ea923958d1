import { describe, expect, test } from "@jest/globals";
import { Dashboards, platformDashboards } from "../../../components/monitoring/dashboards";
import { dashboardJson, type Panel } from "../../../components/monitoring/dashboards/model";
import { platformRules } from "../../../components/monitoring/groups";
import { problemsOf } from "../../../components/monitoring/rule-check";
import { type Recipe, RECIPES } from "../../../operations/monitoring/recipes";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { EVERYTHING } from "./facts";

const { thresholds } = EVERYTHING;
const ALL = platformDashboards({ nats: true, thresholds });
const RULES = platformRules(EVERYTHING);

/** What is wrong with an expression, as with a rule on it. */
function problemsIn(expr: string): string[] {
  const group = { name: "panel", interval: "1m", scope: "namespace", rules: [{ record: "test:panel", expr }] } as const;
  return problemsOf([group], { others: RULES }).map(({ message }) => message);
}

describe("the dashboards", () => {
  test("are four, one less where NATS is not scraped", () => {
    expect(ALL.map(({ uid }) => uid)).toStrictEqual(["noetl-overview", "noetl-workers", "noetl-nats", "noetl-flip"]);
    expect(platformDashboards({ nats: false, thresholds }).map(({ uid }) => uid)).not.toContain("noetl-nats");
  });

  const queries = ALL.flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, queries: all }) => all.map(({ expr, legend }) => [uid, title, expr, legend] as const)),
  );

  test.each(queries)("%s, %s: asks in PromQL, for what somebody exports", (_uid, _title, expr) => {
    expect(problemsIn(expr)).toStrictEqual([]);
  });

  test.each(queries)("%s, %s: names its lines by labels that the answer has", (_uid, _title, expr, legend) => {
    const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? "");
    const kept = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(/,\s*/) ?? ["pod"];
    expect(kept).toEqual(expect.arrayContaining(named));
  });

  test("draw no limits where none are given", () => {
    const limited = platformDashboards({ nats: true }).flatMap(({ uid, panels }) =>
      panels.flatMap(({ title, limits }) => (limits ? [`${uid}: ${title}`] : [])),
    );
    expect(limited.filter((name) => /noetl-nats|Backlog/.test(name))).toStrictEqual([]);
  });

  test("find a metric that nobody exports", () => {
    expect(problemsIn("sum(noetl_worker_pull_total)")).toEqual([expect.stringContaining("noetl_worker_pull_total")]);
  });

  test("explain each panel", () => {
    for (const { panels } of ALL) for (const { description } of panels) expect(description).toMatch(/^[A-Z0-9].*\.$/s);
  });

  const panel: Panel = {
    title: "T",
    description: "D.",
    unit: "short",
    queries: [{ expr: "up", legend: "a" }],
  };

  test("in Grafana's model, are placed from left to right, then below", () => {
    const { panels } = dashboardJson({
      uid: "u",
      title: "t",
      description: "d",
      panels: [{ ...panel, width: 12 }, panel, panel, { ...panel, width: 24 }],
    });
    expect(panels.map(({ id, gridPos }) => ({ id, ...gridPos }))).toStrictEqual([
      { id: 1, x: 0, y: 0, w: 12, h: 8 },
      { id: 2, x: 12, y: 0, w: 8, h: 8 },
      { id: 3, x: 0, y: 8, w: 8, h: 8 },
      { id: 4, x: 0, y: 16, w: 24, h: 8 },
    ]);
  });

  test("in Grafana's model, a panel says what it asks, and from where on it is red", () => {
    const { panels } = dashboardJson({
      uid: "u",
      title: "t",
      description: "d",
      panels: [{ ...panel, kind: "stat", limits: { warning: 2, critical: 1 } }],
    });
    expect(panels[0]).toStrictEqual({
      id: 1,
      type: "stat",
      title: "T",
      description: "D.",
      gridPos: { x: 0, y: 0, w: 8, h: 8 },
      datasource: { type: "prometheus", uid: "${datasource}" },
      fieldConfig: {
        defaults: {
          unit: "short",
          min: 0,
          thresholds: {
            mode: "absolute",
            steps: [
              { color: "red", value: null },
              { color: "yellow", value: 1 },
              { color: "green", value: 2 },
            ],
          },
        },
        overrides: [],
      },
      options: { reduceOptions: { calcs: ["lastNotNull"] } },
      targets: [
        {
          refId: "A",
          datasource: { type: "prometheus", uid: "${datasource}" },
          expr: "up",
          legendFormat: "a",
          instant: true,
        },
      ],
    });
  });

  test("are ConfigMaps that the sidecar of Grafana finds", async () => {
    const graph = await recorded(() => new Dashboards("dashboards", { nats: true, thresholds, namespace: "noetl" }));
    expect(objectNames(graph)).toStrictEqual([
      "ConfigMap/noetl-flip-dashboard",
      "ConfigMap/noetl-nats-dashboard",
      "ConfigMap/noetl-overview-dashboard",
      "ConfigMap/noetl-workers-dashboard",
    ]);
    const { metadata, data } = objectNamed(graph, "ConfigMap/noetl-flip-dashboard");
    expect(metadata).toMatchObject({
      namespace: "noetl",
      labels: { grafana_dashboard: "1" },
      annotations: { grafana_folder: "NoETL" },
    });
    expect(JSON.parse((data as Record<string, string>)["noetl-flip.json"] ?? "")).toMatchObject({
      uid: "noetl-flip",
      title: "NoETL / CQRS flip",
    });
  });
});

describe("the recipes of noetl-ops query", () => {
  const all = Object.entries<Recipe>(RECIPES).flatMap(([name, { expressions }]) =>
    Object.entries(expressions({})).map(([row, expr]) => [name, row, expr] as const),
  );
  test.each(all)("%s, %s: ask in PromQL, for what somebody exports", (_name, _row, expr) => {
    expect(problemsIn(expr)).toStrictEqual([]);
  });
});
