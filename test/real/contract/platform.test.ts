import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { clusterImpossible, describeUnless } from "../stacks/requirements";
import type { KubeObject } from "../support/objects";
import { waitFor } from "../support/wait";
import { backingImpossible } from "./backing";
import { callApi } from "./http-client";
import { objectIn, type JsonObject } from "./json";
import type { Place } from "./place";
import { ContractPlatform } from "./platform";

/*
 * The contract platform in a cluster: that its parts live as their pods do. Nothing of the product is tested here but
 * that its Deployments give servers and workers what they need to start.
 */

const ROOT = join(__dirname, "..", "..", "..");
const SERVER = { apiVersion: "apps/v1", kind: "Deployment", name: "noetl-server-rust", namespace: "noetl" };
const WORKER = { ...SERVER, name: "noetl-worker" };

describeUnless(clusterImpossible() ?? backingImpossible(), "a contract platform in a cluster", () => {
  let platform: ContractPlatform;

  beforeAll(async () => {
    platform = await ContractPlatform.start();
  });
  afterAll(() => platform.stop());

  /** Asks what is behind a Service of the platform. */
  async function ask(
    service: string,
    path: string,
    init: { method?: string; body?: object } = {},
  ): Promise<JsonObject> {
    const place = { route: platform.kubelet.route.bind(platform.kubelet) } as Place;
    const url = `http://${service}.noetl.svc.cluster.local${path}`;
    return objectIn(
      (await callApi(place, {}, { method: "GET", ...init, url: url.replace("local/", `local:8082/`) })).body,
    );
  }

  it("can be reached by port-forwards", async () => {
    const env = { PATH: process.env.PATH, KUBECONFIG: platform.cluster.kubeconfigPath };
    const args = [join(ROOT, "cli", "bin.cjs"), "nats", "status", "--stack-file", platform.stackFile, "--json"];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await once(child, "close");
    expect(JSON.parse(output)).toMatchObject({ healthy: true, unreachable: [], findings: [] });
  });

  it("executes playbooks, whichever worker takes their commands", async () => {
    const content = JSON.stringify({
      metadata: { path: "tests/noop" },
      workflow: [{ step: "only", tool: { kind: "noop" } }],
    });
    const post = (path: string, body: object): Promise<JsonObject> =>
      ask("noetl-server-rust", path, { method: "POST", body });
    await post("/api/catalog/register", { content });
    const { execution_id: id } = await post("/api/execute", { path: "tests/noop" });
    await waitFor("the execution", async () => {
      const status = await ask("noetl-server-rust", `/api/executions/${String(id)}/status`);
      return status.completed === true ? true : undefined;
    });
  });

  it("ends a worker with its pod, which goes when the worker has gone", async () => {
    const { kube } = platform.cluster;
    const pods = () => kube.list("v1", "Pod", { namespace: "noetl", labelSelector: "app=noetl-worker" });
    const scale = (replicas: number) =>
      kube.apply({ ...objectOf(WORKER), spec: { replicas } }, { fieldManager: "scaler", force: true });
    const { spec } = await kube.until<KubeObject & { spec: { replicas: number } }>(WORKER, () => true);
    expect(platform.kubelet.partsOf("noetl-worker-")).not.toHaveLength(0);

    await scale(0);
    await waitFor("the end of the pods", async () => ((await pods()).length === 0 ? true : undefined));
    expect(runningWorkers()).toBe(0);

    await scale(spec.replicas);
    await kube.untilReady(WORKER);
    expect(runningWorkers()).toBe(spec.replicas);
  });

  /** Of the Python pool alone. */
  function runningWorkers(): number {
    const others = ["noetl-worker-rust-", "noetl-worker-system-"].flatMap((name) => platform.kubelet.partsOf(name));
    return platform.kubelet.partsOf("noetl-worker-").length - others.length;
  }

  it("starts a server anew with another environment when its Deployment is patched", async () => {
    const { kube } = platform.cluster;
    const patch = async (value: string): Promise<void> => {
      await kube.send("/apis/apps/v1/namespaces/noetl/deployments/noetl-server-rust", {
        method: "PATCH",
        contentType: "application/strategic-merge-patch+json",
        body: {
          spec: {
            template: { spec: { containers: [{ name: "noetl-server", env: [{ name: "NOETL_SHARD_COUNT", value }] }] } },
          },
        },
      });
      await kube.untilReady(SERVER);
      await waitFor("the old pod to go", async () => {
        const left = await kube.list("v1", "Pod", { namespace: "noetl", labelSelector: "app=noetl-server-rust" });
        return left.length === 1 ? true : undefined;
      });
    };
    const told = async () =>
      objectIn((await ask("noetl-server-rust", "/api/runtime/shard-info?execution_id=1&shard_count=4")).server_config);

    await patch("4");
    expect(await told()).toStrictEqual({ shard_index: 0, shard_count: 4 });
    await patch("1");
    expect(await told()).toStrictEqual({ shard_index: 0, shard_count: 1 });
  });
});

function objectOf({ apiVersion, kind, name, namespace }: typeof SERVER): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace } };
}
