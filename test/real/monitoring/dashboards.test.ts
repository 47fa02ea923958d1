import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { platformDashboards } from "../../../components/monitoring/dashboards";
import { platformRules } from "../../../components/monitoring/groups";
import { EXPORTERS, namesOf } from "../../../components/monitoring/metrics";
import { Prometheus } from "../../../operations/monitoring/prometheus";
import { type Recipe, RECIPES } from "../../../operations/monitoring/recipes";
import { EVERYTHING } from "../../components/monitoring/facts";
import { startSupervisor, type Supervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";
import { monitoringImpossible, startPrometheus } from "./daemons";
import { Exporter, type Played } from "./exporter";

/*
 * A real Prometheus evaluates every query of the dashboards, and of `noetl-ops query`, on series of every metric of the
 * catalogue with all its labels. Not proved here: how Grafana draws them.
 */

const impossible = monitoringImpossible();

/** Every metric once, with all its labels. */
function everyMetric(): Played {
  const scraped: readonly string[] = EXPORTERS.scrape.metrics.map(({ name }) => name);
  const metrics = Object.values(EXPORTERS).flatMap(({ metrics: all }) => all);
  const series = metrics
    .filter(({ name }) => !scraped.includes(name))
    .flatMap((metric) =>
      namesOf(metric).map((name) => {
        const bounds = name.endsWith("_bucket") ? ["+Inf"] : [undefined];
        return bounds.map((le) => {
          const labels = [
            ...metric.labels.map((label) => `${label}="true"`),
            ...(le === undefined ? [] : [`le="${le}"`]),
          ];
          return [
            `${name}${labels.length === 0 ? "" : `{${labels.join(",")}}`}`,
            name === "nats_server_jetstream_disabled" ? 0 : 1,
          ] as const;
        });
      }),
    )
    .flat();
  return Object.fromEntries(series);
}

(impossible === undefined ? describe : describe.skip)(
  `dashboards${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    let supervisor: Supervisor;
    let exporter: Exporter;
    let api: Prometheus;

    beforeAll(async () => {
      supervisor = await startSupervisor("noetl-dashboards-");
      exporter = await Exporter.start();
      exporter.plays.set("/metrics", everyMetric());
      const targets = ["noetl-workers", "noetl-server"].map((job) => ({
        job,
        address: exporter.address,
        path: "/metrics",
        labels: { pod: `${job}-0` },
      }));
      const prometheus = await startPrometheus(supervisor, { groups: platformRules(EVERYTHING), targets });
      api = new Prometheus(prometheus.url);
      // The rate of a counter takes two scrapes.
      await waitFor("two scrapes", async () => {
        const { value } = await api.query('min(count_over_time(up{job=~"noetl-.*"}[1m])) >= 2');
        return value.length > 0 ? true : undefined;
      });
    });
    afterAll(async () => {
      exporter.stop();
      await supervisor.stop();
    });

    const RECORDED = new Set(["noetl:materializer_backlog"]);

    const panels = platformDashboards({ nats: true, thresholds: EVERYTHING.thresholds }).flatMap(
      ({ uid, panels: all }) =>
        all.flatMap(({ title, queries }) => queries.map(({ expr }) => [uid, title, expr] as const)),
    );
    it.each(panels)("%s, %s: gives something for %s", async (_uid, _title, expr) => {
      const { value, warnings } = await api.query(expr);
      expect(warnings).toStrictEqual([]);
      // Consumer and stream of the rule are real names, which no series here has.
      if (!RECORDED.has(expr)) expect(value).not.toStrictEqual([]);
    });

    const recipes = Object.entries<Recipe>(RECIPES).flatMap(([name, { expressions }]) =>
      Object.entries(expressions({})).map(([row, expr]) => [name, row, expr] as const),
    );
    it.each(recipes)("query %s, %s: is evaluated", async (_name, _row, expr) => {
      expect((await api.query(expr)).warnings).toStrictEqual([]);
    });
  },
);
