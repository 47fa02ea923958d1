import type * as pulumi from "@pulumi/pulumi";
import { Pager, type PagerPlace } from "../components/monitoring/pager";
import type { PlatformSpec } from "./profile";
import type { PlatformConfig } from "./schema";

/** Whether alerts reach anybody. */
function hasPager({ pager }: Pick<PlatformConfig, "pager">): boolean {
  return pager.pagerDuty !== undefined || pager.slack !== undefined;
}

/** Brings alerts to people, where the stack says to whom. */
export function pagerOf(spec: PlatformSpec, opts: pulumi.ComponentResourceOptions): void {
  const { pager, secrets } = spec;
  if (!hasPager(spec)) return;
  const { pagerDutyRoutingKey: routingKey, slackWebhookUrl: webhookUrl } = secrets;
  const { groupWait, groupInterval, repeatInterval } = pager;
  new Pager(
    "pager",
    {
      place: placeOf(spec),
      groupWait,
      groupInterval,
      repeatInterval,
      ...(pager.pagerDuty && routingKey !== undefined && { pagerDuty: { ...pager.pagerDuty, routingKey } }),
      ...(pager.slack && webhookUrl !== undefined && { slack: { ...pager.slack, webhookUrl } }),
    },
    opts,
  );
}

function placeOf({ pager: { alertmanager }, gcp }: PlatformConfig): PagerPlace {
  if (alertmanager.kind === "prometheusOperator") return alertmanager;
  const labels = gcp && { cluster: alertmanager.clusterName, location: gcp.region, project_id: gcp.project };
  return { kind: "gmp", externalLabels: labels };
}
