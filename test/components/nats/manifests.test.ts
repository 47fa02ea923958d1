import { describe, expect, it } from "@jest/globals";
import type * as k8s from "@pulumi/kubernetes";
import * as manifests from "../../../components/nats/manifests";
import { restartChecksum } from "../../../components/nats/reload-table";
import { serverConf } from "../../../components/nats/server-conf";
import { CLUSTER_FACTS, FACTS } from "./facts";

const NODE_PORTS = { client: 30422, monitoring: 30822 };

const LABELS = {
  app: "nats",
  component: "messaging",
  "app.kubernetes.io/name": "nats",
  "app.kubernetes.io/component": "messaging",
  "app.kubernetes.io/part-of": "noetl",
  "app.kubernetes.io/managed-by": "pulumi",
};

const METADATA = { namespace: "nats", labels: LABELS };

describe("configMap and authSecret", () => {
  it("keep nats.conf and passwords apart", () => {
    expect(manifests.configMap(FACTS)).toEqual({
      metadata: { name: "nats-config", ...METADATA },
      data: { "nats.conf": serverConf(FACTS), "restart-checksum": restartChecksum(serverConf(FACTS)) },
    });
    expect(manifests.authSecret(FACTS, "canary")).toEqual({
      metadata: { name: "nats-auth", ...METADATA },
      stringData: { "passwords.conf": "canary" },
    });
  });
});

describe("services", () => {
  it("give clients a cluster address", () => {
    expect(manifests.clientService(FACTS)).toEqual({
      metadata: { name: "nats", ...METADATA },
      spec: {
        type: "ClusterIP",
        selector: { app: "nats" },
        ports: [
          { name: "client", port: 4222, targetPort: "client" },
          { name: "monitoring", port: 8222, targetPort: "monitoring" },
        ],
      },
    });
  });

  it("give clients a port on every node where asked", () => {
    expect(manifests.clientService({ ...FACTS, nodePorts: NODE_PORTS }).spec).toEqual({
      type: "NodePort",
      selector: { app: "nats" },
      ports: [
        { name: "client", port: 4222, targetPort: "client", nodePort: 30422 },
        { name: "monitoring", port: 8222, targetPort: "monitoring", nodePort: 30822 },
      ],
    });
  });

  it("give every server a host name, also while it is not ready", () => {
    expect(manifests.headlessService(FACTS)).toEqual({
      metadata: { name: "nats-headless", ...METADATA },
      spec: {
        clusterIP: "None",
        publishNotReadyAddresses: true,
        selector: { app: "nats" },
        ports: [
          { name: "client", port: 4222, targetPort: "client" },
          { name: "monitoring", port: 8222, targetPort: "monitoring" },
          { name: "cluster", port: 6222, targetPort: "cluster" },
        ],
      },
    });
  });
});

describe("statefulSet", () => {
  const { spec } = plain(manifests.statefulSet(FACTS, "0123456789abcdef"));
  const pod = spec.template.spec;
  const [container] = pod.containers;

  it("is one server behind the headless Service", () => {
    expect(spec).toMatchObject({
      serviceName: "nats-headless",
      replicas: 1,
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      selector: { matchLabels: { app: "nats" } },
    });
    expect(spec.template.metadata).toEqual({
      labels: LABELS,
      annotations: { "noetl.io/config-checksum": "0123456789abcdef" },
    });
    expect(spec).not.toHaveProperty("minReadySeconds");
    expect(pod).not.toHaveProperty("affinity");
  });

  it("runs as a user without privileges", () => {
    expect(pod).toMatchObject({
      serviceAccountName: "nats",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
    });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
  });

  it("starts nats-server with its name and four fifths of its memory", () => {
    expect(container).toMatchObject({
      name: "nats",
      image: "docker.io/library/nats:2.12.2-alpine",
      args: ["--config", "/etc/nats/nats.conf"],
      env: [
        { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        { name: "GOMEMLIMIT", value: "1638MiB" },
      ],
      ports: [
        { name: "client", containerPort: 4222 },
        { name: "monitoring", containerPort: 8222 },
        { name: "cluster", containerPort: 6222 },
      ],
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1", memory: "2Gi" } },
    });
  });

  it("never restarts a server for the state of its streams", () => {
    const { startupProbe, readinessProbe, livenessProbe } = container ?? {};
    expect([startupProbe, readinessProbe, livenessProbe].map((probe) => probe?.httpGet.path)).toEqual([
      "/healthz?js-server-only=true",
      "/healthz?js-enabled-only=true",
      "/healthz?js-server-only=true",
    ]);
  });

  it.each([
    ["quorum", 1, "?js-server-only=true", undefined],
    ["quorum", 3, "?js-meta-only=true", 10],
    ["seed", 3, "?js-server-only=true", undefined],
  ] as const)("%s of %d lets a server start by %s", (preset, replicas, query, wait) => {
    const set = plain(manifests.statefulSet({ ...FACTS, probes: preset, replicas }, "")).spec;
    expect(set.template.spec.containers[0]?.startupProbe.httpGet.path).toBe(`/healthz${query}`);
    expect(set.minReadySeconds).toBe(wait);
  });

  it("gives the file store 15 minutes to recover", () => {
    const { periodSeconds = 0, failureThreshold = 0 } = container?.startupProbe ?? {};
    expect(periodSeconds * failureThreshold).toBe(15 * 60);
  });

  it("moves clients away before it stops, and has the time to", () => {
    const [shell, option, script] = container?.lifecycle.preStop.exec.command ?? [];
    expect([shell, option]).toEqual(["sh", "-c"]);
    expect(script).toContain("nats-server --signal=ldm=/var/run/nats/nats.pid");
    const [, seconds] = /lame_duck_duration: "(\d+)s"/.exec(serverConf(FACTS)) ?? [];
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(seconds) + 20);
  });

  it("finds nats.conf, passwords, pid directory and store where nats.conf says", () => {
    expect(container?.volumeMounts).toEqual([
      { name: "config", mountPath: "/etc/nats", readOnly: true },
      { name: "pid", mountPath: "/var/run/nats" },
      { name: "nats-storage", mountPath: "/data" },
    ]);
    expect(pod.volumes).toEqual([
      {
        name: "config",
        projected: {
          defaultMode: 0o440,
          sources: [
            {
              configMap: {
                name: "nats-config",
                items: [
                  { key: "nats.conf", path: "nats.conf" },
                  { key: "restart-checksum", path: "restart-checksum" },
                ],
              },
            },
            { secret: { name: "nats-auth", items: [{ key: "passwords.conf", path: "auth/passwords.conf" }] } },
          ],
        },
      },
      { name: "pid", emptyDir: {} },
    ]);
  });

  it("has a reloader that may signal the server and nothing else", () => {
    expect(pod).toHaveProperty("shareProcessNamespace", true);
    expect(pod.containers.map(({ name }) => name)).toEqual(["nats", "reloader"]);
    expect(pod.containers[1]).toMatchObject({
      image: "docker.io/library/nats:2.12.2-alpine",
      env: [{ name: "RESTART_CHECKSUM", value: "0123456789abcdef" }],
      volumeMounts: [
        { name: "config", mountPath: "/etc/nats", readOnly: true },
        { name: "pid", mountPath: "/var/run/nats", readOnly: true },
      ],
      securityContext: { allowPrivilegeEscalation: false },
    });
  });

  it("has an exporter where asked, and tells Prometheus", () => {
    const facts = {
      ...FACTS,
      exporterImage: "exporter:1",
      gateway: { peers: [] },
      leafnodes: { listen: true, remotes: [] },
    };
    const { template } = plain(manifests.statefulSet(facts, "")).spec;
    expect(template.metadata).toMatchObject({ annotations: { "prometheus.io/port": "7777" } });
    expect(template.spec.containers[2]).toMatchObject({
      name: "exporter",
      image: "exporter:1",
      args: [
        "-port=7777",
        "-prefix=nats",
        "-use_internal_server_id",
        "-varz",
        "-connz",
        "-subz",
        "-routez",
        "-gatewayz",
        "-leafz",
        "-jsz=all",
        "http://localhost:8222/",
      ],
      ports: [{ name: "metrics", containerPort: 7777 }],
    });
  });

  it.each([
    ["preferred", "preferredDuringSchedulingIgnoredDuringExecution"],
    ["required", "requiredDuringSchedulingIgnoredDuringExecution"],
  ] as const)("keeps servers apart: %s", (spread, key) => {
    const several = plain(manifests.statefulSet({ ...CLUSTER_FACTS, spread }, "")).spec.template.spec;
    expect(several).toMatchObject({
      affinity: { podAntiAffinity: { [key]: [expect.anything()] } },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" },
      ],
    });
    expect(JSON.stringify(several)).toContain('"topologyKey":"kubernetes.io/hostname"');
  });

  it("has the certificates beside nats.conf", () => {
    const facts = { ...FACTS, tls: { secretName: "nats-tls", clients: "off" as const } };
    expect(plain(manifests.statefulSet(facts, "")).spec.template.spec.volumes[0]).toMatchObject({
      projected: {
        sources: [
          {},
          {},
          {
            secret: {
              name: "nats-tls",
              items: [
                { key: "tls.crt", path: "tls/tls.crt" },
                { key: "tls.key", path: "tls/tls.key" },
                { key: "ca.crt", path: "tls/ca.crt" },
              ],
            },
          },
        ],
      },
    });
  });

  it("keeps the store on a volume of the default storage class", () => {
    expect(spec.volumeClaimTemplates).toEqual([
      {
        metadata: { name: "nats-storage" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "8Gi" } } },
      },
    ]);
  });

  it("keeps the store on a volume of the given storage class", () => {
    const facts = { ...FACTS, storage: { size: "10Gi", storageClass: "premium-rwo" } };
    expect(plain(manifests.statefulSet(facts, "")).spec.volumeClaimTemplates[0]?.spec).toEqual({
      accessModes: ["ReadWriteOnce"],
      storageClassName: "premium-rwo",
      resources: { requests: { storage: "10Gi" } },
    });
  });
});

describe("disruptionBudget", () => {
  it.each([
    [1, undefined],
    [3, 1],
    [5, 1],
  ] as const)("lets of %d servers %s be away", (replicas, away) => {
    expect(manifests.disruptionBudget({ ...FACTS, replicas })?.spec).toEqual(
      away && { maxUnavailable: away, selector: { matchLabels: { app: "nats" } } },
    );
  });
});

describe("certificate", () => {
  it("is for every name that servers and clients use, and for both sides of a connection", () => {
    expect(manifests.certificate(FACTS, "nats-tls", { name: "ca", kind: "Issuer" })).toMatchObject({
      apiVersion: "cert-manager.io/v1",
      kind: "Certificate",
      metadata: { name: "nats-tls", ...METADATA },
      spec: {
        secretName: "nats-tls",
        issuerRef: { group: "cert-manager.io", kind: "Issuer", name: "ca" },
        usages: ["server auth", "client auth"],
        dnsNames: [
          "nats.nats.svc.cluster.local",
          "nats.nats.svc",
          "nats.nats",
          "nats",
          "nats-headless.nats.svc.cluster.local",
          "nats-headless.nats.svc",
          "nats-headless.nats",
          "nats-headless",
          "*.nats-headless.nats.svc.cluster.local",
          "localhost",
        ],
      },
    });
  });
});

describe("a member of a supercluster", () => {
  const facts = {
    ...CLUSTER_FACTS,
    name: "nats-cluster-a",
    headless: "nats-cluster-a",
    labels: { component: "nats", "cluster-id": "a", region: "us-east-1" },
    gateway: { peers: [] },
    leafnodes: { listen: true, remotes: [] },
  };

  it("has one Service for servers and clients", () => {
    expect(manifests.hasClientService(facts)).toBe(false);
    expect(manifests.hasClientService(FACTS)).toBe(true);
    expect(manifests.headlessService(facts)).toMatchObject({
      metadata: { name: "nats-cluster-a" },
      spec: {
        ports: [
          { name: "client" },
          { name: "monitoring" },
          { name: "cluster" },
          { name: "gateway", port: 7222, targetPort: "gateway" },
          { name: "leafnodes", port: 7422, targetPort: "leafnodes" },
        ],
      },
    });
  });

  it("is labelled as asked, and tells its servers their addresses", () => {
    const { spec } = plain(manifests.statefulSet(facts, ""));
    expect(spec).toMatchObject({ replicas: 3, serviceName: "nats-cluster-a" });
    expect(spec.template.metadata).toMatchObject({
      labels: { app: "nats-cluster-a", component: "nats", "cluster-id": "a", region: "us-east-1" },
    });
    expect(spec.template.spec.containers[0]).toMatchObject({
      env: [
        { name: "POD_NAME" },
        { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        { name: "GOMEMLIMIT" },
      ],
    });
  });
});

it("names every object after the cluster", () => {
  const facts = { ...FACTS, name: "nats-a" };
  const all = [
    manifests.serviceAccount(facts),
    manifests.authSecret(facts, ""),
    manifests.configMap(facts),
    manifests.clientService(facts),
    manifests.headlessService(facts),
    manifests.statefulSet(facts, ""),
  ] as { metadata: { name: string; labels: Record<string, string> } }[];
  expect(all.map(({ metadata }) => metadata.name)).toEqual([
    "nats-a",
    "nats-a-auth",
    "nats-a-config",
    "nats-a",
    "nats-a-headless",
    "nats-a",
  ]);
  expect(new Set(all.map(({ metadata }) => metadata.labels.app))).toEqual(new Set(["nats-a"]));
});

/** What the tests read of a StatefulSet that holds no Output. */
interface PlainStatefulSet {
  spec: {
    minReadySeconds?: number;
    template: {
      metadata: unknown;
      spec: {
        terminationGracePeriodSeconds: number;
        volumes: unknown[];
        containers: {
          name: string;
          securityContext: unknown;
          volumeMounts: unknown[];
          startupProbe: Probe;
          readinessProbe: Probe;
          livenessProbe: Probe;
          lifecycle: { preStop: { exec: { command: string[] } } };
        }[];
      };
    };
    volumeClaimTemplates: { spec: unknown }[];
  };
}

interface Probe {
  httpGet: { path: string };
  periodSeconds: number;
  failureThreshold: number;
}

function plain(statefulSet: k8s.apps.v1.StatefulSetArgs): PlainStatefulSet {
  return statefulSet as unknown as PlainStatefulSet;
}
