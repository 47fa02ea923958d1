import { describe, expect, test } from "@jest/globals";
import { SubscriptionRuntime, type SubscriptionRuntimeArgs } from "../../../components/noetl/subscription-runtime";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { worker } from "./facts";
import { deploymentOf, podOf, tableOf } from "./pods";

const NAME = "noetl-subscription-runtime";
const { namespace, image, resources, server, nats, secrets, curlImage } = worker;
const ARGS: SubscriptionRuntimeArgs = {
  namespace,
  image,
  resources,
  server,
  nats,
  secrets,
  curlImage,
  path: "subscriptions/iot_sensor_stream",
  terminationGracePeriod: 60,
};

async function render(args: Partial<SubscriptionRuntimeArgs> = {}) {
  return recorded(() => new SubscriptionRuntime(NAME, { ...ARGS, ...args }));
}

describe("SubscriptionRuntime", () => {
  test("is one pod, never two, with an account that has no rights", async () => {
    const graph = await render();
    expect(objectNames(graph)).toEqual([`Deployment/${NAME}`, `Service/${NAME}-metrics`, `ServiceAccount/${NAME}`]);
    expect(deploymentOf(graph, NAME).spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(podOf(graph, NAME).automountServiceAccountToken).toBe(false);
    expect(objectNamed(graph, `ServiceAccount/${NAME}`).automountServiceAccountToken).toBe(false);
  });

  test("has the environment of the worker's other mode", async () => {
    const { container, terminationGracePeriodSeconds } = podOf(await render({ rustLog: "info" }), NAME);
    expect(tableOf(container.env)).toEqual([
      ["WORKER_MODE", "subscription"],
      ["NOETL_SUBSCRIPTION_PATH", "subscriptions/iot_sensor_stream"],
      ["WORKER_ID", "pod metadata.name"],
      ["NOETL_SERVER_URL", "http://noetl-server-rust.noetl.svc.cluster.local:8082"],
      ["NATS_URL", "nats://nats.nats.svc.cluster.local:4222"],
      ["NATS_USER", "noetl"],
      ["NATS_PASSWORD", "Secret noetl-nats/NATS_PASSWORD"],
      ["WORKER_METRICS_BIND", "0.0.0.0:9090"],
      ["RUST_LOG", "info"],
    ]);
    expect(terminationGracePeriodSeconds).toBe(60);
  });

  test("waits for the server, then for its subscription in the catalog", async () => {
    const { initContainers } = podOf(await render(), NAME);
    expect(initContainers.map(({ name }) => name)).toEqual(["wait-for-server", "wait-for-subscription"]);
    expect(tableOf(initContainers[1]?.env ?? [])).toEqual([
      ["CATALOG", "http://noetl-server-rust.noetl.svc.cluster.local:8082/api/catalog/resource"],
      ["WANTED", '{"path":"subscriptions/iot_sensor_stream","version":"latest"}'],
    ]);
  });
});
