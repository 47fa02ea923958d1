import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import { parse, stringify } from "yaml";
import type { BumpReport } from "../../../operations/images/format";
import { beside, type Ended, ROOT } from "../../cli/support";
import { LoopbackRegistry, type Whim } from "../../operations/images/loopback-registry";
import type { OpenStack } from "../engine/open-stack";
import { type PlatformCluster, startPlatformCluster } from "../engine/platform-cluster";
import { projectImpossible } from "../engine/requirements";
import { describeUnless } from "../stacks/requirements";
import { type KubeObject, refOf } from "../support/objects";
import { waitFor } from "../support/wait";
import { serveLogs, sparingTroubled, TROUBLES } from "./trouble";

/*
 * Images of a deployed platform are moved: straight on the cluster, and through the stack. Not proved here, unless the
 * published Kubernetes plugin is on this machine: how that plugin waits for pods.
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
      for (const tag of ["1.0.0", "1.1.0", "1.2.0", "broken", "crash"]) registry.publish(`noetl/${name}`, tag);
    }
    registry.publish("noetl/server", "arm", ["arm64"]);
    platform = await startPlatformCluster({ stages: (stages) => [...stages.map(sparingTroubled), ...TROUBLES] });
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
  async function killed(
    when: (state: { said: string; file: string }) => boolean | Promise<boolean>,
    ...more: string[]
  ): Promise<void> {
    const child = spawn(process.execPath, [join(ROOT, "cli", "bin.cjs"), ...argsOf(more)], {
      env: env(),
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const end = once(child, "close").then(() => "ended");
    let said = "";
    child.stderr.on("data", (text: Buffer) => (said += text.toString()));
    await waitFor("a moment to kill it", async () =>
      (await when({ said, file: readFileSync(stack.file, "utf8") })) || child.exitCode !== null ? true : undefined,
    );
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await end;
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
  async function everything() {
    const names = [SERVER, SYSTEM, WORKER, BRIDGE];
    return [readFileSync(stack.file, "utf8"), await Promise.all(names.map(deployment))] as const;
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
  ])("refuses %s, and changes nothing", async (_, args, message) => {
    const before = await everything();

    const run = await bump(...args(), "--ghcr-probe-sleep-seconds", "0");

    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 1, stdout: "" });
    expect(run.stderr).toMatch(message);
    expect(await everything()).toEqual(before);
  });

  it.each<[string, Whim, string, string]>([
    ["401", { status: 401 }, "HOST answers 401 for noetl/server 1.1.0: it does not let us", "denied"],
    ["403", { status: 403 }, "HOST answers 403 for noetl/server 1.1.0: it does not let us", "denied"],
    [
      "429",
      { status: 429, headers: { "retry-after": "0" } },
      "HOST answers 429 for noetl/server 1.1.0: too many requests (asked 2 times)",
      "busy",
    ],
    ["5xx", { status: 503 }, "HOST answers 503 for noetl/server 1.1.0 (asked 2 times)", "busy"],
    ["nothing", { hangUp: true }, "HOST cannot be reached: other side closed (asked 2 times)", "unreachable"],
  ])("a registry that answers with %s: nothing is changed", async (_, whim, message, kind) => {
    const next = {
      denied: "check that the package is visible to whoever pulls it; for a private one, log in: docker login",
      busy: "run the command again later",
      unreachable: "check the network and DNS, here and on the nodes",
    }[kind];
    const before = await everything();
    registry.whim = () => whim;

    const run = await bump(
      ...["--image", image("server", "1.1.0"), "--ghcr-probe-attempts", "2", "--ghcr-probe-sleep-seconds", "0"],
    );

    expect([run.status, run.stdout]).toEqual([1, ""]);
    expect(run.stderr.split("\n").slice(-3)).toEqual([
      `error: ${image("server", "1.1.0")} cannot be had, and nothing was changed: ${message.replace("HOST", registry.host)}`,
      `next: ${next ?? ""}`,
      "",
    ]);
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

  it("takes credentials from a plugin, as GKE's kubeconfig names one", async () => {
    type User = Record<"client-certificate-data" | "client-key-data", string>;
    const config = parse(readFileSync(platform.kubeconfig, "utf8")) as { users: { user: User | { exec: object } }[] };
    for (const entry of config.users) {
      const [certificate, key] = ["client-certificate-data", "client-key-data"].map((name) =>
        Buffer.from((entry.user as Record<string, string>)[name] ?? "", "base64").toString(),
      );
      const status = { clientCertificateData: certificate, clientKeyData: key };
      const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
      const script = `process.stdout.write(${JSON.stringify(JSON.stringify(credential))})`;
      entry.user = { exec: { apiVersion: credential.apiVersion, command: process.execPath, args: ["-e", script] } };
    }
    const kubeconfig = join(platform.engine.folder, "with-plugin");
    writeFileSync(kubeconfig, stringify(config));

    const run = await bump("--image", image("server", "1.0.0"), "--deployment", SERVER, "--kubeconfig", kubeconfig);

    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: "" });
    expect(rows(run)).toEqual([`${SERVER} unchanged server:1.0.0`]);
  });

  it("--live waits for a manifest that comes late, and is killed at every step; a rerun converges, and the one after has nothing to do", async () => {
    let isLate = true;
    registry.whim = ({ method, path }) =>
      isLate && method === "HEAD" && path.endsWith("/server/manifests/1.1.0") ? { status: 404 } : undefined;
    const args = ["--live", "--image", image("server", "1.1.0"), "--image", image("worker", "1.1.0")];
    const never = ["--live", "--image", image("server", "broken"), "--wait", "2s", "--rollback"];
    const before = await everything();

    // In the probe.
    await killed(({ said }) => said.includes("probe 2 of 12"), ...args, "--ghcr-probe-sleep-seconds", "0");
    expect(await everything()).toEqual(before);
    // While pods are waited for, before the file is written.
    await killed(async () => (await deployment(SERVER)).image === image("server", "broken"), ...never);
    // In the rollback.
    await killed(({ said }) => said.includes(`${SERVER}: back to`), ...never);
    // Between one component's patch and the next one's.
    isLate = false;
    await killed(({ file }) => file.includes(image("server", "1.1.0")), ...args);
    // After the last patch.
    await killed(async () => (await deployment(WORKER)).image === image("worker", "1.1.0"), ...args);
    const second = await bump(...args);
    const third = await bump(...args);

    const images = [image("server", "1.1.0"), image("worker", "1.1.0"), image("worker", "1.1.0")];
    expect([second.status, third.status]).toEqual([0, 0]);
    expect(rows(third)).toEqual([
      `${SERVER} unchanged server:1.1.0`,
      `${SYSTEM} unchanged worker:1.1.0`,
      `${WORKER} unchanged worker:1.1.0`,
      `${BRIDGE} skipped noetl:1.0.0`,
    ]);
    const [file, workloads] = await everything();
    expect(workloads.slice(0, 3).map((one) => one.image)).toEqual(images);
    expect(file.split("\n").filter((line) => line.includes(":1.1.0"))).toHaveLength(3);
    expect(file).not.toContain("broken");
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
      image("worker", "1.2.0"),
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
    expect(failed.report.components[0]?.next.slice(2)).toEqual([
      `confirm that the nodes have the image, which no registry was asked for: kind load docker-image ${local}`,
      `the stack file still says ${image("worker", "1.1.0")}: pulumi up would bring that back`,
      "then run the same command again",
    ]);
    expect(failed.report.components[0]?.reason).toMatch(
      /not ready within 15 s .*; pod \S+: ImagePullBackOff: Back-off pulling/,
    );
    expect((await deployment(WORKER)).image).toBe(local);

    expect(readFileSync(stack.file, "utf8")).not.toContain(local);

    const mended = await bump("--live", "--deployment", "noetl-worker", "--image", image("worker", "1.1.0"));

    expect(mended.status).toBe(0);
    expect(rows(mended)).toEqual([`${SYSTEM} unchanged worker:1.1.0`, `${WORKER} changed worker:1.1.0`]);
  });

  it("says why a pod crashes, with the last lines of its log, and no password", async () => {
    const said = ["1", "2", "3", "4", "5", "6"].map((line) => `line ${line}`);
    const last = "panic: cannot reach postgres://noetl:canary@db:5432";
    const logs = await serveLogs(platform.cluster.kube, [...said, last].join("\n"));
    try {
      const args = ["--live", "--image", image("noetl", "crash"), "--wait", "2s", "--rollback"];

      const run = await bump(...args);

      const shown = [...said.slice(2), "panic: cannot reach postgres://noetl:…@db:5432"];
      expect(run.status).toBe(3);
      expect(run.report.components.at(-1)).toMatchObject({
        component: BRIDGE,
        result: "failed",
        rolledBack: true,
        reason: expect.stringMatching(
          /; pod \S+: CrashLoopBackOff: exit code 1, 3 restarts; it runs \S+:1\.0\.0 again$/,
        ),
        log: shown,
      });
      expect(run.stderr).toMatch(/^ {2}pod \S+: CrashLoopBackOff: exit code 1, 3 restarts\n( {2}\| .*\n){5}/m);
      expect(run.stderr + run.stdout).not.toContain("canary");
      expect(logs.asked[0]).toMatch(
        /^\/containerLogs\/noetl\/ollama-bridge-[^/]+\/ollama-bridge\?.*previous=true.*tailLines=5/,
      );
    } finally {
      logs.stop();
    }
  });

  it("a tag that has moved is not unchanged", async () => {
    const { kube } = platform.cluster;
    const before = `sha256:${"0".repeat(64)}`;
    const pods = await kube.list<KubeObject & { status: { containerStatuses: object[] } }>("v1", "Pod", {
      namespace: "noetl",
      labelSelector: `app=${BRIDGE}`,
    });
    for (const { metadata, status } of pods) {
      const [first] = status.containerStatuses;
      const containerStatuses = [{ ...first, imageID: `${registry.host}/noetl/noetl@${before}` }];
      await kube.send(`/api/v1/namespaces/noetl/pods/${metadata.name}/status`, {
        method: "PATCH",
        contentType: "application/strategic-merge-patch+json",
        body: { status: { containerStatuses } },
      });
    }
    const args = ["--live", "--image", image("noetl", "1.0.0")];

    const first = await bump(...args);
    const second = await bump(...args);

    const pinned = `${image("noetl", "1.0.0")}@${first.report.images[0]?.digest ?? ""}`;
    expect(first.report.components.at(-1)).toMatchObject({
      component: BRIDGE,
      result: "changed",
      old: image("noetl", "1.0.0"),
      new: pinned,
      reason: `the tag has moved since, from ${before}; the same tag restarts nothing, so its digest is set beside it`,
    });
    expect(second.report.components.at(-1)).toMatchObject({ component: BRIDGE, result: "unchanged", new: pinned });
    expect(readFileSync(stack.file, "utf8")).toContain(pinned);
  });

  it("a StatefulSet whose newest pod hangs is rolled back", async () => {
    const { kube } = platform.cluster;
    const name = "noetl-server-set";
    const former = image("server", "1.0.0");
    const file = join(platform.engine.folder, "Pulumi.set.yaml");
    const text = stringify({
      config: {
        "noetl:profile": "kind",
        "noetl:cluster": { context: "kind-noetl" },
        "noetl:postgres": { mode: "inCluster" },
        "noetl:server": { name, replicas: 2, image: former },
      },
    });
    writeFileSync(file, text);
    const set = statefulSet(name, former);
    await kube.applyAll([set]);
    await kube.untilReady(refOf(set));

    const run = await bump(
      ...["--stack-file", file, "--live", "--deployment", name, "--image", image("server", "broken")],
      ...["--wait", "2s", "--rollback"],
    );

    expect(run.report.components).toMatchObject([{ kind: "StatefulSet", result: "failed", rolledBack: true }]);
    expect(run.status).toBe(3);
    const pods = await kube.list<KubeObject & { spec: { containers: { image: string }[] } }>("v1", "Pod", {
      namespace: "noetl",
      labelSelector: `app=${name}`,
    });
    expect(pods.map(({ metadata, spec }) => [metadata.name, spec.containers[0]?.image]).sort()).toEqual([
      [`${name}-0`, former],
      [`${name}-1`, former],
    ]);
    expect(readFileSync(file, "utf8")).toBe(text);
    await kube.remove(refOf(set));
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

  it("a rollout through the stack that never gets ready rolls back, and the file is as it was to the byte", async () => {
    const [file, workloads] = await everything();

    const run = await bump("--image", image("server", "broken"), "--wait", "5s", "--rollback");

    expect(run.status).toBe(3);
    expect(run.report.components[0]).toMatchObject({
      component: SERVER,
      result: "failed",
      reason: expect.stringMatching(/not ready within 5 s .*; pod \S+: ImagePullBackOff: .*; it runs \S+ again$/),
      rolledBack: true,
    });
    const [fileNow, workloadsNow] = await everything();
    expect(fileNow).toBe(file);
    expect(workloadsNow.map((one) => one.image)).toEqual(workloads.map((one) => one.image));
  });

  it("killed between the edit of the file and the update, and during the update: a rerun converges", async () => {
    const args = ["--image", image("server", "1.1.0")];
    await killed(({ file }) => file.includes("server:1.1.0"), ...args);
    await killed(isLocked, ...args);

    const run = await bump(...args);

    expect(run.stderr).not.toMatch(/; waiting$/m);
    expect(run.status).toBe(0);
    expect(rows(run)[0]).toMatch(/^noetl-server-rust (changed|unchanged) server:1\.1\.0$/);
    expect((await deployment(SERVER)).image).toBe(image("server", "1.1.0"));
    expect(isLocked()).toBe(false);
  });

  /** Whether an update holds the stack, or has left its lock. */
  function isLocked(): boolean {
    const locks = join(stack.home, "state", ".pulumi", "locks");
    const names = existsSync(locks) ? readdirSync(locks, { recursive: true, encoding: "utf8" }) : [];
    return names.some((name) => name.endsWith(".json"));
  }
});

function statefulSet(name: string, image: string): KubeObject {
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 1000,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name, namespace: "noetl" },
    spec: {
      replicas: 2,
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "noetl-server", image, securityContext }] },
      },
    },
  };
}
