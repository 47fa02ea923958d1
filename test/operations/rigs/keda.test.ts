import { describe, expect, test } from "@jest/globals";
import { fallEvidence, riseEvidence, Steps } from "../../../operations/rigs/keda/judge";
import { riseOf, scaledPools, type ScaledPool } from "../../../operations/rigs/keda/scaled";
import type { Json } from "../../../preview/graph";
import { config, graph, object } from "../../preview/support";

const POOL: ScaledPool = {
  scaledObject: "noetl-worker-rust-scaler-worker-rust-pool",
  namespace: "noetl",
  deployment: "noetl-worker-rust",
  stream: "NOETL_COMMANDS",
  consumer: "noetl_worker_pool_shared",
  filterSubject: "noetl.commands.shared.>",
  lagThreshold: 10,
  minReplicas: 1,
  maxReplicas: 20,
  fallSeconds: 470,
};

/** The stack of that pool. */
const SETTINGS = config({ workerPools: [{ name: POOL.deployment, poolName: "worker-rust-pool", segment: "shared" }] });

describe("the pools that KEDA scales", () => {
  const scaledObject = (spec: Record<string, Json> = {}, annotations: Record<string, string> = {}) =>
    object({
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: POOL.scaledObject, namespace: "noetl", annotations },
      spec: {
        scaleTargetRef: { name: POOL.deployment },
        minReplicaCount: 1,
        maxReplicaCount: 20,
        pollingInterval: 10,
        cooldownPeriod: 30,
        triggers: [
          {
            type: "nats-jetstream",
            metadata: { stream: POOL.stream, consumer: POOL.consumer, lagThreshold: "10" },
          },
        ],
        ...spec,
      },
    });

  test("are read from their ScaledObjects, and the subjects from the stack's streams", () => {
    expect(scaledPools(graph(scaledObject()), SETTINGS)).toEqual([POOL]);
  });

  test("fall as slowly as their behavior says", () => {
    const advanced = { horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 5 } } } };
    expect(scaledPools(graph(scaledObject({ advanced })), SETTINGS)).toMatchObject([{ fallSeconds: 175 }]);
  });

  test.each<[string, ReturnType<typeof scaledObject>]>([
    ["a paused one", scaledObject({}, { "autoscaling.keda.sh/paused": "true" })],
    ["one without a trigger of NATS", scaledObject({ triggers: [{ type: "cpu", metadata: {} }] })],
    [
      "one of a consumer that the stack does not have",
      scaledObject({ triggers: [{ type: "nats-jetstream", metadata: { stream: "S", consumer: "C" } }] }),
    ],
  ])("given %s, then it is left out", (_, node) => {
    expect(scaledPools(graph(node), SETTINGS)).toEqual([]);
  });
});

describe("a rise", () => {
  const others = [{ name: "noetl_worker_pool_system", filters: ["noetl.commands.system.>"] }];

  test("asks for two pods more, by messages that only its own consumer takes", () => {
    expect(riseOf(POOL, 1, others, "r1")).toEqual({
      pods: 3,
      messages: 30,
      subject: "noetl.commands.shared.verify-r1",
    });
    expect(riseOf(POOL, 19, others, "r1")).toMatchObject({ pods: 20, messages: 200 });
    expect(riseOf({ ...POOL, filterSubject: "a.*.b.*" }, 1, others, "r1")).toMatchObject({
      subject: "a.verify-r1.b.verify-r1",
    });
  });

  test.each<[string, Partial<ScaledPool>, number, { name: string; filters: string[] }[], string]>([
    ["all pods already", {}, 20, others, "Deployment noetl-worker-rust has 20 pods already, and may have 20"],
    [
      "a consumer of one subject",
      { filterSubject: "noetl.commands" },
      1,
      others,
      "consumer noetl_worker_pool_shared takes the one subject noetl.commands: messages of a rig could not be told from commands",
    ],
    [
      "another consumer that takes them, too",
      {},
      1,
      [{ name: "greedy", filters: ["noetl.commands.>"] }],
      "consumer greedy takes from noetl.commands.shared.verify-r1, too, and would hand the rig's messages to its workers",
    ],
    [
      "another consumer that takes everything",
      {},
      1,
      [{ name: "all", filters: [] }],
      "consumer all takes from noetl.commands.shared.verify-r1, too, and would hand the rig's messages to its workers",
    ],
    [
      "a threshold out of reach",
      { lagThreshold: 5000 },
      1,
      others,
      "3 pods of 5000 messages each would take 15000 messages; a rig sends at most 10000",
    ],
  ])("given %s, then it says why not", (_, pool, replicas, consumers, unmet) => {
    expect(riseOf({ ...POOL, ...pool }, replicas, consumers, "r1")).toEqual({ unmet });
  });
});

describe("what became of the pods", () => {
  const rise = { pods: 3, messages: 30, subject: "s" };

  test("is told as the numbers that there were, each once in a row", () => {
    const steps = new Steps();
    for (const number of [1, 1, 3, 3, 3, 1]) steps.add(number);
    expect([riseEvidence(POOL, rise, steps.numbers), fallEvidence(POOL, 1, steps.numbers, 0)]).toEqual([
      {
        what: "pods of Deployment noetl-worker-rust with 30 messages, 10 a pod",
        expected: "3",
        seen: "1 → 3 → 1",
        ok: true,
      },
      {
        what: "pods of Deployment noetl-worker-rust when nothing waits",
        expected: "1 or fewer",
        seen: "1 → 3 → 1",
        ok: true,
      },
    ]);
  });

  test.each<[string, number[], boolean, boolean]>([
    ["it never rises", [1], false, true],
    ["it rises too little", [1, 2, 1], false, true],
    ["it rises too far", [1, 4, 1], false, true],
    ["it stays up", [1, 3], true, false],
    ["it comes half way down", [1, 3, 2], true, false],
    ["nothing was counted", [], false, false],
  ])("given that %s, then it is told", (_, steps, rises, falls) => {
    expect([riseEvidence(POOL, rise, steps).ok, fallEvidence(POOL, 1, steps, 0).ok]).toEqual([rises, falls]);
  });

  test("given messages that nobody acknowledges, then they are told with the pods that stay", () => {
    expect(fallEvidence(POOL, 1, [1, 3], 25).seen).toBe(
      "1 → 3; consumer noetl_worker_pool_shared is not done with 25 messages",
    );
  });
});
