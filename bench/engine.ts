/**
 * What the engine costs: `npx tsx bench/engine.ts`. Needs the tools of the real tests, and kubectl.
 *
 * 1. `pulumi up` of the kind stack on an empty cluster against `kubectl apply --server-side` of the same objects,
 *    namespaces first, and waiting for the rollouts. Target: at most 2.0 times.
 * 2. `pulumi up` that changes nothing, beside `kubectl diff`.
 * 3. `pulumi up` of a program without resources: what no Pulumi program can go below.
 *
 * Same cluster, taken in turn; the cluster is empty before each. A pod becomes ready when its readiness probes would
 * first ask, as under a kubelet. With `--instant` every pod is ready at once, as nowhere else: what is left of both
 * times is overhead alone.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectFolder } from "../preview/project-folder";
import { stackFile } from "../preview/stack-location";
import { readStackFile } from "../stacks/config/stack-file";
import type { Cluster } from "../test/real/cluster/cluster";
import { findLanguageHost } from "../test/real/engine/language-host";
import type { OpenStack } from "../test/real/engine/open-stack";
import { platformObjects } from "../test/real/engine/live";
import { type PlatformCluster, startPlatformCluster } from "../test/real/engine/platform-cluster";
import { objectsOf } from "../test/real/stacks/objects";
import { isWorkload } from "../test/real/stacks/workloads";
import type { KubeObject } from "../test/real/support/objects";
import { waitFor } from "../test/real/support/wait";
import { median } from "./measure";

const ROUNDS = 5;
const INSTANT = process.argv.includes("--instant");
/** As a user runs it, where the language host is there; else through the Automation API, which adds a little. */
const PROGRAM = findLanguageHost() === undefined ? "inline" : "project";
const run = promisify(execFile);

/** Seconds that each thing took, a number a round. */
type Times = Record<"up" | "apply" | "noop" | "diff" | "empty", number[]>;

async function main(): Promise<void> {
  const platform = await startPlatformCluster({ probeDelays: !INSTANT });
  try {
    const times: Times = { up: [], apply: [], noop: [], diff: [], empty: [] };
    for (let round = 0; round <= ROUNDS; round++) {
      const engine = await withEngine(platform);
      const empty = await withoutResources(platform);
      const kubectl = await withKubectl(platform);
      // The first round only warms up.
      if (round === 0) continue;
      times.up.push(engine.create);
      times.noop.push(engine.again);
      times.empty.push(empty);
      times.apply.push(kubectl.create);
      times.diff.push(kubectl.again);
    }
    print(times);
  } finally {
    await platform.stop();
  }
}

interface Round {
  /** From nothing until everything is ready. */
  create: number;
  /** Finding out that nothing is to be done. */
  again: number;
}

async function withEngine({ cluster, engine, kubeconfig }: PlatformCluster): Promise<Round> {
  const stack = await engine.open({ stack: "kind", kubeconfig, program: PROGRAM });
  // A project that ran before has its bundle.
  await stack.preview();
  const round = { create: await seconds(() => up(stack)), again: await seconds(() => up(stack)) };
  await stack.destroy();
  await stack.close();
  await untilEmpty(cluster);
  return round;
}

/** The same project with another index.ts. */
async function withoutResources({ engine, kubeconfig }: PlatformCluster): Promise<number> {
  if (PROGRAM === "inline") return NaN;
  const stack = await engine.open({ stack: "kind", kubeconfig, program: PROGRAM });
  writeFileSync(join(stack.settings.workDir, "index.ts"), 'import "@pulumi/pulumi";\n');
  await up(stack);
  const again = await seconds(() => up(stack));
  await stack.close();
  return again;
}

function up(stack: OpenStack): Promise<unknown> {
  return PROGRAM === "project" ? stack.cli("up", "--yes", "--skip-preview") : stack.up();
}

async function withKubectl({ cluster, engine }: PlatformCluster): Promise<Round> {
  const { objects } = await objectsOf(readStackFile(stackFile(projectFolder(), "kind")));
  const isNamespace = ({ kind }: KubeObject): boolean => kind === "Namespace";
  const file = (name: string, items: readonly KubeObject[]): string => {
    const path = join(engine.folder, `${name}.json`);
    writeFileSync(path, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    return path;
  };
  const namespaces = file("namespaces", objects.filter(isNamespace));
  const rest = file(
    "rest",
    objects.filter((object) => !isNamespace(object)),
  );
  const all = file("all", objects);
  const kubectl = (...args: string[]): Promise<unknown> =>
    run("kubectl", ["--kubeconfig", cluster.kubeconfigPath, ...args], {
      env: { PATH: process.env.PATH, HOME: engine.folder },
    });

  const create = await seconds(async () => {
    await kubectl("apply", "--server-side", "-f", namespaces);
    await kubectl("apply", "--server-side", "-f", rest);
    await Promise.all(objects.filter(isWorkload).map((object) => kubectl(...readyArguments(object))));
  });
  const again = await seconds(() => kubectl("diff", "--server-side", "-f", all));
  await kubectl("delete", "-f", namespaces);
  await untilEmpty(cluster);
  return { create, again };
}

/** Arguments of kubectl that wait until a workload is ready. */
function readyArguments({ kind, metadata: { name, namespace = "" } }: KubeObject): string[] {
  const limit = "--timeout=600s";
  return kind === "Job"
    ? ["wait", "--for=condition=complete", `job/${name}`, "-n", namespace, limit]
    : ["rollout", "status", `${kind.toLowerCase()}/${name}`, "-n", namespace, limit];
}

async function untilEmpty({ kube }: Cluster): Promise<void> {
  await waitFor("the cluster to be empty", async () => {
    const left = [...(await platformObjects(kube)), ...(await kube.list("v1", "PersistentVolume"))];
    return left.length === 0 ? true : undefined;
  });
}

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function print({ up, apply, noop, diff, empty }: Times): void {
  const row = (name: string, values: number[]): string =>
    `${name.padEnd(52)}${median(values).toFixed(2).padStart(7)} s  (${values.map((value) => value.toFixed(2)).join(", ")})`;
  const ratio = median(up.map((value, index) => value / (apply[index] ?? NaN)));
  console.log(
    [
      `Node ${process.version}, median of ${ROUNDS} rounds after a warm-up, taken in turn; ${INSTANT ? "pods are ready at once" : "pods are ready after their readiness probes' delays"}`,
      "",
      row(`pulumi up (${PROGRAM} program)`, up),
      row("kubectl apply --server-side, and wait for rollouts", apply),
      row("pulumi up, no change", noop),
      row("kubectl diff --server-side, no change", diff),
      row("pulumi up, program without resources", empty),
      "",
      `up against kubectl: ${ratio.toFixed(2)} times (target: at most 2.0)`,
    ].join("\n"),
  );
}

void main();
