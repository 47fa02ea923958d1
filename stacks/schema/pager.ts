import { z } from "zod";
import { duration, httpUrl, instant, line, objectName } from "./fields";

const proof = z
  .strictObject({
    at: instant().describe("When somebody answered the page."),
    by: line(100).describe("Who did."),
    receiver: line(100).describe("Which receiver the page came by."),
    config: line(64).describe("Which routing tree it was, as `noetl-ops flip publish-only --prove-pager` computes it."),
  })
  .describe("That a page has reached somebody: written by `noetl-ops flip publish-only --prove-pager`.");

const managed = z
  .strictObject({
    kind: z.literal("gmp").describe("The managed one of Google Managed Prometheus."),
    clusterName: line(63)
      .default("noetl-cluster")
      .describe("With section `gcp`: label `cluster` of everything that is scraped and of every alert."),
  })
  .describe("The Alertmanager that Google runs in the cluster.");

const operated = z
  .strictObject({
    kind: z.literal("prometheusOperator").describe("One of the Prometheus Operator, or any that reads a Secret."),
    namespace: objectName().default("monitoring").describe("Its namespace, which must exist already."),
    name: objectName().default("main").describe("Its name: it reads Secret `alertmanager-NAME`."),
  })
  .describe("An Alertmanager of your own.");

export const pagerSchema = z
  .strictObject({
    pagerDuty: z
      .strictObject({
        url: httpUrl().optional().describe("Where events are sent. Default: PagerDuty's own Events API v2."),
      })
      .optional()
      .describe("Page somebody by PagerDuty; `secrets.pagerDutyRoutingKey` has the key of the integration."),
    slack: z
      .strictObject({
        channel: line(80).default("#noetl-prod-alerts").describe("Channel that is told."),
      })
      .optional()
      .describe("Tell a channel of Slack; `secrets.slackWebhookUrl` has the address of the incoming webhook."),
    groupWait: duration().default("30s").describe("How long alerts are gathered before the first notification."),
    groupInterval: duration().default("5m").describe("How long until people are told of a change among them."),
    repeatInterval: duration().default("4h").describe("How long until people are told again of what goes on."),
    alertmanager: z
      .discriminatedUnion("kind", [managed, operated], { error: '"gmp" or "prometheusOperator"' })
      .prefault({ kind: "gmp" })
      .describe("Which Alertmanager gets the configuration."),
    proof: proof.optional(),
  })
  .prefault({})
  .describe("Whom alerts reach. Without `pagerDuty` and `slack` they reach nobody.");
