import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { alertmanagerConfig, type PagerFacts, receiversFor } from "../../../components/monitoring/alertmanager";
import { platformRules } from "../../../components/monitoring/groups";
import { alertmanagerYaml } from "../../../components/monitoring/pager";
import { alertsOf } from "../../../components/monitoring/rules";
import { proofCondition } from "../../../operations/flip/pager-proof";
import { readStackFile } from "../../../stacks/config/stack-file";
import { beside } from "../../cli/support";
import { EVERYTHING } from "../../components/monitoring/facts";
import { SHADOW } from "../../operations/flip/facts";
import { stackText } from "../../stacks/config/support";
import { startSupervisor, type Supervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";
import { amtool, type Daemon, monitoringImpossible, startAlertmanager } from "./daemons";
import { Webhook } from "./webhook";

/*
 * What a real Alertmanager makes of the rendered configuration. PagerDuty and Slack are a webhook of the test's, by the URLs
 * that the settings allow. Not proved here: those two themselves.
 */

const QUICK = { groupWait: "1s", groupInterval: "1s", repeatInterval: "4h" };
const ALERTS = alertsOf(platformRules(EVERYTHING));
/** Every character that a key may have. */
const PRINTABLE = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => index + 33));
const impossible = monitoringImpossible();

(impossible === undefined ? describe : describe.skip)(
  `the pager${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    let supervisor: Supervisor;
    let webhook: Webhook;
    let facts: PagerFacts;

    beforeAll(async () => {
      supervisor = await startSupervisor("noetl-pager-");
      webhook = await Webhook.start();
      facts = {
        ...QUICK,
        pagerDuty: { routingKey: "canary-routing-key", url: `${webhook.url}/pagerduty` },
        slack: { webhookUrl: `${webhook.url}/slack`, channel: "#noetl-prod-alerts" },
      };
    });
    afterAll(async () => {
      webhook.stop();
      await supervisor.stop();
    });

    function fileWith(given: PagerFacts): string {
      const file = join(supervisor.folder, "checked.yaml");
      writeFileSync(file, alertmanagerYaml(given));
      return file;
    }

    it("has a configuration that amtool accepts, with either receiver alone, and whatever a key is", () => {
      const { pagerDuty, slack, ...times } = facts;
      const odd = { routingKey: PRINTABLE };
      for (const ways of [{ pagerDuty }, { slack }, { pagerDuty, slack }, { pagerDuty: odd, slack }]) {
        const file = fileWith({ ...times, ...ways });
        expect(amtool("check-config", file)).toContain("SUCCESS");
      }
    });

    it("sends every alert of the platform to the receiver that we computed", () => {
      const file = fileWith(facts);
      const labels = ALERTS.map(({ severity, component, labels: more }) => ({ severity, component, ...more }));
      const distinct = [...new Set(labels.map((one) => JSON.stringify(one)))].map(
        (text) => JSON.parse(text) as Record<string, string>,
      );
      const routed = distinct.map((one) => {
        const words = Object.entries(one).map(([name, value]) => `${name}=${value}`);
        return amtool("config", "routes", "test", `--config.file=${file}`, ...words).trim();
      });
      expect(distinct.length).toBeGreaterThan(5);
      expect(routed).toStrictEqual(distinct.map((one) => receiversFor(alertmanagerConfig(facts), one).join(",")));
      expect(routed).not.toContain("default");
    });

    describe("running", () => {
      let alertmanager: Daemon;
      beforeAll(async () => {
        alertmanager = await startAlertmanager(supervisor, alertmanagerYaml(facts));
      });
      afterAll(() => alertmanager.stop());

      async function raise(labels: Record<string, string>, endsAt?: Date): Promise<void> {
        const alert = { labels, annotations: { summary: "too many" }, ...(endsAt && { endsAt: endsAt.toISOString() }) };
        const answer = await fetch(`${alertmanager.url}/api/v2/alerts`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify([alert]),
        });
        expect(answer.status).toBe(200);
      }

      it("pages by both ways what guards the flip, and tells of its end", async () => {
        const labels = {
          alertname: "MaterializerBacklogCritical",
          severity: "critical",
          component: "materializer",
          noetl_io_flip_guardrail: "publish-only",
        };
        await raise(labels);
        const page = await waitFor("the page", () => webhook.told.find(({ path }) => path === "/pagerduty"));
        expect(page.body).toMatchObject({
          routing_key: "canary-routing-key",
          event_action: "trigger",
          payload: {
            summary: "MaterializerBacklogCritical: too many",
            severity: "critical",
            component: "materializer",
          },
        });
        await waitFor("Slack", () =>
          webhook.texts("/slack").find((text) => text.includes("firing: MaterializerBacklogCritical")),
        );
        await raise(labels, new Date());
        await waitFor("the end", () => webhook.texts("/pagerduty").find((text) => text.includes('"resolve"')));
      });

      it("is proven by the code that stands in the page", async () => {
        const file = join(supervisor.folder, "Pulumi.proven.yaml");
        writeFileSync(file, stackText(SHADOW));
        const code = (): string | undefined =>
          webhook
            .texts("/pagerduty")
            .flatMap((text) => /NoetlPagerProof: .*the code is (\d{6})/.exec(text)?.[1] ?? [])[0];
        let asked = false;
        const args = ["flip", "publish-only", "--stack-file", file, "--prove-pager"];
        const { status, stderr } = await beside([...args, "--alertmanager-url", alertmanager.url, "--by", "kim"], {
          onOutput: (stdout, write) => {
            if (asked || !stdout.includes("code: ")) return;
            asked = true;
            void waitFor("the code", code).then((text) => {
              write(`${text}\n`);
            });
          },
        });
        expect({ status, stderr }).toStrictEqual({ status: 0, stderr: "" });
        expect(proofCondition(readStackFile(file).config, new Date())).toMatchObject({ state: "pass" });
      });

      it("tells only the channel of a warning", async () => {
        await raise({ alertname: "JetStreamStorageHigh", severity: "warning", component: "nats" });
        await waitFor("Slack", () => webhook.texts("/slack").find((text) => text.includes("JetStreamStorageHigh")));
        expect(webhook.texts("/pagerduty").filter((text) => text.includes("JetStreamStorageHigh"))).toStrictEqual([]);
      });
    });
  },
);
