import { describe, expect, test } from "@jest/globals";
import type { KedaScaling } from "../../../components/scaling/facts";
import { KedaScaler, type KedaScalerArgs } from "../../../components/scaling/keda-scaler";
import { scaledObject, scaledObjectName, ScalingError } from "../../../components/scaling/scaled-object";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { consumer, nats, scaling, workload } from "./facts";

const NAME = "noetl-worker-rust-scaler-worker-rust-pool";

function made(changes: Partial<KedaScaling> = {}) {
  return scaledObject({ name: NAME, workload, nats, scaling: { ...scaling, ...changes } });
}

describe("a ScaledObject", () => {
  test("is what the platform's own generator makes", () => {
    expect(made()).toStrictEqual({
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: {
        name: NAME,
        namespace: "noetl",
        labels: {
          app: "noetl-worker-rust",
          component: "worker",
          "app.kubernetes.io/name": "noetl-worker-rust",
          "app.kubernetes.io/component": "worker",
          "app.kubernetes.io/part-of": "noetl",
          "app.kubernetes.io/managed-by": "pulumi",
          "worker-pool": "worker-rust-pool",
        },
      },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "noetl-worker-rust" },
        minReplicaCount: 1,
        maxReplicaCount: 20,
        pollingInterval: 10,
        cooldownPeriod: 30,
        triggers: [
          {
            type: "nats-jetstream",
            metadata: {
              natsServerMonitoringEndpoint: "nats-headless.nats.svc.cluster.local:8222",
              account: "NOETL",
              stream: "NOETL_COMMANDS",
              consumer: "noetl_worker_pool_shared",
              lagThreshold: "10",
              activationLagThreshold: "1",
              useHttps: "false",
            },
          },
        ],
      },
    });
  });

  test("is named after its Deployment and its pool", () => {
    expect(scaledObjectName("noetl-worker", "worker-cpu-01")).toBe("noetl-worker-scaler-worker-cpu-01");
  });

  test("given several consumers, there is a trigger for each, in their order", () => {
    const consumers = ["noetl_worker_pool", "noetl_worker_pool_shared", "noetl_worker_pool_python"];
    const { triggers } = made({
      consumers: consumers.map((name) => ({ ...consumer, consumer: { name, maxAckPending: 10 } })),
    }).spec;
    expect(triggers.map(({ metadata }) => metadata.consumer)).toEqual(consumers);
  });

  test("given a fallback, it is as given", () => {
    const fallback = { failureThreshold: 3, replicas: 2, behavior: "currentReplicasIfHigher" } as const;
    expect(made({ fallback }).spec.fallback).toEqual(fallback);
  });

  test("given that it goes to zero when idle, it says so", () => {
    expect(made({ idleToZero: true }).spec.idleReplicaCount).toBe(0);
  });

  test("given a first cooldown, it says so", () => {
    expect(made({ initialCooldownPeriod: 60 }).spec.initialCooldownPeriod).toBe(60);
  });

  test("given that it is paused, the annotation says so", () => {
    expect(made({ paused: true }).metadata.annotations).toEqual({ "autoscaling.keda.sh/paused": "true" });
  });

  test("given rules for how fast, they are the autoscaler's", () => {
    const policies = [{ type: "percent", value: 50, period: 60 } as const];
    const behavior = {
      scaleUp: { stabilizationWindow: 0, select: "min", policies, tolerance: 5 },
      scaleDown: { select: "disabled", tolerance: 100 },
    } as const;
    expect(
      made({ behavior: { scaleUp: { ...behavior.scaleUp, policies }, scaleDown: behavior.scaleDown } }).spec.advanced,
    ).toStrictEqual({
      horizontalPodAutoscalerConfig: {
        behavior: {
          scaleUp: {
            stabilizationWindowSeconds: 0,
            selectPolicy: "Min",
            policies: [{ type: "Percent", value: 50, periodSeconds: 60 }],
            tolerance: "50m",
          },
          scaleDown: { selectPolicy: "Disabled", tolerance: "1" },
        },
      },
    });
  });

  test.each([{}, { scaleUp: {} }, { scaleUp: undefined, scaleDown: {} }])(
    "given rules that say nothing (%j), it has none: an empty one would change what the autoscaler does",
    (behavior) => {
      expect(made({ behavior }).spec).not.toHaveProperty("advanced");
    },
  );

  test.each<[string, Partial<KedaScaling>]>([
    ["minReplicas -1 is less than 0", { minReplicas: -1 }],
    ["maxReplicas 2 is less than minReplicas, or than 1", { minReplicas: 3, maxReplicas: 2 }],
    ["maxReplicas 0 is less than minReplicas, or than 1", { minReplicas: 0, maxReplicas: 0 }],
    ["idleToZero needs minReplicas of at least 1", { minReplicas: 0, idleToZero: true }],
    [
      "a fallback needs a workload that never goes to zero",
      { minReplicas: 0, fallback: { failureThreshold: 3, replicas: 2, behavior: "static" } },
    ],
    [
      "a fallback needs a workload that never goes to zero",
      { idleToZero: true, fallback: { failureThreshold: 3, replicas: 2, behavior: "static" } },
    ],
    ["no consumer to scale on", { consumers: [] }],
    ["a lagThreshold is less than 1", { consumers: [consumer, { ...consumer, lagThreshold: 0 }] }],
    ["a lagThreshold is more than its consumer's maxAckPending", { consumers: [{ ...consumer, lagThreshold: 1001 }] }],
    ["an activationLagThreshold is less than 0", { consumers: [{ ...consumer, activationLagThreshold: -1 }] }],
    ["pollingInterval is less than 1", { pollingInterval: 0 }],
    ["cooldownPeriod is less than 1", { cooldownPeriod: 0 }],
  ])("is refused: %s", (problem, changes) => {
    expect(() => made(changes)).toThrow(new ScalingError(`ScaledObject ${NAME}: ${problem}`));
  });

  test("is refused with a name that KEDA cannot make labels of", () => {
    const facts = { workload, nats, scaling };
    expect(() => scaledObject({ ...facts, name: "n".repeat(54) })).not.toThrow();
    expect(() => scaledObject({ ...facts, name: "n".repeat(55) })).toThrow(
      "a name of 55 characters; KEDA takes at most 54",
    );
  });
});

describe("KedaScaler", () => {
  const args: KedaScalerArgs = { workload, nats, scaling };

  test("is one ScaledObject", async () => {
    const graph = await recorded(() => new KedaScaler(NAME, args));
    expect(objectNames(graph)).toEqual([`ScaledObject/${NAME}`]);
  });

  test("knows the autoscaler that KEDA makes", async () => {
    let name = "";
    await recorded(() => (name = new KedaScaler(NAME, args).autoscalerName));
    expect(name).toBe(`keda-hpa-${NAME}`);
  });

  test("given an escape hatch, deploys what it returns", async () => {
    const transform = {
      scaledObject: (object: ReturnType<typeof made>) => ({ ...object, spec: { ...object.spec, maxReplicaCount: 99 } }),
    };
    const graph = await recorded(() => new KedaScaler(NAME, { ...args, transform }));
    expect(objectNamed(graph, `ScaledObject/${NAME}`).spec).toMatchObject({ maxReplicaCount: 99 });
  });
});
