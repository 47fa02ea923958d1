import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { platformRules } from "../../../components/monitoring/groups";
import { alertmanagerYaml } from "../../../components/monitoring/pager";
import { conditionsOf } from "../../../operations/flip/conditions";
import { ask } from "../../../operations/monitoring/ask";
import { Prometheus } from "../../../operations/monitoring/prometheus";
import type { RecipeName } from "../../../operations/monitoring/recipes";
import { shadowConfig } from "../../operations/flip/facts";
import { LEAST } from "../../components/monitoring/facts";
import { startSupervisor, type Supervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";
import { type Daemon, monitoringImpossible, startAlertmanager, startPrometheus } from "./daemons";
import { Exporter, type Played } from "./exporter";
import { faster } from "./faster";
import { Webhook } from "./webhook";

/*
 * An incident, seen through a real Prometheus with our rules and a real Alertmanager with our routes: what the recipes of
 * `noetl-ops query` and the check of the flip say at each turn. Sixty seconds pass in one: rules, ranges and baseline are
 * shorter by that. The metrics are played by the test; that the published images have them is the catalogue's promise.
 */

const FACTOR = 60;
/** 15 minutes in a world sixty times as fast, and a look every 30 seconds. */
const BASELINE = { seconds: 15, step: 0.5 };
const CONSUMER = '{stream="noetl_events",consumer="noetl_materializer"}';
const impossible = monitoringImpossible();

/** Workers and server, the materializer in shadow. */
const WORKERS: Played = {
  [`noetl_worker_nats_consumer_pending${CONSUMER}`]: 0,
  [`noetl_worker_nats_consumer_ack_pending${CONSUMER}`]: 0,
  noetl_worker_materializer_acked_total: 0,
  noetl_worker_materializer_projected_total: 0,
  noetl_worker_materializer_project_errors_total: 0,
};
const SERVER: Played = { 'noetl_execute_outcomes_total{entry="api",outcome="accepted"}': 4 };

(impossible === undefined ? describe : describe.skip)(
  `an incident${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    let supervisor: Supervisor;
    let exporter: Exporter;
    let webhook: Webhook;
    let prometheus: Daemon;
    let api: Prometheus;

    beforeAll(async () => {
      supervisor = await startSupervisor("noetl-incident-");
      exporter = await Exporter.start();
      webhook = await Webhook.start();
      const alertmanager = await startAlertmanager(
        supervisor,
        alertmanagerYaml({
          groupWait: "1s",
          groupInterval: "1s",
          repeatInterval: "4h",
          pagerDuty: { routingKey: "key", url: `${webhook.url}/pagerduty` },
        }),
      );
      const groups = faster(platformRules(LEAST), FACTOR);
      const targets = ["noetl-workers", "noetl-server"].map((job) => ({
        job,
        address: exporter.address,
        path: `/${job}`,
        labels: { namespace: "noetl" },
      }));
      prometheus = await startPrometheus(supervisor, { groups, targets, alertmanager: alertmanager.url });
      api = new Prometheus(prometheus.url);
    });
    afterAll(async () => {
      exporter.stop();
      webhook.stop();
      await supervisor.stop();
    });

    /** Verdicts of recipes, by name. */
    async function verdicts(...names: RecipeName[]): Promise<Record<string, string>> {
      const outcomes = await Promise.all(names.map((name) => ask(name, api)));
      return Object.fromEntries(outcomes.map(({ query, verdict }) => [query, verdict]));
    }

    /** Waits until recipes say so. */
    function untilVerdicts(expected: Partial<Record<RecipeName, string>>): Promise<unknown> {
      const names = Object.keys(expected) as RecipeName[];
      return waitFor(JSON.stringify(expected), async () => {
        const found = await verdicts(...names);
        return names.every((name) => found[name] === expected[name]) ? found : undefined;
      });
    }

    /** States of the flip's conditions, by id. */
    async function states(): Promise<Record<string, string>> {
      const now = new Date();
      const conditions = await conditionsOf({ config: shadowConfig(now), api, scope: {}, baseline: BASELINE, now });
      return Object.fromEntries(conditions.map(({ id, state }) => [id, state]));
    }

    function untilStates(what: string, expected: Record<string, string>): Promise<unknown> {
      return waitFor(what, async () => {
        const found = await states();
        return Object.entries(expected).every(([id, state]) => found[id] === state) ? found : undefined;
      });
    }

    const ALL = {
      stage: "pass",
      workers: "pass",
      server: "pass",
      rules: "pass",
      materializer: "pass",
      backlog: "pass",
      alerts: "pass",
      pager: "pass",
      database: "pass",
    };

    it("is not green before there is anything to see", async () => {
      expect(await verdicts("backlog", "flow", "offserver-state", "consumers")).toStrictEqual({
        backlog: "noData",
        flow: "noData",
        "offserver-state": "noData",
        consumers: "noData",
      });
      await untilVerdicts({ up: "red", rules: "green" });
      const nothing = { workers: "fail", server: "fail", materializer: "unknown", backlog: "unknown" };
      await untilStates("nothing to see", nothing);
    });

    it("turns green with workers and server in shadow, and the flip is ready once all has been well long enough", async () => {
      exporter.plays.set("/noetl-workers", { ...WORKERS });
      exporter.plays.set("/noetl-server", { ...SERVER });
      await untilVerdicts({ up: "green", backlog: "green", rules: "green", alerts: "green", consumers: "info" });
      expect(await states()).not.toStrictEqual(ALL);
      await untilStates("all conditions", ALL);
      // The server was away at first, and somebody heard of that; of the flip there was nothing to hear.
      expect(webhook.texts("/pagerduty").filter((text) => text.includes("Materializer"))).toStrictEqual([]);
    });

    it("turns red with a backlog: recipes, flip, and the pager rings", async () => {
      exporter.plays.set("/noetl-workers", { ...WORKERS, [`noetl_worker_nats_consumer_pending${CONSUMER}`]: 5000 });
      await untilVerdicts({ backlog: "red" });
      await untilVerdicts({ alerts: "red" });
      await waitFor("the page", () =>
        webhook.texts("/pagerduty").find((text) => text.includes("MaterializerBacklogCritical")),
      );
      await untilStates("a backlog and nothing else", {
        backlog: "fail",
        alerts: "fail",
        rules: "pass",
        workers: "pass",
      });
    });

    it("turns green again when it is over; the flip waits until that is long enough ago", async () => {
      exporter.plays.set("/noetl-workers", { ...WORKERS });
      await untilVerdicts({ backlog: "green", alerts: "green" });
      expect(await states()).toMatchObject({ backlog: "fail", alerts: "fail" });
      await waitFor("its end", () => webhook.texts("/pagerduty").find((text) => text.includes('"resolve"')));
      await untilStates("all conditions", ALL);
    });

    it("follows events after the flip: written or not, with or without scans", async () => {
      const flow = (published: number, acked: number): void => {
        const [workers, server] = [
          exporter.plays.get("/noetl-workers") ?? {},
          exporter.plays.get("/noetl-server") ?? {},
        ];
        const grown = (metric: string, by: number, old: Played): Played => ({
          ...old,
          [metric]: (old[metric] ?? 0) + by,
        });
        exporter.plays.set("/noetl-server", grown("noetl_event_ingest_published_total", published, server));
        exporter.plays.set("/noetl-workers", grown("noetl_worker_materializer_acked_total", acked, workers));
      };
      exporter.plays.set("/noetl-workers", { ...WORKERS, noetl_worker_state_builder_event_scans_total: 0 });
      const grow = setInterval(() => {
        flow(10, 10);
      }, 100);
      await untilVerdicts({ "offserver-state": "green", flow: "green" });
      clearInterval(grow);
      exporter.plays.set("/noetl-workers", { ...WORKERS, noetl_worker_state_builder_event_scans_total: 2 });
      await untilVerdicts({ "offserver-state": "red" });
    });

    it("says when a process is gone, and when Prometheus is", async () => {
      exporter.plays.delete("/noetl-workers");
      await untilVerdicts({ up: "red" });
      await untilStates("only the workers gone", { workers: "fail", server: "pass" });
      await prometheus.stop();
      expect(await verdicts("backlog", "rules", "alerts")).toStrictEqual({
        backlog: "unreachable",
        rules: "unreachable",
        alerts: "unreachable",
      });
      expect(await states()).toMatchObject({ workers: "unknown", rules: "unknown", alerts: "unknown", pager: "pass" });
    });
  },
);
