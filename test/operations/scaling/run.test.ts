import { describe, expect, test } from "@jest/globals";
import { scaledObject } from "../../../components/scaling/scaled-object";
import { DEFAULT_CLUSTER } from "../../../operations/scaling/autoscaler";
import { scalingChart } from "../../../operations/scaling/chart";
import { formatReports } from "../../../operations/scaling/format";
import { poolScaler } from "../../../operations/scaling/models";
import { simulateScaling } from "../../../operations/scaling/run";
import { readTrace } from "../../../operations/scaling/trace";
import type { Manifest } from "../../../preview/graph";
import { plain } from "../../../preview/style";
import type { KedaScaling } from "../../../components/scaling/facts";
import { nats, scaling, workload } from "../../components/scaling/facts";
import { graph, object } from "../../preview/support";

function manifest(changes: Partial<KedaScaling> = {}, name = "noetl-worker-rust"): Manifest {
  const made = scaledObject({
    name: "scaler",
    workload: { ...workload, name },
    nats,
    scaling: { ...scaling, ...changes },
  });
  return JSON.parse(JSON.stringify(made)) as Manifest;
}

const STACK = graph(
  object(manifest()),
  object({ ...manifest({}, "other"), metadata: { name: "other", namespace: "noetl" } }),
);
const CPU = object({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "cpu", namespace: "noetl" },
  spec: { scaleTargetRef: { kind: "Deployment", name: "noetl-cpu" } },
});
const BURST = readTrace("seconds,lag\n0,0\n60,75\n120,0\n600,0\n", "burst.csv");

describe("the model of a ScaledObject", () => {
  test("is what the manifest says", () => {
    expect(poolScaler(manifest())).toEqual({
      pool: "noetl-worker-rust",
      consumers: ["noetl_worker_pool_shared"],
      model: {
        minReplicas: 1,
        maxReplicas: 20,
        idleReplicas: undefined,
        pollingInterval: 10,
        cooldownPeriod: 30,
        initialCooldownPeriod: 0,
        triggers: [{ lagThreshold: 10, activationLagThreshold: 1 }],
        paused: false,
      },
    });
  });

  test("given nothing, is what KEDA makes of that", () => {
    const bare = {
      ...manifest(),
      spec: { scaleTargetRef: { name: "app" }, triggers: [{ metadata: { consumer: "c" } }] },
    };
    expect(poolScaler(bare).model).toMatchObject({
      minReplicas: 0,
      maxReplicas: 100,
      pollingInterval: 30,
      cooldownPeriod: 300,
      triggers: [{ lagThreshold: 10, activationLagThreshold: 0 }],
    });
  });

  test("given rules for one direction, the other has the API server's defaults, and the cluster's", () => {
    const behavior = { scaleUp: { select: "min" as const, tolerance: 5 } };
    const cluster = { ...DEFAULT_CLUSTER, downscaleStabilization: 60 };
    expect(poolScaler(manifest({ behavior }), cluster).model.behavior).toEqual({
      up: {
        stabilizationWindow: 0,
        select: "Min",
        policies: [
          { type: "Pods", value: 4, period: 15 },
          { type: "Percent", value: 100, period: 15 },
        ],
        tolerance: 0.05,
      },
      down: {
        stabilizationWindow: 60,
        select: "Max",
        policies: [{ type: "Percent", value: 100, period: 15 }],
        tolerance: 0.1,
      },
    });
  });

  test("knows fallback, idle pods and pause", () => {
    const fallback = { failureThreshold: 3, replicas: 2, behavior: "currentReplicas" } as const;
    expect(poolScaler(manifest({ fallback })).model.fallback).toEqual(fallback);
    expect(poolScaler(manifest({ idleToZero: true })).model.idleReplicas).toBe(0);
    expect(poolScaler(manifest({ paused: true })).model.paused).toBe(true);
  });
});

describe("simulating a stack", () => {
  test("comes to pods, pod hours and the time at the limit", () => {
    const [report] = simulateScaling(graph(object(manifest({ maxReplicas: 4 }))), { demand: BURST });
    expect(report?.summary).toEqual({
      mostLag: 75,
      mostReplicas: 4,
      changes: 2,
      podHours: expect.closeTo((75 + 4 * 345 + 180) / 3600, 3) as unknown,
      atMaximum: expect.closeTo(345, 0) as unknown,
    });
    expect(report?.notes).toEqual([
      "cooldownPeriod 30 s means nothing here: the pool always has a pod",
      "the lag was above 40, what 4 pods are there for, in 10 % of the time",
    ]);
  });

  test("given a name, is about that pool alone", () => {
    expect(simulateScaling(STACK, { demand: BURST }).map(({ pool }) => pool)).toEqual(["noetl-worker-rust", "other"]);
    expect(simulateScaling(STACK, { demand: BURST, pools: ["other"] })).toHaveLength(1);
  });

  test.each([
    [graph(CPU), {}, "KEDA scales nothing in stack kind; noetl-cpu: scaled on CPU, which no lag tells; give a pool"],
    [STACK, { pools: ["ohter"] }, "KEDA does not scale 'ohter' in stack kind; it scales: noetl-worker-rust, other"],
    [STACK, { demand: readTrace("seconds,rate\n0,1\n9,1", "r") }, "a trace of rates needs --drain"],
    [STACK, { drain: 2 }, "a trace of lag says what the lag is, so --drain has no say in it"],
  ])("given a question that does not fit, says why (%#)", (stack, question, message) => {
    expect(() => simulateScaling(stack, { demand: BURST, ...question })).toThrow(message);
  });

  test("given a pattern, asks by default for most of the pods", () => {
    const [report] = simulateScaling(STACK, { demand: { pattern: "ramp" } });
    expect(report?.summary).toMatchObject({ mostLag: 160, mostReplicas: 16 });
  });
});

describe("what people see", () => {
  const reports = simulateScaling(graph(object(manifest())), { demand: BURST });

  test("is a chart of characters and the changes", () => {
    expect(formatReports("kind: burst.csv, 10 min", reports, plain, { width: 60 })).toBe(
      [
        "kind: burst.csv, 10 min",
        "",
        "noetl-worker-rust  1–20 pods, one for 10 messages",
        "  lag   ▁▁████▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁  at most 75",
        "  pods  ▂▂▅████████████████▂▂▂▂▂▂▂▂▂  at most 8, 0.8 pod hours",
        "        0             5 min   10 min",
        "   0:01:00  1 → 4      autoscaler",
        "   0:01:15  4 → 8      autoscaler",
        "   0:06:45  8 → 1      autoscaler",
        "  i cooldownPeriod 30 s means nothing here: the pool always has a pod",
        "",
      ].join("\n"),
    );
  });

  test("is a picture whose markup is whole, whatever the names are", () => {
    const named = reports.map((report) => ({ ...report, pool: 'a "<b>" & c' }));
    const svg = scalingChart("<title>", named);
    expect(svg).toContain("&lt;title&gt;");
    expect(svg).toContain("a &quot;&lt;b&gt;&quot; &amp; c");
    expect(svg).not.toContain("NaN");
    const open = [...svg.matchAll(/<([a-z]+)[^>]*>/g)].filter(([tag]) => !tag.endsWith("/>"));
    const names = (tags: Iterable<RegExpExecArray>) => [...tags].map(([, name]) => name).sort();
    expect(names(open.values())).toEqual(names(svg.matchAll(/<\/([a-z]+)>/g)));
  });
});
