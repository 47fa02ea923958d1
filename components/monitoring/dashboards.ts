import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { flipDashboard } from "./dashboards/flip";
import { type Dashboard, dashboardJson } from "./dashboards/model";
import { natsDashboard } from "./dashboards/nats";
import { OVERVIEW } from "./dashboards/overview";
import { WORKERS } from "./dashboards/workers";
import type { Thresholds } from "./monitored";

/** What there is to show. */
export interface DashboardFacts {
  /** Whether NATS is scraped. */
  nats: boolean;
  /** Of the alerts, to be drawn as lines. Default: none are. */
  thresholds?: Pick<Thresholds, "backlogWarning" | "backlogCritical" | "jetstreamPercent"> | undefined;
}

/** The platform's dashboards. */
export function platformDashboards({ nats, thresholds }: DashboardFacts): Dashboard[] {
  return [OVERVIEW, WORKERS, ...(nats ? [natsDashboard(thresholds)] : []), flipDashboard(thresholds)];
}

export interface DashboardsArgs extends DashboardFacts {
  /** Where the sidecar of Grafana looks for ConfigMaps; some look in their own namespace only. */
  namespace: Namespace["created"];
}

/**
 * Dashboards for a Grafana that is there already: a ConfigMap each, with the label `grafana_dashboard` by which the sidecar
 * of Grafana's Helm chart finds them, and the folder to show them in.
 */
export class Dashboards extends pulumi.ComponentResource {
  constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:monitoring:Dashboards", name, {}, opts);
    for (const dashboard of platformDashboards(args)) {
      const { uid } = dashboard;
      const configMap = `${uid}-dashboard`;
      new k8s.core.v1.ConfigMap(
        configMap,
        {
          metadata: {
            name: configMap,
            namespace: args.namespace,
            labels: labels({ app: "noetl", component: "dashboards", extra: { grafana_dashboard: "1" } }),
            annotations: { grafana_folder: "NoETL" },
          },
          data: { [`${uid}.json`]: `${JSON.stringify(dashboardJson(dashboard), null, 2)}\n` },
        },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}
