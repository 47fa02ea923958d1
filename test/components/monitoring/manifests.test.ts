import { describe, expect, test } from "@jest/globals";
import { GmpMonitoring, type MonitoringArgs } from "../../../components/monitoring/gmp-monitoring";
import { platformRules } from "../../../components/monitoring/groups";
import { OperatorMonitoring } from "../../../components/monitoring/operator-monitoring";
import { podSelector, type ScrapeFacts } from "../../../components/monitoring/scrape";
import { recorded } from "../../support/recorded";
import { EVERYTHING } from "./facts";

const NOETL = { name: "noetl", created: "noetl" };

const SERVER: ScrapeFacts = {
  name: "noetl-server",
  namespace: NOETL,
  component: "server",
  labels: { "noetl.io/flip-guardrail": "publish-only" },
  apps: ["noetl-server-rust"],
  port: "http",
  interval: "30s",
  tls: {
    serverName: "noetl-server-rust.noetl.svc",
    caSecret: { secret: "scrape-ca", key: "ca.crt" },
    certSecret: { secret: "scrape", key: "tls.crt" },
    keySecret: { secret: "scrape", key: "tls.key" },
  },
};
const KEDA: ScrapeFacts = {
  name: "keda",
  namespace: { name: "keda", created: "keda" },
  component: "autoscaling",
  apps: ["a", "b"],
  port: 8080,
  interval: "1m",
};

const ARGS: MonitoringArgs = { namespace: NOETL, scrapes: [SERVER, KEDA], groups: platformRules(EVERYTHING) };

/** Every object, as `KIND NAMESPACE/NAME`, with its inputs. */
async function objectsOf(program: () => void) {
  const { resources } = await recorded(program);
  return new Map(
    resources
      .filter(({ custom }) => custom)
      .map(({ inputs }) => {
        const { kind, metadata } = inputs as { kind: string; metadata: { name: string; namespace?: string } };
        return [`${kind} ${metadata.namespace ?? ""}/${metadata.name}`, inputs];
      }),
  );
}

const LABELS = {
  app: "noetl",
  component: "server",
  "app.kubernetes.io/name": "noetl",
  "app.kubernetes.io/component": "server",
  "app.kubernetes.io/part-of": "noetl",
  "app.kubernetes.io/managed-by": "pulumi",
  "noetl.io/flip-guardrail": "publish-only",
};

describe("Google Managed Prometheus", () => {
  test("given a scrape over TLS, when made, then the endpoint has port, interval and certificate", async () => {
    const objects = await objectsOf(() => new GmpMonitoring("monitoring", ARGS));
    expect(objects.get("PodMonitoring noetl/noetl-server")).toEqual({
      apiVersion: "monitoring.googleapis.com/v1",
      kind: "PodMonitoring",
      metadata: { name: "noetl-server", namespace: "noetl", labels: LABELS },
      spec: {
        selector: { matchLabels: { app: "noetl-server-rust" } },
        endpoints: [
          {
            port: "http",
            path: "/metrics",
            interval: "30s",
            scheme: "https",
            tls: {
              serverName: "noetl-server-rust.noetl.svc",
              ca: { secret: { name: "scrape-ca", key: "ca.crt" } },
              cert: { secret: { name: "scrape", key: "tls.crt" } },
              key: { secret: { name: "scrape", key: "tls.key" } },
            },
            metricRelabeling: [{ action: "drop", sourceLabels: ["execution_id"], regex: ".+" }],
          },
        ],
        targetLabels: { metadata: ["container", "pod"] },
        limits: { samples: 20000, labels: 40, labelNameLength: 128, labelValueLength: 1024 },
        filterRunning: true,
      },
    });
  });

  test("given groups, when made, then those that see other namespaces are ClusterRules, and no rule has what Google drops", async () => {
    const objects = await objectsOf(() => new GmpMonitoring("monitoring", ARGS));
    expect([...objects.keys()].filter((key) => key.includes("Rules")).sort()).toEqual([
      "ClusterRules /noetl-certificates",
      "ClusterRules /noetl-keda",
      "ClusterRules /noetl-nats",
      "ClusterRules /noetl-pgbouncer",
      "ClusterRules /noetl-server-messaging",
      "ClusterRules /noetl-workloads",
      "Rules noetl/noetl-consumers",
      "Rules noetl/noetl-materializer-lag",
      "Rules noetl/noetl-offserver-drive-latency",
      "Rules noetl/noetl-server",
      "Rules noetl/noetl-subscriptions",
    ]);
    expect(objects.get("Rules noetl/noetl-materializer-lag")).toMatchObject({
      metadata: { labels: { app: "noetl", component: "materializer", "noetl.io/flip-guardrail": "publish-only" } },
    });
    const known = ["record", "alert", "expr", "for", "labels", "annotations"];
    for (const inputs of objects.values()) {
      const { spec } = inputs as { spec?: { groups?: { rules: object[] }[] } };
      const keys = (spec?.groups ?? []).flatMap(({ rules }) => rules.flatMap(Object.keys));
      expect(keys.filter((key) => !known.includes(key))).toEqual([]);
    }
  });
});

describe("Prometheus Operator", () => {
  test("given the same, when made, then job, pods and limits are the same, and rules keep to their namespace by themselves", async () => {
    const objects = await objectsOf(
      () => new OperatorMonitoring("monitoring", { ...ARGS, chosenBy: { release: "mine" } }),
    );
    expect(objects.get("PodMonitor noetl/noetl-server")).toEqual({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      metadata: { name: "noetl-server", namespace: "noetl", labels: { ...LABELS, release: "mine" } },
      spec: {
        selector: { matchLabels: { app: "noetl-server-rust" } },
        podMetricsEndpoints: [
          {
            port: "http",
            path: "/metrics",
            interval: "30s",
            scheme: "https",
            tlsConfig: {
              serverName: "noetl-server-rust.noetl.svc",
              ca: { secret: { name: "scrape-ca", key: "ca.crt" } },
              cert: { secret: { name: "scrape", key: "tls.crt" } },
              keySecret: { name: "scrape", key: "tls.key" },
            },
            filterRunning: true,
            relabelings: [{ action: "replace", targetLabel: "job", replacement: "noetl-server" }],
            metricRelabelings: [{ action: "drop", sourceLabels: ["execution_id"], regex: ".+" }],
          },
        ],
        sampleLimit: 20000,
        labelLimit: 40,
        labelNameLengthLimit: 128,
        labelValueLengthLimit: 1024,
      },
    });
    expect(objects.get("PodMonitor keda/keda")).toMatchObject({
      spec: { podMetricsEndpoints: [{ portNumber: 8080 }] },
    });
    expect(objects.get("PrometheusRule noetl/noetl-server")).toMatchObject({
      metadata: { labels: { release: "mine" } },
      spec: {
        groups: [
          {
            rules: expect.arrayContaining([
              expect.objectContaining({
                alert: "NoetlServerDown",
                expr: 'absent(up{job="noetl-server",namespace="noetl"} == 1)',
                labels: { severity: "critical", component: "server", namespace: "noetl" },
              }),
            ]),
          },
        ],
      },
    });
    expect([...objects.keys()].filter((key) => key.startsWith("PrometheusRule")).length).toBe(11);
  });
});

test("given no pods to ask, when selected, then that is a mistake in the program", () => {
  expect(() => podSelector({ apps: [] })).toThrow("a scrape of no pods");
});
