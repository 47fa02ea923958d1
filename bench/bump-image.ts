/**
 * How long `noetl-ops bump-image` takes where nothing is to be done, as a user runs it: a new process, a real API server, a
 * registry on loopback: `npm run bench:bump-image`. Three components, for which the target is 1.5 s, then fifty.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LoopbackRegistry } from "../test/operations/images/loopback-registry";
import { startCluster } from "../test/real/cluster/cluster";
import { refOf } from "../test/real/support/objects";

const RUNS = 5;

async function main(): Promise<void> {
  const registry = await LoopbackRegistry.start();
  registry.publish("noetl/noetl", "1.0.0");
  const image = `${registry.host}/noetl/noetl:1.0.0`;
  const folder = mkdtempSync(join(tmpdir(), "noetl-bench-"));
  const cluster = await startCluster({ contextName: "kind-noetl" });
  try {
    await cluster.kube.applyAll([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "noetl" } }]);
    for (const pools of [1, 48]) {
      const names = Array.from({ length: pools }, (_, index) => `pool-${index}`);
      const file = join(folder, `Pulumi.${pools}.yaml`);
      writeFileSync(file, stackText(image, names));
      const deployments = [
        ["noetl-server-rust", "noetl-server"],
        ...["noetl-worker-system-pool", ...names].map((name) => [name, "worker"]),
      ].map(([name = "", container = ""]) => deployment(name, container, image));
      await cluster.kube.applyAll(deployments);
      for (const one of deployments) await cluster.kube.untilReady(refOf(one));
      const asked = registry.asked.length;
      const runs = [];
      for (let run = 0; run < RUNS; run += 1) runs.push(await timed(file, image, cluster.kubeconfigPath));
      const [wall, cpu] = [median(runs.map((run) => run.wall)), median(runs.map((run) => run.cpu))];
      const requests = (registry.asked.length - asked) / RUNS;
      console.log(
        `${pools + 2} components unchanged: ${wall.toFixed(0)} ms, ${cpu.toFixed(0)} ms of a processor (medians of ${RUNS}), ${requests} requests to the registry`,
      );
    }
  } finally {
    await cluster.stop();
    registry.stop();
    rmSync(folder, { recursive: true });
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** Milliseconds by the clock, and of a processor: the latter are the same on a busy machine. */
async function timed(file: string, image: string, kubeconfig: string): Promise<{ wall: number; cpu: number }> {
  const begin = performance.now();
  const args = ["bump-image", "--stack-file", file, "--image", image, "--kubeconfig", kubeconfig];
  const command = [process.execPath, join(__dirname, "..", "cli", "bin.cjs"), ...args];
  const child = spawn("bash", ["-c", 'time "$@" > /dev/null', "bench", ...command], {
    env: { ...process.env, TIMEFORMAT: "%U %S" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`bump-image ended with ${code}: ${said}`);
  const cpu = said.trim().split(/\s+/).slice(-2);
  return { wall: performance.now() - begin, cpu: cpu.reduce((sum, seconds) => sum + Number(seconds) * 1000, 0) };
}

function stackText(image: string, pools: readonly string[]): string {
  const pool = (name: string): string =>
    `    - { name: ${name}, poolName: ${name}, segment: own, consumer: c-${name}, filterSubject: noetl.commands.${name}.>, image: "${image}" }\n`;
  return [
    "config:\n  noetl:profile: kind\n  noetl:cluster: { context: kind-noetl }\n",
    "  noetl:postgres: { mode: inCluster }\n",
    `  noetl:server: { image: "${image}" }\n  noetl:systemPool: { image: "${image}" }\n  noetl:workerPools:\n`,
    ...pools.map(pool),
  ].join("");
}

function deployment(name: string, container: string, image: string) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "noetl" },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: container, image }] } },
    },
  };
}

void main();
