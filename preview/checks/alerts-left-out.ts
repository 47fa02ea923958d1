import { missingRules } from "../../components/monitoring/groups";
import type { Exporter } from "../../components/monitoring/metrics";
import { exportersIn } from "../../components/monitoring/monitored";
import { monitoredOf } from "../../stacks/schema/monitored";
import type { Check } from "./check";

const FIX: Partial<Record<Exporter, string>> = {
  nats: "set noetl:nats.exporter to true",
  keda: "let the stack install KEDA with its metrics (noetl:keda.install and metrics), or watch it where it is",
  pgbouncer: "connect through noetl:pgbouncer, with its exporter",
  certManager:
    "set noetl:monitoring.certManager where cert-manager makes certificates of this stack, or let the stack install it (noetl:certManager)",
  kubeState: "set noetl:monitoring.kubeState to true where the cluster has kube-state-metrics",
};

/** A rule on what nobody scrapes never says anything, which looks like health; so it is left out, and that is said. */
export const alertsLeftOut: Check = {
  id: "alerts-left-out",
  title: "Each part that alerts are about is scraped.",
  run: ({ config }) => {
    if (config.monitoring.kind === "none") return [];
    return missingRules(exportersIn(monitoredOf(config))).map(({ exporter, title, about }) => ({
      severity: "info" as const,
      rule: alertsLeftOut.id,
      resource: "noetl:monitoring",
      message: `${title} not scraped: nobody is told of ${about}`,
      fix: FIX[exporter] ?? "scrape it",
    }));
  },
};
