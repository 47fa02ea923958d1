import { describe, expect, test } from "@jest/globals";
import { WorkerPool, type WorkerPoolArgs } from "../../../components/noetl/worker-pool";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { worker } from "./facts";
import { deploymentOf, podOf, tableOf } from "./pods";

const { name: NAME, ...ARGS } = worker;

async function render(args: Partial<WorkerPoolArgs> = {}) {
  return recorded(() => new WorkerPool(NAME, { ...ARGS, ...args }));
}

/** A Python pool, as the platform's own manifests have it. */
const PYTHON: Partial<WorkerPoolArgs> = {
  image: "ghcr.io/noetl/noetl:v2.35.9",
  runtime: { kind: "python", segments: ["shared", "python"] },
  consumer: "noetl_worker_pool",
  poolName: "worker-cpu-01",
  maxConcurrent: 8,
};

async function consumers(args: Partial<WorkerPoolArgs>): Promise<readonly string[] | undefined> {
  let pool: WorkerPool | undefined;
  await recorded(() => (pool = new WorkerPool(NAME, { ...ARGS, ...args })));
  return pool?.consumers;
}

describe("WorkerPool", () => {
  test("is a Deployment with an identity of its own and a Service for its metrics", async () => {
    const graph = await render();
    expect(objectNames(graph)).toEqual([
      "Deployment/noetl-worker-rust",
      "Role/noetl-worker-rust",
      "RoleBinding/noetl-worker-rust",
      "Service/noetl-worker-rust-metrics",
      "ServiceAccount/noetl-worker-rust",
    ]);
    expect(objectNamed(graph, "Service/noetl-worker-rust-metrics").spec).toEqual({
      clusterIP: "None",
      selector: { app: "noetl-worker-rust" },
      ports: [{ name: "metrics", port: 9090, targetPort: "metrics" }],
    });
  });

  test("given several pods, a drain takes one at a time", async () => {
    const budget = objectNamed(await render({ replicas: 3 }), "PodDisruptionBudget/noetl-worker-rust");
    expect(budget.spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: { app: "noetl-worker-rust" } } });
  });

  test("given an autoscaler, says no number of pods, and a drain takes one at a time", async () => {
    const objects = await render({ replicas: "autoscaled" });
    expect(objectNamed(objects, "Deployment/noetl-worker-rust").spec).not.toHaveProperty("replicas");
    expect(objectNames(objects)).toContain("PodDisruptionBudget/noetl-worker-rust");
  });

  test("may run the Jobs of container tools, and read no Secret", async () => {
    expect(objectNamed(await render(), "Role/noetl-worker-rust").rules).toEqual([
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "get", "list", "watch", "delete"] },
      { apiGroups: ["batch"], resources: ["jobs/status"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods/log"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["configmaps"], verbs: ["create", "delete"] },
      { apiGroups: [""], resources: ["secrets"], verbs: ["create", "delete"] },
    ]);
    expect(podOf(await render(), NAME).automountServiceAccountToken).toBe(true);
  });

  test("given no Jobs to run, has no rights and no token", async () => {
    const graph = await render({ runsJobs: false });
    expect(objectNames(graph).filter((name) => name.startsWith("Role"))).toEqual([]);
    expect(podOf(graph, NAME).automountServiceAccountToken).toBe(false);
  });

  test("its pods are labelled, found by Prometheus, and stay restricted", async () => {
    const { metadata, spec } = deploymentOf(await render(), NAME).spec.template;
    expect(metadata.labels).toMatchObject({
      app: "noetl-worker-rust",
      component: "worker",
      runtime: "rust",
      "worker-pool": "worker-rust-pool",
    });
    expect(metadata.annotations).toEqual({
      "prometheus.io/scrape": "true",
      "prometheus.io/path": "/metrics",
      "prometheus.io/port": "9090",
    });
    expect(spec.serviceAccountName).toBe("noetl-worker-rust");
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65534 });
  });

  test("a Rust pool has the environment the worker reads", async () => {
    expect(tableOf(podOf(await render(), NAME).container.env)).toEqual([
      ["WORKER_ID", "pod metadata.name"],
      ["WORKER_POOL_NAME", "worker-rust-pool"],
      ["NOETL_SERVER_URL", "http://noetl-server-rust.noetl.svc.cluster.local:8082"],
      ["NATS_URL", "nats://nats.nats.svc.cluster.local:4222"],
      ["NATS_USER", "noetl"],
      ["NATS_PASSWORD", "Secret noetl-nats/NATS_PASSWORD"],
      ["NATS_STREAM", "NOETL_COMMANDS"],
      ["NATS_CONSUMER", "noetl_worker_pool_shared"],
      ["NATS_SUBJECT", "noetl.commands"],
      ["NATS_FILTER_SUBJECT", "noetl.commands.shared.>"],
      ["WORKER_MAX_CONCURRENT", "4"],
      ["WORKER_HEARTBEAT_INTERVAL", "15"],
      ["WORKER_METRICS_BIND", "0.0.0.0:9090"],
      ["WORKER_NATS_LAG_POLL_INTERVAL", "5"],
      ["NOETL_IPC_CACHE_BUDGET_BYTES", "268435456"],
    ]);
    expect(await consumers({})).toEqual(["noetl_worker_pool_shared"]);
  });

  test("given a log filter and credentials, the worker gets them, and offers the credentials to playbooks", async () => {
    const keychain = [
      { variable: "NOETL_FLIGHT_BEARER_TOKEN", from: { secret: "noetl-flight-bearer", key: "token" } },
      { variable: "OTHER", from: { secret: "other", key: "value" } },
    ];
    const { container } = podOf(await render({ rustLog: "debug", keychain }), NAME);
    expect(tableOf(container.env).slice(-4)).toEqual([
      ["RUST_LOG", "debug"],
      ["NOETL_FLIGHT_BEARER_TOKEN", "Secret noetl-flight-bearer/token"],
      ["OTHER", "Secret other/value"],
      ["NOETL_KEYCHAIN_ENV_VARS", "NOETL_FLIGHT_BEARER_TOKEN,OTHER"],
    ]);
  });

  test("a Python pool has the environment, command, port and folders of that worker", async () => {
    const graph = await render(PYTHON);
    const { container, volumes } = podOf(graph, NAME);
    expect(tableOf(container.env)).toEqual([
      ["NOETL_RUN_MODE", "worker"],
      ["TZ", "UTC"],
      ["PYTHONPATH", "/opt/noetl"],
      ["NOETL_DATA_DIR", "/opt/noetl/data"],
      ["HOME", "/tmp"],
      ["NOETL_WORKER_POOL_NAME", "worker-cpu-01"],
      ["NOETL_WORKER_POOL_RUNTIME", "cpu"],
      ["NOETL_SERVER_URL", "http://noetl-server-rust.noetl.svc.cluster.local:8082"],
      ["NATS_URL", "Secret noetl-nats/NOETL_NATS_URL"],
      ["NATS_USER", "noetl"],
      ["NATS_PASSWORD", "Secret noetl-nats/NATS_PASSWORD"],
      ["NATS_STREAM", "NOETL_COMMANDS"],
      ["NATS_CONSUMER", "noetl_worker_pool"],
      ["NATS_SUBJECT", "noetl.commands"],
      ["NOETL_WORKER_POOL_SEGMENTS", "shared,python"],
      ["NOETL_WORKER_MAX_INFLIGHT_COMMANDS", "8"],
      ["NOETL_WORKER_MAX_INFLIGHT_DB_COMMANDS", "4"],
      ["NOETL_WORKER_COMMAND_TIMEOUT_SECONDS", "180"],
      ["NOETL_WORKER_HEARTBEAT_INTERVAL", "15"],
      ["NOETL_WORKER_METRICS_HOST", "0.0.0.0"],
      ["NOETL_WORKER_METRICS_PORT", "9091"],
      ["NOETL_IPC_CACHE_BUDGET_BYTES", "268435456"],
    ]);
    expect(container.command).toEqual(["python", "-m", "noetl.worker"]);
    expect(container.ports).toEqual([{ name: "metrics", containerPort: 9091 }]);
    expect(container.lifecycle).toBeUndefined();
    expect(container.volumeMounts).toContainEqual({ name: "data", mountPath: "/opt/noetl/data" });
    expect(volumes).toContainEqual({ name: "data", emptyDir: {} });
    expect(deploymentOf(graph, NAME).spec.template.metadata.labels).toMatchObject({ runtime: "cpu" });
    expect(await consumers(PYTHON)).toEqual(["noetl_worker_pool_shared", "noetl_worker_pool_python"]);
  });

  test("given less commands at once than a Python worker's commands on databases, those are as few", async () => {
    const { container } = podOf(await render({ ...PYTHON, maxConcurrent: 2 }), NAME);
    expect(tableOf(container.env)).toContainEqual(["NOETL_WORKER_MAX_INFLIGHT_DB_COMMANDS", "2"]);
  });

  test("waits for the server, has its shared memory, is probed by its port, and ends when it is idle", async () => {
    const { container, ...pod } = podOf(await render({ terminationGracePeriod: 300 }), NAME);
    expect(tableOf(pod.initContainers[0]?.env ?? [])).toEqual([
      ["SERVER_READY", "http://noetl-server-rust.noetl.svc.cluster.local:8082/api/health"],
    ]);
    expect(pod.volumes).toContainEqual({ name: "shm", emptyDir: { medium: "Memory", sizeLimit: "320Mi" } });
    expect(container.volumeMounts).toContainEqual({ name: "shm", mountPath: "/dev/shm" });
    const tcpSocket = { port: "metrics" };
    expect(container.livenessProbe).toEqual({
      tcpSocket,
      initialDelaySeconds: 20,
      periodSeconds: 15,
      failureThreshold: 6,
    });
    expect(container.readinessProbe).toEqual({
      tcpSocket,
      initialDelaySeconds: 10,
      periodSeconds: 10,
      failureThreshold: 6,
    });
    expect(pod.terminationGracePeriodSeconds).toBe(300);
    expect(container.lifecycle?.preStop.exec.command).toEqual(["sh", "-c", expect.stringContaining("[1-9]")]);
  });
});
