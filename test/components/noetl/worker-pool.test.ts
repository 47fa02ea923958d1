import { describe, expect, test } from "@jest/globals";
import { WorkerPool, type WorkerPoolArgs } from "../../../components/noetl/worker-pool";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { worker } from "./facts";

const { name: NAME, ...ARGS } = worker;

async function render(args: Partial<WorkerPoolArgs> = {}) {
  return recorded(() => new WorkerPool(NAME, { ...ARGS, ...args }));
}

describe("WorkerPool", () => {
  test("is a Deployment with an identity of its own and a Service for its metrics", async () => {
    expect(objectNames(await render())).toEqual([
      "Deployment/noetl-worker-rust",
      "Role/noetl-worker-rust",
      "RoleBinding/noetl-worker-rust",
      "Service/noetl-worker-rust-metrics",
      "ServiceAccount/noetl-worker-rust",
    ]);
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

  test("may run the Jobs of container tools and nothing else", async () => {
    expect(objectNamed(await render(), "Role/noetl-worker-rust").rules).toEqual([
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "get", "list", "watch", "delete"] },
      { apiGroups: ["batch"], resources: ["jobs/status"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods/log"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "delete"] },
      { apiGroups: [""], resources: ["secrets"], verbs: ["create", "get", "delete"] },
    ]);
  });

  test("its pods have the environment the worker reads", async () => {
    expect((await podOf()).containers[0]?.env).toEqual([
      { name: "WORKER_ID", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "WORKER_POOL_NAME", value: "worker-rust-pool" },
      { name: "NOETL_SERVER_URL", value: "http://noetl-server-rust.noetl.svc.cluster.local:8082" },
      { name: "NATS_URL", value: "nats://nats.nats.svc.cluster.local:4222" },
      { name: "NATS_USER", value: "noetl" },
      { name: "NATS_PASSWORD", valueFrom: { secretKeyRef: { name: "noetl-nats", key: "NATS_PASSWORD" } } },
      { name: "NATS_STREAM", value: "NOETL_COMMANDS" },
      { name: "NATS_CONSUMER", value: "noetl_worker_pool_shared" },
      { name: "NATS_SUBJECT", value: "noetl.commands" },
      { name: "NATS_FILTER_SUBJECT", value: "noetl.commands.shared.>" },
      { name: "WORKER_MAX_CONCURRENT", value: "4" },
      { name: "WORKER_HEARTBEAT_INTERVAL", value: "15" },
      { name: "WORKER_METRICS_BIND", value: "0.0.0.0:9090" },
      { name: "WORKER_NATS_LAG_POLL_INTERVAL", value: "5" },
      { name: "NOETL_IPC_CACHE_BUDGET_BYTES", value: "268435456" },
    ]);
  });

  test("given a log filter, the worker gets it", async () => {
    const { containers } = await podOf({ rustLog: "debug" });
    expect(containers[0]?.env.at(-1)).toEqual({ name: "RUST_LOG", value: "debug" });
  });

  test("waits for the server, has its shared memory, and time to finish what it holds", async () => {
    const pod = await podOf({ terminationGracePeriod: 300 });
    expect(pod.initContainers[0]?.env).toEqual([
      { name: "SERVER_READY", value: "http://noetl-server-rust.noetl.svc.cluster.local:8082/api/health" },
    ]);
    expect(pod.volumes).toContainEqual({ name: "shm", emptyDir: { medium: "Memory", sizeLimit: "320Mi" } });
    expect(pod.containers[0]?.volumeMounts).toContainEqual({ name: "shm", mountPath: "/dev/shm" });
    expect(pod.terminationGracePeriodSeconds).toBe(300);
  });
});

interface Pod {
  terminationGracePeriodSeconds: number;
  initContainers: { env: object[] }[];
  containers: { env: object[]; volumeMounts: object[] }[];
  volumes: object[];
}

async function podOf(args: Partial<WorkerPoolArgs> = {}): Promise<Pod> {
  const deployment = objectNamed(await render(args), "Deployment/noetl-worker-rust");
  return (deployment.spec as unknown as { template: { spec: Pod } }).template.spec;
}
