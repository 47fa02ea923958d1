import { describe, expect, test } from "@jest/globals";
import { totalsOf } from "../../preview/totals";
import { amounts, component, graph, object, resource, workload } from "./support";

const GIBIBYTE = 2 ** 30;
const MEBIBYTE = 2 ** 20;

describe("totals", () => {
  test("given an empty stack, when summed up, then everything is nothing", () => {
    expect(totalsOf(graph())).toEqual({
      objects: 0,
      components: 0,
      pods: 0,
      containers: 0,
      jobs: 0,
      cpu: { requested: 0, limited: 0 },
      memory: { requested: 0, limited: 0 },
      unlimited: 0,
      storage: 0,
      images: [],
    });
  });

  test("given workloads of several kinds, when summed up, then pods multiply what containers ask for", () => {
    const claims = [{ metadata: { name: "data" }, spec: { resources: { requests: { storage: "8Gi" } } } }];
    const shown = graph(
      resource("pulumi:providers:kubernetes", "kind", {}),
      component(
        "noetl:nats:NatsCluster",
        "nats",
        workload({
          kind: "StatefulSet",
          name: "nats",
          spec: { replicas: 3, volumeClaimTemplates: claims },
          container: { image: "nats:2.12", resources: amounts("250m 512Mi", "1 2Gi") },
        }),
      ),
      workload({ name: "server", spec: { replicas: 2 }, container: { resources: amounts("500m 256Mi", "1 512Mi") } }),
      workload({
        kind: "Job",
        name: "schema",
        container: { image: "postgres:17.4", resources: amounts("8 8Gi", "8 8Gi") },
      }),
      object({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "logs", namespace: "noetl" },
        spec: { resources: { requests: { storage: "1Gi" } } },
      }),
      resource("random:index/randomPassword:RandomPassword", "password", { length: 32 }),
    );
    expect(totalsOf(shown)).toEqual({
      objects: 5,
      components: 1,
      pods: 5,
      containers: 5,
      jobs: 1,
      cpu: { requested: 1.75, limited: 5 },
      memory: { requested: 2 * GIBIBYTE, limited: 7 * GIBIBYTE },
      unlimited: 0,
      storage: 25 * GIBIBYTE,
      images: ["nats:2.12", "postgres:17.4", "registry.example/app:1.0"],
    });
  });

  test("given init containers and a sidecar, when summed up, then a pod needs the larger of starting and running", () => {
    const init = (name: string, cpu: string, extra = {}) => ({
      name,
      image: `${name}:1`,
      resources: amounts(`${cpu} 64Mi`, `${cpu} 64Mi`),
      ...extra,
    });
    const podSpec = { initContainers: [init("proxy", "200m", { restartPolicy: "Always" }), init("migrate", "900m")] };
    const shown = graph(workload({ podSpec, container: { resources: amounts("500m 128Mi", "500m 128Mi") } }));
    const totals = totalsOf(shown);
    // Starting: sidecar 0.2 + migrate 0.9; running: sidecar 64Mi + main 128Mi.
    expect(totals.cpu.requested).toBeCloseTo(1.1);
    expect(totals.memory.requested).toBe(192 * MEBIBYTE);
    expect(totals.images).toEqual(["migrate:1", "proxy:1", "registry.example/app:1.0"]);
  });

  test("given a container without limits, when summed up, then it is counted apart", () => {
    const shown = graph(workload({ spec: { replicas: 3 }, container: { resources: { requests: { cpu: 1 } } } }));
    expect(totalsOf(shown)).toMatchObject({
      unlimited: 3,
      cpu: { requested: 3, limited: 0 },
      memory: { requested: 0 },
    });
  });

  test.each([
    [
      "a ScaledObject with a minimum",
      "keda.sh/v1alpha1",
      "ScaledObject",
      { minReplicaCount: 2, maxReplicaCount: 8 },
      2,
    ],
    ["a ScaledObject without one, which may scale to nothing", "keda.sh/v1alpha1", "ScaledObject", {}, 0],
    ["an autoscaler without a minimum", "autoscaling/v2", "HorizontalPodAutoscaler", { maxReplicas: 5 }, 1],
  ])("given %s, when summed up, then that many pods count", (_, apiVersion, kind, spec, pods) => {
    const scaler = object({
      apiVersion,
      kind,
      metadata: { name: "scaler", namespace: "noetl" },
      spec: { scaleTargetRef: { name: "app" }, ...spec },
    });
    expect(totalsOf(graph(workload(), scaler)).pods).toBe(pods);
  });

  test("given the autoscaler of another workload, when summed up, then it changes nothing", () => {
    const scaler = object({
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "scaler", namespace: "noetl" },
      spec: { scaleTargetRef: { kind: "StatefulSet", name: "app" }, minReplicaCount: 7 },
    });
    expect(totalsOf(graph(workload(), scaler)).pods).toBe(1);
  });
});
