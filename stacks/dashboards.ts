import type * as pulumi from "@pulumi/pulumi";
import type { Namespaces } from "../components/kubernetes/namespaces";
import { Dashboards } from "../components/monitoring/dashboards";
import type { PlatformSpec } from "./profile";

/** Makes the dashboards, where the stack has them. */
export function dashboardsOf(
  { dashboards, monitoring, nats }: PlatformSpec,
  namespaces: Namespaces,
  opts: pulumi.ComponentResourceOptions,
): void {
  if (!dashboards) return;
  const namespace = dashboards.namespace ?? namespaces.of("noetl").created;
  new Dashboards("dashboards", { namespace, nats: nats.exporter, thresholds: monitoring.thresholds }, opts);
}
