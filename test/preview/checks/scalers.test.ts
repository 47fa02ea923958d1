import { describe, expect, test } from "@jest/globals";
import { scalers } from "../../../preview/checks/scalers";
import type { Json } from "../../../preview/graph";
import { findingsOf, graph, object, workload, type Node } from "../support";

const WORKER = workload({ name: "worker" });
const HEADLESS = service("nats-headless", { clusterIP: "None" });

function service(name: string, spec: Record<string, Json> = {}): Node {
  return object({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "nats" }, spec });
}

function scaledObject(name: string, target: string, metadata: Record<string, Json> = {}): Node {
  const endpoint = "nats-headless.nats.svc.cluster.local:8222";
  const trigger = { natsServerMonitoringEndpoint: endpoint, account: "NOETL", lagThreshold: "10", ...metadata };
  return object({
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name, namespace: "noetl" },
    spec: {
      scaleTargetRef: { kind: "Deployment", name: target },
      triggers: [{ type: "nats-jetstream", metadata: trigger }],
    },
  });
}

function autoscaler(name: string, target: string): Node {
  return object({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name, namespace: "noetl" },
    spec: { scaleTargetRef: { kind: "Deployment", name: target } },
  });
}

function messagesOf(...nodes: Node[]): [string, string][] {
  return findingsOf(scalers, graph(...nodes)).map(({ message, fix }) => [message, fix]);
}

describe("scalers", () => {
  test("given a scaler with a workload of its own, when checked, then nothing is found", () => {
    expect(messagesOf(WORKER, HEADLESS, scaledObject("scaler", "worker"))).toEqual([]);
    expect(messagesOf(WORKER, autoscaler("scaler", "worker"))).toEqual([]);
  });

  test.each([
    ["two of KEDA", scaledObject("second", "worker")],
    ["one of KEDA and one of Kubernetes", autoscaler("second", "worker")],
  ])("given %s on one workload, when checked, then the second is an error", (_, second) => {
    const found = findingsOf(scalers, graph(WORKER, HEADLESS, scaledObject("first", "worker"), second));
    expect(found).toEqual([
      {
        severity: "error",
        rule: "scalers",
        resource: expect.stringMatching(/::second$/) as unknown,
        message: "ScaledObject first scales Deployment worker already: each would undo what the other does",
        fix: "leave one of them; to watch several consumers, name them in one scaling.consumers",
      },
    ]);
  });

  test("given a target that is not there, when checked, then that is an error", () => {
    expect(messagesOf(WORKER, HEADLESS, scaledObject("scaler", "wroker"))).toEqual([
      ["there is no Deployment wroker in its namespace to scale", "name a workload of this program"],
    ]);
  });

  test("given a number of pods in the manifest, when checked, then that is an error", () => {
    const worker = workload({ name: "worker", spec: { replicas: 2 } });
    expect(messagesOf(worker, autoscaler("scaler", "worker"))).toEqual([
      ["Deployment noetl/worker says replicas 2: every update would go back to it", "leave noetl:worker.replicas out"],
    ]);
  });

  test("given metadata that is no text, when checked, then that is an error", () => {
    const [[message] = []] = messagesOf(WORKER, HEADLESS, scaledObject("scaler", "worker", { lagThreshold: 10 }));
    expect(message).toBe("trigger 0: lagThreshold is 10, and KEDA takes text only");
  });

  test.each([
    ["nats-headless.other.svc:8222", /there is no Service nats-headless in namespace other/],
    ["nats.nats.svc.cluster.local:8222", /Service nats is not headless/],
    ["", /there is no Service {2}in namespace/],
  ])("given the endpoint '%s', when checked, then that is an error", (natsServerMonitoringEndpoint, message) => {
    const scaler = scaledObject("scaler", "worker", { natsServerMonitoringEndpoint });
    expect(messagesOf(WORKER, HEADLESS, service("nats"), scaler)).toEqual([
      [expect.stringMatching(message) as unknown, expect.stringContaining("use the connection of NATS") as unknown],
    ]);
  });

  test("given a trigger of another kind, when checked, then nobody asks for its Service", () => {
    const scaler = scaledObject("scaler", "worker");
    const cpu = {
      ...scaler.inputs,
      spec: { scaleTargetRef: { name: "worker" }, triggers: [{ type: "cpu", metadata: {} }] },
    };
    expect(messagesOf(WORKER, { ...scaler, inputs: cpu })).toEqual([]);
  });
});
