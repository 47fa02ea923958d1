import { describe, expect, test } from "@jest/globals";
import type * as k8s from "@pulumi/kubernetes";
import { horizontalPodAutoscaler, type HpaScaling } from "../../../components/scaling/horizontal-pod-autoscaler";
import { HpaScaler } from "../../../components/scaling/hpa-scaler";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { workload } from "./facts";

const scaling: HpaScaling = { minReplicas: 2, maxReplicas: 6, cpu: 70 };

function cpu(averageUtilization: number) {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

describe("a HorizontalPodAutoscaler", () => {
  test("scales its Deployment on CPU", () => {
    expect(horizontalPodAutoscaler({ name: "noetl-worker", workload, scaling }).spec).toStrictEqual({
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "noetl-worker-rust" },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [cpu(70)],
    });
  });

  test("given memory too, on both", () => {
    const { spec } = horizontalPodAutoscaler({ name: "noetl-worker", workload, scaling: { ...scaling, memory: 80 } });
    expect(spec).toMatchObject({
      metrics: [cpu(70), { resource: { name: "memory", target: { averageUtilization: 80 } } }],
    });
  });

  test("given rules for how fast, has them", () => {
    const behavior = { scaleDown: { stabilizationWindow: 60 } };
    const { spec } = horizontalPodAutoscaler({ name: "noetl-worker", workload, scaling: { ...scaling, behavior } });
    expect(spec).toHaveProperty("behavior", { scaleDown: { stabilizationWindowSeconds: 60 } });
  });
});

describe("HpaScaler", () => {
  test("is one HorizontalPodAutoscaler, and what the escape hatch makes of it", async () => {
    const transform = {
      horizontalPodAutoscaler: (args: k8s.autoscaling.v2.HorizontalPodAutoscalerArgs) => ({
        ...args,
        metadata: { name: "other", namespace: "noetl" },
      }),
    };
    const graph = await recorded(() => [
      new HpaScaler("noetl-worker", { workload, scaling }),
      new HpaScaler("changed", { workload, scaling, transform }),
    ]);

    expect(objectNames(graph)).toEqual(["HorizontalPodAutoscaler/noetl-worker", "HorizontalPodAutoscaler/other"]);
    expect(objectNamed(graph, "HorizontalPodAutoscaler/noetl-worker").metadata).toMatchObject({ namespace: "noetl" });
  });
});
