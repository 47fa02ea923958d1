import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Cluster, startCluster } from "../cluster/cluster";

/*
 * What `noetl-ops nats status` says where its port-forwards fail at a real API server. Not proved here: a port-forward
 * that works, which needs a kubelet; the nodes of test clusters have none.
 */

const ROOT = join(__dirname, "..", "..", "..");

describe("nats status by port-forwards", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({ contextName: "kind-noetl" });
  });
  afterAll(() => cluster.stop());

  /** Beside this process, which looks after the cluster. */
  async function status(): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const env = { PATH: process.env.PATH, KUBECONFIG: cluster.kubeconfigPath };
    const child = spawn(process.execPath, [join(ROOT, "cli", "bin.cjs"), "nats", "status", "--stack", "kind"], { env });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    await once(child, "close");
    return { code: child.exitCode, stdout, stderr };
  }

  const failed = (reason: string) => ({
    code: 1,
    stderr: "",
    stdout: [
      "servers  1 error",
      `  ✗ nats/nats-0  ${reason}`,
      "",
      `error    nats/nats-0 does not answer: ${reason}`,
      "         next: kubectl -n nats describe pod nats-0; kubectl -n nats logs nats-0 --previous",
      "",
    ].join("\n"),
  });

  it("says that a pod is not there", async () => {
    expect(await status()).toEqual(failed("the API server knows no such pod"));
  });

  it("says that the kubelet cannot be reached", async () => {
    await cluster.kube.applyAll([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "nats" } }]);
    await cluster.kube.untilReady({ apiVersion: "v1", kind: "ServiceAccount", name: "default", namespace: "nats" });
    const container = { name: "nats", image: "nats:2" };
    const pod = { metadata: { name: "nats-0", namespace: "nats" }, spec: { containers: [container] } };
    await cluster.kube.applyAll([{ apiVersion: "v1", kind: "Pod", ...pod }]);
    await cluster.kube.untilReady({ apiVersion: "v1", kind: "Pod", name: "nats-0", namespace: "nats" });

    expect(await status()).toEqual(failed("the API server cannot reach the pod through the kubelet of its node"));
  });
});
