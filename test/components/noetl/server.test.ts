import { describe, expect, test } from "@jest/globals";
import { existingNamespace } from "../../../components/kubernetes/namespaces";
import { NoetlServer, type NoetlServerArgs } from "../../../components/noetl/server";
import { statefulSet } from "../../../components/noetl/server-manifests";
import { creationRequests } from "../../../components/nats/jetstream-requests";
import { commandStreams, eventStream, MADE_BY_WORKERS } from "../../../components/nats/streams";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { namespace, server, settings } from "./facts";

const { name: NAME, publicUrl: _, ...ARGS } = server;

const COMMANDS = {
  stream: "NOETL_COMMANDS",
  subject: "noetl.commands",
  consumer: "shared",
  filterSubject: "noetl.commands.shared.>",
};

async function render(args: Partial<NoetlServerArgs> = {}) {
  return recorded(() => new NoetlServer(NAME, { ...ARGS, ...args }));
}

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { fieldRef?: { fieldPath: string } };
}

/** Only what a test looks at of a workload. */
interface Workload {
  spec: {
    replicas: number;
    serviceName?: string;
    strategy?: object;
    template: {
      metadata: { annotations?: Record<string, string> };
      spec: {
        automountServiceAccountToken: boolean;
        enableServiceLinks: boolean;
        securityContext: object;
        topologySpreadConstraints?: object[];
        initContainers: { name: string; image: string; env: Variable[] }[];
        containers: {
          env: Variable[];
          securityContext: object;
          startupProbe: object;
          livenessProbe: object;
          readinessProbe: object;
        }[];
      };
    };
  };
}

describe("NoetlServer", () => {
  test("given one replica, it is a Deployment that never has two pods with its machine id", async () => {
    const graph = await render();
    expect(objectNames(graph)).toEqual([
      "Deployment/noetl-server-rust",
      "Service/noetl-server-rust",
      "ServiceAccount/noetl-server-rust",
    ]);
    const { spec } = objectNamed(graph, "Deployment/noetl-server-rust") as unknown as Workload;
    expect(spec.replicas).toBe(1);
    expect(spec.strategy).toEqual({ type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } });
  });

  test("given more replicas, it is a StatefulSet whose pods have names", async () => {
    const graph = await render({ replicas: 3 });
    expect(objectNames(graph)).toEqual([
      "PodDisruptionBudget/noetl-server-rust",
      "Service/noetl-server-rust",
      "Service/noetl-server-rust-headless",
      "ServiceAccount/noetl-server-rust",
      "StatefulSet/noetl-server-rust",
    ]);
    const { spec } = objectNamed(graph, "StatefulSet/noetl-server-rust") as unknown as Workload;
    expect(spec).toMatchObject({ replicas: 3, serviceName: "noetl-server-rust-headless" });
  });

  test("given more replicas, a drain takes one at a time, and they keep apart as far as there is room", async () => {
    const graph = await render({ replicas: 3 });
    expect(objectNamed(graph, "PodDisruptionBudget/noetl-server-rust").spec).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: { app: NAME } },
    });
    const { spec } = statefulSetOf(graph).template;
    expect(spec.topologySpreadConstraints).toEqual(
      ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { app: NAME } },
      })),
    );
    expect(podOf(await render()).topologySpreadConstraints).toBeUndefined();
  });

  test("given a replica a shard, each forwards events to their owner, which has a name of its own", async () => {
    const graph = await render({ replicas: 3, shards: { count: 3, index: 0 } });
    expect(valuesOf(statefulSetOf(graph))).toMatchObject({
      NOETL_REPLICA_COHERENCE: "nats_kv",
      NOETL_EXECUTION_AFFINITY: "true",
      NOETL_PEER_URL_TEMPLATE:
        "http://noetl-server-rust-{shard}.noetl-server-rust-headless.noetl.svc.cluster.local:8082",
    });
    expect(objectNamed(graph, "Service/noetl-server-rust-headless").spec).toMatchObject({
      clusterIP: "None",
      publishNotReadyAddresses: true,
    });
  });

  test.each([
    [{ replicas: 3 }, { NOETL_REPLICA_COHERENCE: "nats_kv" }],
    [{ replicas: 1, shards: { count: 3, index: 2 } }, {}],
  ])("given %j, nobody forwards anything", async (args, expected) => {
    const graph = await render(args);
    const { NOETL_REPLICA_COHERENCE, NOETL_EXECUTION_AFFINITY, NOETL_PEER_URL_TEMPLATE } = valuesOf(
      args.replicas === 1 ? { template: templateOf(graph) } : statefulSetOf(graph),
    );
    expect({ NOETL_REPLICA_COHERENCE, NOETL_EXECUTION_AFFINITY, NOETL_PEER_URL_TEMPLATE }).toEqual({
      NOETL_REPLICA_COHERENCE: undefined,
      NOETL_EXECUTION_AFFINITY: undefined,
      NOETL_PEER_URL_TEMPLATE: undefined,
      ...expected,
    });
  });

  test("given any number of replicas up to 1024, no two pods have one machine id or one shard", () => {
    for (let replicas = 2; replicas <= 1024; replicas++) {
      const facts = { ...server, replicas, shards: { count: replicas, index: 0 } };
      const { spec } = statefulSet(facts) as unknown as Workload;
      for (const name of ["NOETL_SERVER_MACHINE_ID", "NOETL_SHARD_INDEX"]) {
        const ids = Array.from({ length: spec.replicas }, (_, pod) => fieldOfPod(spec, name, pod));
        expect([new Set(ids).size, ids.at(-1)]).toEqual([replicas, String(replicas - 1)]);
      }
    }
  });

  test("given databases of the shards, the server gets them from a Secret, and waits for their tables", async () => {
    const shards = { secret: "noetl-shards", key: "NOETL_SHARDS" };
    const clusterDsn = { secret: "noetl-shards", key: "NOETL_CLUSTER_DSN" };
    const pod = podOf(await render({ secrets: { ...server.secrets, shards, clusterDsn } }));
    const reference = (name: string) => ({
      name,
      valueFrom: { secretKeyRef: { name: "noetl-shards", key: name } },
    });
    expect(pod.containers[0]?.env).toContainEqual(reference("NOETL_SHARDS"));
    expect(pod.containers[0]?.env).toContainEqual(reference("NOETL_CLUSTER_DSN"));
    expect(pod.initContainers[0]?.env).toContainEqual(reference("NOETL_SHARDS"));
  });

  test("given a node port, clients outside the cluster reach it there", async () => {
    const graph = await render({ nodePort: 30082 });
    expect(objectNamed(graph, "Service/noetl-server-rust-ext").spec).toMatchObject({
      type: "NodePort",
      ports: [{ name: "http", port: 8082, targetPort: "http", nodePort: 30082 }],
    });
  });

  test.each([
    ["seed", "/healthz", "/readyz"],
    ["published", "/health", "/api/health"],
  ] as const)("given the %s health API, probes ask %s and %s", async (healthApi, live, ready) => {
    const container = containerOf(await render({ healthApi }));
    expect(container.startupProbe).toEqual({
      httpGet: { path: live, port: "http" },
      periodSeconds: 5,
      failureThreshold: 30,
    });
    expect(container.livenessProbe).toEqual({
      httpGet: { path: live, port: "http" },
      initialDelaySeconds: 10,
      periodSeconds: 10,
      failureThreshold: 3,
    });
    expect(container.readinessProbe).toEqual({
      httpGet: { path: ready, port: "http" },
      initialDelaySeconds: 5,
      periodSeconds: 5,
      failureThreshold: 3,
    });
  });

  test("starts only after the schema is there and a NATS login worked", async () => {
    const { initContainers } = podOf(await render());
    expect(initContainers.map(({ name, image }) => [name, image])).toEqual([
      ["wait-for-schema", "postgres:17.4"],
      ["wait-for-nats", "natsio/nats-box:0.19.2"],
    ]);
  });

  test("given streams, it starts only after they are there, and again when others are declared", async () => {
    const streams = commandStreams([COMMANDS], MADE_BY_WORKERS);
    const graph = await render({ streams: { streams, buckets: [] } });
    const { spec } = objectNamed(graph, "Deployment/noetl-server-rust") as unknown as Workload;
    const [, container] = spec.template.spec.initContainers;
    expect(container).toMatchObject({
      name: "make-streams",
      image: "natsio/nats-box:0.19.2",
      command: ["sh", "-c", expect.stringContaining("$STREAMS_DIR")],
      env: expect.arrayContaining([{ name: "STREAMS_DIR", value: "/etc/noetl/streams" }]),
      volumeMounts: [
        { name: "tmp", mountPath: "/tmp" },
        { name: "streams", mountPath: "/etc/noetl/streams", readOnly: true },
      ],
    });
    const { data } = objectNamed(graph, "ConfigMap/noetl-server-rust-streams") as unknown as { data: object };
    expect(data).toEqual(creationRequests({ streams, buckets: [] }));
    const others = await render({ streams: { streams: [eventStream(1)], buckets: [] } });
    const again = objectNamed(others, "Deployment/noetl-server-rust") as unknown as Workload;
    const checksum = (workload: Workload) => workload.spec.template.metadata.annotations?.["noetl.io/streams-checksum"];
    expect(checksum(again)).toMatch(/^[0-9a-f]{16}$/);
    expect(checksum(again)).not.toBe(checksum({ spec }));
  });

  test("runs restricted, without an API token", async () => {
    const pod = podOf(await render());
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65534,
      runAsGroup: 65534,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(pod.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
  });

  test("given the Kubernetes keychain, it may get and list Secrets in the listed namespaces and nothing else", async () => {
    const keychain = { kubernetes: { namespaces: [namespace, existingNamespace("tenants")] } };
    const graph = await render({ settings: { ...settings, keychain } });
    expect(podOf(graph).automountServiceAccountToken).toBe(true);
    const roles = graph.resources.filter(({ inputs }) => inputs.kind === "Role");
    expect(roles.map(({ inputs }) => [inputs.metadata, inputs.rules])).toEqual(
      ["noetl", "tenants"].map((name) => [
        expect.objectContaining({ name: "noetl-server-secrets-reader", namespace: name }),
        [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] }],
      ]),
    );
    const bindings = graph.resources.filter(({ inputs }) => inputs.kind === "RoleBinding");
    expect(bindings).toHaveLength(2);
    for (const { inputs } of bindings) {
      expect(inputs.subjects).toEqual([{ kind: "ServiceAccount", name: NAME, namespace: "noetl" }]);
    }
  });

  test("given metrics off, pods ask for no scrape", async () => {
    const scraped = await render();
    expect(templateOf(scraped).metadata.annotations).toEqual({
      "prometheus.io/scrape": "true",
      "prometheus.io/path": "/metrics",
      "prometheus.io/port": "8082",
    });
    const silent = await render({ settings: { ...settings, metrics: false } });
    expect(templateOf(silent).metadata.annotations).toEqual({});
  });

  test("workers call back on the Service, or on the URL that is given", async () => {
    const publicUrlOf = (graph: Awaited<ReturnType<typeof render>>) =>
      containerOf(graph).env.find(({ name }) => name === "NOETL_PUBLIC_SERVER_URL")?.value;
    expect(publicUrlOf(await render())).toBe("http://noetl-server-rust.noetl.svc.cluster.local:8082");
    expect(publicUrlOf(await render({ publicUrl: "https://noetl.example.com" }))).toBe("https://noetl.example.com");
  });

  test("transform changes a child and nothing else", async () => {
    const annotations = { "example.com/owner": "data" };
    const graph = await render({
      transform: { deployment: ({ spec }) => ({ metadata: { name: NAME, annotations }, spec }) },
    });
    expect(objectNamed(graph, "Deployment/noetl-server-rust").metadata.annotations).toEqual(annotations);
    expect(objectNamed(graph, "Service/noetl-server-rust").metadata.annotations).toBeUndefined();
  });
});

function templateOf(graph: Awaited<ReturnType<typeof render>>) {
  return (objectNamed(graph, "Deployment/noetl-server-rust") as unknown as Workload).spec.template;
}

function podOf(graph: Awaited<ReturnType<typeof render>>) {
  return templateOf(graph).spec;
}

function containerOf(graph: Awaited<ReturnType<typeof render>>) {
  const [container] = podOf(graph).containers;
  if (!container) throw new Error("the pod has no container");
  return container;
}

function statefulSetOf(graph: Awaited<ReturnType<typeof render>>) {
  return (objectNamed(graph, "StatefulSet/noetl-server-rust") as unknown as Workload).spec;
}

/** The literal values of the server's environment. */
function valuesOf({ template }: Pick<Workload["spec"], "template">): Record<string, string | undefined> {
  const env = template.spec.containers[0]?.env ?? [];
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

/** What the kubelet makes of a variable in the pod of an index: the StatefulSet controller labels it so. */
function fieldOfPod({ template }: Workload["spec"], variable: string, pod: number): string {
  const field = template.spec.containers[0]?.env.find(({ name }) => name === variable)?.valueFrom?.fieldRef?.fieldPath;
  const labels: Record<string, string> = { "apps.kubernetes.io/pod-index": String(pod) };
  return labels[/^metadata\.labels\['(.+)'\]$/.exec(field ?? "")?.[1] ?? ""] ?? "";
}
