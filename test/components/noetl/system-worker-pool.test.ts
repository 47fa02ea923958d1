import { describe, expect, test } from "@jest/globals";
import { SystemWorkerPool, type SystemWorkerPoolArgs } from "../../../components/noetl/system-worker-pool";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { worker } from "./facts";
import { deploymentOf, podOf, tableOf } from "./pods";

const NAME = "noetl-worker-system-pool";
const { name: _, runtime: __, runsJobs: ___, ...WORKER } = worker;
const ARGS: SystemWorkerPoolArgs = {
  ...WORKER,
  poolName: "worker-system-pool",
  consumer: "noetl_worker_pool_system",
  maxConcurrent: 2,
  materializer: { enabled: true, batch: 200, fetchTimeout: 2000, idleSleep: 500, errorBackoff: 2000 },
  stateBuilder: {
    mode: "offserver",
    shadow: false,
    durable: false,
    consumer: "noetl_state_builder",
    batch: 200,
    fetchTimeout: 2000,
    idleSleep: 500,
  },
  cleanup: { schedule: "0 * * * *", commandRetentionDays: 7, runtimeStaleMinutes: 60, eventRetentionDays: 0 },
};

async function render(args: Partial<SystemWorkerPoolArgs> = {}) {
  return recorded(() => new SystemWorkerPool(NAME, { ...ARGS, ...args }));
}

describe("SystemWorkerPool", () => {
  test("is a pool with an identity and a scheduled cleanup of its own", async () => {
    expect(objectNames(await render())).toEqual([
      "CronJob/noetl-scheduled-cleanup",
      `Deployment/${NAME}`,
      `Role/${NAME}`,
      `RoleBinding/${NAME}`,
      `Service/${NAME}-metrics`,
      `ServiceAccount/${NAME}`,
    ]);
  });

  test("given several pods, a drain takes one at a time", async () => {
    expect(objectNames(await render({ replicas: 2 }))).toContain(`PodDisruptionBudget/${NAME}`);
  });

  test("given no cleanup, has none", async () => {
    const names = objectNames(await render({ cleanup: undefined }));
    expect(names.filter((name) => name.startsWith("CronJob"))).toEqual([]);
  });

  test("may read the Secret of the internal token and nothing else, and its pods have no token for that", async () => {
    const graph = await render();
    expect(objectNamed(graph, `Role/${NAME}`).rules).toEqual([
      {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: ["noetl-internal-api-token"],
        verbs: ["get", "list", "watch"],
      },
    ]);
    expect(objectNamed(graph, `RoleBinding/${NAME}`).subjects).toEqual([
      { kind: "ServiceAccount", name: NAME, namespace: "noetl" },
    ]);
    expect(podOf(graph, NAME).automountServiceAccountToken).toBe(false);
  });

  test("has the environment that its worker reads", async () => {
    const graph = await render({ keychain: [{ variable: "MORE", from: { secret: "more", key: "value" } }] });
    expect(tableOf(podOf(graph, NAME).container.env)).toEqual([
      ["WORKER_ID", "pod metadata.name"],
      ["WORKER_POOL_NAME", "worker-system-pool"],
      ["NOETL_SERVER_URL", "http://noetl-server-rust.noetl.svc.cluster.local:8082"],
      ["NATS_URL", "nats://nats.nats.svc.cluster.local:4222"],
      ["NATS_USER", "noetl"],
      ["NATS_PASSWORD", "Secret noetl-nats/NATS_PASSWORD"],
      ["NATS_STREAM", "NOETL_COMMANDS"],
      ["NATS_CONSUMER", "noetl_worker_pool_system"],
      ["NATS_SUBJECT", "noetl.commands"],
      ["NATS_FILTER_SUBJECT", "noetl.commands.system.>"],
      ["WORKER_MAX_CONCURRENT", "2"],
      ["WORKER_HEARTBEAT_INTERVAL", "15"],
      ["WORKER_METRICS_BIND", "0.0.0.0:9090"],
      ["WORKER_NATS_LAG_POLL_INTERVAL", "5"],
      ["NOETL_IPC_CACHE_BUDGET_BYTES", "268435456"],
      ["NOETL_INTERNAL_API_TOKEN", "Secret noetl-internal-api-token/token"],
      ["MORE", "Secret more/value"],
      ["NOETL_KEYCHAIN_ENV_VARS", "NOETL_INTERNAL_API_TOKEN,MORE"],
      ["NOETL_MATERIALIZER_ENABLED", "true"],
      ["NOETL_MATERIALIZER_BATCH", "200"],
      ["NOETL_MATERIALIZER_TIMEOUT_MS", "2000"],
      ["NOETL_MATERIALIZER_IDLE_SLEEP_MS", "500"],
      ["NOETL_MATERIALIZER_ERROR_BACKOFF_MS", "2000"],
      ["NOETL_STATE_BUILDER", "offserver"],
      ["NOETL_STATE_BUILDER_SHADOW", "false"],
      ["NOETL_STATE_BUILDER_DURABLE", "false"],
      ["NOETL_STATE_BUILDER_CONSUMER", "noetl_state_builder"],
      ["NOETL_STATE_BUILDER_BATCH", "200"],
      ["NOETL_STATE_BUILDER_TIMEOUT_MS", "2000"],
      ["NOETL_STATE_BUILDER_IDLE_SLEEP_MS", "500"],
    ]);
    expect(deploymentOf(graph, NAME).metadata.labels).toMatchObject({
      app: NAME,
      component: "system-worker",
      runtime: "rust",
      "worker-pool": "worker-system-pool",
    });
  });

  test("its cleanup runs hourly, never twice at once, for two minutes at most", async () => {
    const spec = objectNamed(await render(), "CronJob/noetl-scheduled-cleanup").spec as unknown as CronJobSpec;
    const { jobTemplate, ...schedule } = spec;
    expect(schedule).toEqual({
      schedule: "0 * * * *",
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 120,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
    });
    expect(jobTemplate.spec).toMatchObject({ backoffLimit: 2, activeDeadlineSeconds: 120 });
    const [container] = jobTemplate.spec.template.spec.containers;
    expect(container?.resources).toEqual({
      requests: { cpu: "10m", memory: "32Mi" },
      limits: { cpu: "100m", memory: "64Mi" },
    });
    const env = Object.fromEntries(tableOf(container?.env ?? []));
    expect(JSON.parse(env.EXECUTION ?? "")).toEqual({
      path: "system/scheduled_cleanup",
      workload: {
        server_url: "http://noetl-server-rust.noetl.svc.cluster.local:8082",
        policy: { command_retention_days: 7, runtime_stale_minutes: 60, event_retention_days: 0 },
      },
    });
  });
});

interface CronJobSpec {
  jobTemplate: {
    spec: { template: { spec: { containers: { env: Parameters<typeof tableOf>[0]; resources: object }[] } } };
  };
}
