import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import { parse, stringify } from "yaml";
import type { BumpReport } from "../../../operations/images/format";
import { beside, type Ended, ROOT } from "../../cli/support";
import { LoopbackRegistry } from "../../operations/images/loopback-registry";
import type { OpenStack } from "../engine/open-stack";
import { type PlatformCluster, startPlatformCluster } from "../engine/platform-cluster";
import { projectImpossible } from "../engine/requirements";
import { describeUnless } from "../stacks/requirements";
import type { KubeObject } from "../support/objects";
import { waitFor } from "../support/wait";
import { PULL_FAILS, sparingBroken } from "./trouble";

/*
 * Images of a deployed platform are moved: straight on the cluster, and through the stack. Not proved here, unless the
 * published Kubernetes plugin is on this machine: how that plugin waits for pods; and a rollback through the stack, whose
 * first update may hold its lock for as long as the engine waits for the pods.
 */

const SERVER = "noetl-server-rust";
const WORKER = "noetl-worker-rust";
const SYSTEM = "noetl-worker-system-pool";
const BRIDGE = "ollama-bridge";

interface Run extends Ended {
  report: BumpReport;
}

describeUnless(projectImpossible(), "bump-image", () => {
  let platform: PlatformCluster;
  let registry: LoopbackRegistry;
  let stack: OpenStack;

  beforeAll(async () => {
    registry = await LoopbackRegistry.start();
    for (const name of ["server", "worker", "noetl"]) {
      for (const tag of ["1.0.0", "1.1.0", "1.2.0", "broken"]) registry.publish(`noetl/${name}`, tag);
    }
    registry.publish("noetl/server", "arm", ["arm64"]);
    platform = await startPlatformCluster({ stages: (stages) => [...stages.map(sparingBroken), PULL_FAILS] });
    stack = await platform.engine.open({ stack: "kind", kubeconfig: platform.kubeconfig, program: "project" });
    stack.edit({
      "noetl:keda": undefined,
      "noetl:gateway": undefined,
      "noetl:server.image": image("server", "1.0.0"),
      "noetl:systemPool.image": image("worker", "1.0.0"),
      "noetl:workerPools.0.image": image("worker", "1.0.0"),
      "noetl:workerPools.0.scaling": undefined,
      "noetl:systemPool.scaling": undefined,
      "noetl:ollamaBridge.image": image("noetl", "1.0.0"),
      "noetl:ollamaBridge.ollamaUrl": "http://ollama.example.com:11434",
    });
    await stack.up();
  });

  afterEach(() => {
    registry.whim = undefined;
  });

  afterAll(async () => {
    (registry as LoopbackRegistry | undefined)?.stop();
    await (platform as PlatformCluster | undefined)?.stop();
  });

  function image(name: string, tag: string): string {
    return `${registry.host}/noetl/${name}:${tag}`;
  }

  function argsOf(more: string[]): string[] {
    return ["bump-image", "--stack-file", stack.file, "--kubeconfig", platform.kubeconfig, "--json", ...more];
  }

  function env(): Record<string, string> {
    const { env: variables, pulumiHome, root } = stack.settings;
    const path = `${join(root, "bin")}:${variables.PATH ?? ""}`;
    return { ...variables, PULUMI_HOME: pulumiHome, PATH: path };
  }

  async function bump(...more: string[]): Promise<Run> {
    const ended = await beside(argsOf(more), { env: env() });
    return { ...ended, report: (ended.stdout === "" ? {} : JSON.parse(ended.stdout)) as BumpReport };
  }

  /** Starts a run and kills it with all that belongs to it as soon as it has come so far, unless it has ended before. */
  async function killed(when: (said: string) => Promise<boolean>, ...more: string[]): Promise<void> {
    const child = spawn(process.execPath, [join(ROOT, "cli", "bin.cjs"), ...argsOf(more)], {
      env: env(),
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const end = once(child, "close").then(() => "ended");
    let said = "";
    child.stderr.on("data", (text: Buffer) => (said += text.toString()));
    await waitFor("a moment to kill it", async () =>
      (await when(said)) || child.exitCode !== null ? true : undefined,
    );
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await end;
  }

  /** Whether the server is asked to run an image. */
  async function serverRuns(tag: string): Promise<boolean> {
    return (await deployment(SERVER)).image === image("server", tag);
  }

  /** Component, result and image of each row. */
  function rows({ report }: Run): string[] {
    return report.components.map(
      ({ component, result, new: to }) => `${component} ${result} ${to.split("/").pop() ?? ""}`,
    );
  }

  async function deployment(name: string) {
    type Deployment = KubeObject & { spec: { template: { spec: { containers: { image: string }[] } } } };
    const found = await platform.cluster.kube.get<Deployment>({
      apiVersion: "apps/v1",
      kind: "Deployment",
      name,
      namespace: "noetl",
    });
    return { image: found?.spec.template.spec.containers[0]?.image, generation: found?.metadata.generation };
  }

  /** What the stack file says and what runs, to see that nothing has changed. */
  async function everything(): Promise<unknown> {
    const names = [SERVER, SYSTEM, WORKER, BRIDGE];
    return [readFileSync(stack.file, "utf8"), await Promise.all(names.map(deployment))];
  }

  it("a dry run shows what would change, and changes nothing", async () => {
    const before = await everything();

    const run = await bump("--image", image("server", "1.1.0"), "--dry-run");

    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: "" });
    expect(rows(run)).toEqual([
      `${SERVER} changed server:1.1.0`,
      `${SYSTEM} skipped worker:1.0.0`,
      `${WORKER} skipped worker:1.0.0`,
      `${BRIDGE} skipped noetl:1.0.0`,
    ]);
    expect(run.report.impact?.resources.map(({ name, effects }) => `${effects[0]?.impact ?? ""} ${name}`)).toEqual([
      `rolling-restart ${SERVER}`,
    ]);
    expect(run.report.images).toEqual([
      {
        image: image("server", "1.1.0"),
        digest: expect.stringMatching(/^sha256:/),
        platforms: ["linux/amd64", "linux/arm64"],
        signed: false,
        probe: "found",
      },
    ]);
    expect(await everything()).toEqual(before);
  });

  it.each<[string, () => string[], RegExp]>([
    [
      "an image that is never published",
      () => ["--image", image("server", "none"), "--ghcr-probe-attempts", "2"],
      /404.*\(asked 2 times\)\nnext: wait for the package to be published/,
    ],
    [
      "an image for other machines",
      () => ["--image", image("server", "arm")],
      /is made for linux\/arm64, and noetl-server-rust may run on node \S+, which is linux\/amd64/,
    ],
    [
      "a repository that nobody runs",
      () => ["--image", image("other", "1.0.0")],
      /no component runs an image of \S+\/noetl\/other, and nothing was changed/,
    ],
    [
      "an unknown component",
      () => ["--image", image("server", "1.1.0"), "--deployment", "noetl-server-rusty"],
      /did you mean noetl-server-rust\?/,
    ],
    [
      "another namespace",
      () => ["--image", image("server", "1.1.0"), "--namespace", "other"],
      /are in namespace noetl, not in other/,
    ],
    ["no image", () => ["--image", "x"], /does not say which image/],
  ])("refuses %s, and changes nothing", async (_, args, message) => {
    const before = await everything();

    const run = await bump(...args(), "--ghcr-probe-sleep-seconds", "0");

    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 1, stdout: "" });
    expect(run.stderr).toMatch(message);
    expect(await everything()).toEqual(before);
  });

  it("refuses who may not, and says which verb on what", async () => {
    const limited = join(platform.engine.folder, "limited-bump");
    const config = parse(readFileSync(platform.kubeconfig, "utf8")) as {
      users: { user: Record<string, string> }[];
      contexts: { name: string }[];
    };
    for (const { user } of config.users) user.as = "somebody";
    writeFileSync(limited, stringify(config));

    const run = await bump("--image", image("server", "1.1.0"), "--kubeconfig", limited);

    expect(run.status).toBe(1);
    expect(run.stderr).toBe(
      "error: rights are missing in the cluster, and nothing was changed: get deployments.apps in namespace noetl, " +
        "patch deployments.apps in namespace noetl, list pods in namespace noetl\n" +
        "next: ask for them, or use another user of the kubeconfig\n",
    );
    writeFileSync(
      limited,
      stringify({ ...config, contexts: config.contexts.map((one) => ({ ...one, name: "other" })) }),
    );
    expect((await bump("--image", image("server", "1.1.0"), "--kubeconfig", limited)).stderr).toMatch(
      /^error: the kubeconfig has no context "kind-noetl", which the stack names in noetl:cluster\.context; it has: other/,
    );
  });

  it("--live waits for a manifest that comes late, and is killed; the next run ends it, and the one after has nothing to do", async () => {
    registry.whim = ({ method, path }, count) =>
      method === "HEAD" && path.endsWith("/server/manifests/1.1.0") && count < 6 ? { status: 404 } : undefined;
    const args = ["--live", "--image", image("server", "1.1.0"), "--ghcr-probe-sleep-seconds", "0"];
    // One was made by the dry run.
    await killed((said) => Promise.resolve(said.includes("probe 2 of 12")), ...args);
    await killed(() => serverRuns("1.1.0"), ...args);

    const second = await bump(...args);
    const third = await bump(...args);

    expect(rows(second)[0]).toMatch(/^noetl-server-rust (changed|unchanged) server:1\.1\.0$/);
    expect(second.status).toBe(0);
    expect(rows(third)[0]).toBe(`${SERVER} unchanged server:1.1.0`);
    expect((await deployment(SERVER)).image).toBe(image("server", "1.1.0"));
    expect(readFileSync(stack.file, "utf8")).toContain(image("server", "1.1.0"));
  });

  it("the next update finds no conflict and restarts nothing", async () => {
    const before = await deployment(SERVER);

    await stack.up();

    expect(await deployment(SERVER)).toEqual(before);
  });

  it("--live rolls back what never gets ready, and leaves alone what waits for it", async () => {
    const file = readFileSync(stack.file, "utf8");

    const run = await bump(
      "--live",
      "--image",
      image("server", "broken"),
      "--image",
      image("worker", "1.1.0"),
      "--wait",
      "3s",
      "--rollback",
    );

    expect(run.status).toBe(3);
    const [server, system] = run.report.components;
    expect(server).toMatchObject({
      component: SERVER,
      result: "failed",
      rolledBack: true,
      old: image("server", "1.1.0"),
    });
    expect(server?.next).toEqual([
      `kubectl --context kind-noetl -n noetl describe pod -l app=${SERVER}`,
      `kubectl --context kind-noetl -n noetl get events --field-selector involvedObject.name=${SERVER}`,
      "then run the same command again",
    ]);
    expect(system).toMatchObject({ result: "skipped", reason: `${SERVER} has failed, and this one waits for it` });
    expect((await deployment(SERVER)).image).toBe(image("server", "1.1.0"));
    expect(readFileSync(stack.file, "utf8")).toBe(file);
  });

  it("reports exactly what a partial success has changed; why a local image cannot be pulled; and ends it by a rerun", async () => {
    const local = "localhost/noetl/worker:broken";
    const args = ["--live", "--deployment", WORKER, "--wait", "15s", "--no-rollback"];

    const failed = await bump(...args, "--image", local);

    expect(failed.status).toBe(3);
    expect(failed.report.images).toEqual([{ image: local, signed: false, probe: "skipped" }]);
    expect(failed.report.components).toMatchObject([{ component: WORKER, result: "failed", rolledBack: false }]);
    expect(failed.report.components[0]?.next).toContain(
      `confirm that the nodes have the image, which no registry was asked for: kind load docker-image ${local}`,
    );
    expect(failed.report.components[0]?.reason).toMatch(
      /not ready within 15 s .*; pod \S+: ImagePullBackOff: Back-off pulling/,
    );
    expect((await deployment(WORKER)).image).toBe(local);

    const mended = await bump("--live", "--deployment", "noetl-worker", "--image", image("worker", "1.1.0"));

    expect(mended.status).toBe(0);
    expect(rows(mended)).toEqual([`${SYSTEM} changed worker:1.1.0`, `${WORKER} changed worker:1.1.0`]);
  });

  it("through the stack: the file, the update and the pods; then nothing to do", async () => {
    const args = ["--image", image("server", "1.2.0"), "--image", image("noetl", "1.1.0"), "--pin"];

    const first = await bump(...args);
    const second = await bump(...args);

    expect(first.stderr).not.toMatch(/error/);
    expect([first.status, second.status]).toEqual([0, 0]);
    const pinned = first.report.images[0]?.image ?? "";
    expect(pinned).toMatch(/server:1\.2\.0@sha256:[a-f0-9]{64}$/);
    expect(first.report.components.map(({ component, result }) => `${component} ${result}`)).toEqual([
      `${SERVER} changed`,
      `${SYSTEM} skipped`,
      `${WORKER} skipped`,
      `${BRIDGE} changed`,
    ]);
    expect(second.report.components.map(({ result }) => result)).toEqual([
      "unchanged",
      "skipped",
      "skipped",
      "unchanged",
    ]);
    expect((await deployment(SERVER)).image).toBe(pinned);
    expect(readFileSync(stack.file, "utf8")).toContain(pinned);
  });
});
