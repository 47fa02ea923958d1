import type * as pulumi from "@pulumi/pulumi";
import type { Namespaces } from "../components/kubernetes/namespaces";
import { FLIP_GUARDRAIL } from "../components/monitoring/gmp-manifests";
import { GmpMonitoring, type MonitoringArgs } from "../components/monitoring/gmp-monitoring";
import { platformRules } from "../components/monitoring/groups";
import { JOBS } from "../components/monitoring/monitored";
import { OperatorMonitoring } from "../components/monitoring/operator-monitoring";
import type { ScrapeFacts } from "../components/monitoring/scrape";
import { ORCHESTRATOR } from "../components/orchestrator/facts";
import { CERT_MANAGER_APPS, CERT_MANAGER_METRICS_PORT } from "../components/tls/cert-manager/operator";
import type { ScrapeTls } from "../components/tls/mutual-tls";
import type { PlatformConfig } from "./schema";
import { certManagerWatched, customGroups, monitoredOf } from "./schema/monitored";

/** What others bring along. */
export interface Watched {
  /** How the server is asked, when it takes certificates only. */
  serverTls?: ScrapeTls | undefined;
}

/** Scrapes and rules, by whom the stack chooses. */
export function monitoring(
  config: PlatformConfig,
  namespaces: Namespaces,
  { serverTls }: Watched,
  opts: pulumi.ComponentResourceOptions,
): void {
  const { kind, runbooks: url, chosenBy } = config.monitoring;
  const args: MonitoringArgs = {
    namespace: namespaces.of("noetl"),
    scrapes: scrapesOf(config, namespaces, serverTls),
    groups: [...platformRules(monitoredOf(config)), ...customGroups(config)],
    runbooks: { url },
  };
  if (kind === "gmp") new GmpMonitoring("monitoring", args, opts);
  if (kind === "prometheusOperator") {
    const labels = Object.fromEntries(chosenBy.map(({ name, value }) => [name, value]));
    new OperatorMonitoring("monitoring", { ...args, chosenBy: labels }, opts);
  }
}

/** Port of KEDA's operator; its name differs from chart to chart. */
const KEDA_PORT = 8080;

function scrapesOf(config: PlatformConfig, namespaces: Namespaces, serverTls: ScrapeTls | undefined): ScrapeFacts[] {
  const { server, systemPool, workerPools, subscriptions, gateway, orchestrator, nats, keda, pgbouncer } = config;
  const certManager = certManagerWatched(config);
  const namespace = namespaces.of("noetl");
  const workers = [systemPool, ...workerPools, ...subscriptions].map(({ name }) => name);
  return [
    {
      name: JOBS.workers,
      namespace,
      component: "worker",
      labels: FLIP_GUARDRAIL,
      apps: workers,
      port: "metrics",
      interval: "15s",
    },
    {
      name: JOBS.server,
      namespace,
      component: "server",
      labels: FLIP_GUARDRAIL,
      apps: [server.name],
      port: "http",
      interval: "30s",
      tls: serverTls,
    },
    ...(gateway
      ? [{ name: JOBS.gateway, namespace, component: "gateway", apps: [gateway.name], port: "http", interval: "30s" }]
      : []),
    ...(orchestrator
      ? [
          {
            name: JOBS.orchestrator,
            namespace,
            component: "orchestrator",
            apps: [ORCHESTRATOR],
            port: "status",
            interval: "30s",
          },
        ]
      : []),
    ...(nats.exporter
      ? [
          {
            name: JOBS.nats,
            namespace: namespaces.of("nats"),
            component: "messaging",
            apps: ["nats"],
            port: "metrics",
            interval: "15s",
          },
        ]
      : []),
    ...(keda.install === true && keda.metrics
      ? [
          {
            name: JOBS.keda,
            namespace: namespaces.of(keda.namespace),
            component: "autoscaling",
            apps: ["keda-operator"],
            port: KEDA_PORT,
            interval: "30s",
          },
        ]
      : []),
    ...(pgbouncer?.exporter
      ? [
          {
            name: JOBS.pgbouncer,
            namespace: namespaces.of("postgres"),
            component: "database",
            apps: ["pgbouncer"],
            port: "metrics",
            interval: "30s",
          },
        ]
      : []),
    ...(certManager
      ? [
          {
            name: JOBS.certManager,
            namespace: namespaces.find(certManager.namespace),
            component: "tls",
            apps: [CERT_MANAGER_APPS.controller],
            appLabel: "app.kubernetes.io/name",
            port: CERT_MANAGER_METRICS_PORT,
            interval: "60s",
          },
        ]
      : []),
  ];
}
