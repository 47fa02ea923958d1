import { version as RANDOM } from "@pulumi/random/package.json";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { describeUnless } from "../stacks/requirements";
import { processesWith } from "../support/processes";
import { waitFor } from "../support/wait";
import { type Engine, startEngine } from "./engine";
import { namesOf, notReady, platformObjects } from "./live";
import { failureOf, OpenStack } from "./open-stack";
import { finishedIn } from "./plan";
import { engineImpossible } from "./requirements";
import { type PlatformCluster, startPlatformCluster } from "./platform-cluster";

/*
 * Updates that are cut off, and what a user gets wrong. After each, the next `up` must do the rest.
 */

describeUnless(engineImpossible(), "the Pulumi engine in trouble", () => {
  let platform: PlatformCluster;
  let engine: Engine;
  const open = (): Promise<OpenStack> => engine.open({ stack: "kind", kubeconfig: platform.kubeconfig });

  beforeAll(async () => {
    platform = await startPlatformCluster();
    ({ engine } = platform);
  });

  afterAll(async () => {
    await (platform as PlatformCluster | undefined)?.stop();
  });

  it("given an API server that dies in the middle, then the next up makes the rest", async () => {
    const stack = await open();
    const update = failureOf(stack.up());
    await untilFinished(stack, 20, update);
    await platform.cluster.kill("kube-apiserver");
    const { errors } = await update;
    await platform.cluster.restart("kube-apiserver");

    expect(errors.join("\n")).toMatch(/ECONN|hang up/);
    await expectWhole(stack);
    await stack.destroy();
  });

  it("given an engine that is killed in the middle, then cancel, refresh and up make the rest", async () => {
    const stack = await open();
    const update = failureOf(stack.up());
    await untilFinished(stack, 20, update);
    await killBetweenWrites(`${engine.folder}/bin/pulumi\0up`, stack);
    await update;
    await untilAlone();

    const { errors } = await failureOf(stack.up());
    expect(errors).toEqual([expect.stringContaining("the stack is currently locked by 1 lock(s)")]);
    await stack.cancel();
    await stack.refresh({ clearPendingCreates: true });
    await expectWhole(stack);
    await stack.destroy();
  });

  it("given a context that does not exist, then one line says so", async () => {
    const stack = await open();
    stack.edit({ "noetl:cluster.context": "nowhere" });

    const { errors } = await failureOf(stack.preview());

    expect(errors).toEqual([expect.stringContaining('context "nowhere" does not exist')]);
  });

  it("given a wrong passphrase, then one line says so", async () => {
    const { settings, home } = await open();
    const env = { ...settings.env, PULUMI_CONFIG_PASSPHRASE: "wrong" };
    const stack = await OpenStack.open({ ...settings, env }, home);

    const { errors } = await failureOf(stack.preview());
    await stack.close();

    expect(errors).toEqual(["getting stack configuration: get stack secrets manager: incorrect passphrase"]);
  });

  it("given a plugin that is missing, then one line says which", async () => {
    const bare = await startEngine({ plugins: ["kubernetes"] });
    const stack = await bare.open({ stack: "kind", kubeconfig: platform.kubeconfig });

    const { errors } = await failureOf(stack.preview()).finally(() => bare.stop());

    expect(errors).toEqual([
      `no resource plugin 'pulumi-resource-random' found in the workspace at version v${RANDOM} or on your $PATH`,
    ]);
  });

  it("leaves no process behind", async () => {
    await untilAlone();
  });

  /** Waits until no process of the engine is left. */
  async function untilAlone(): Promise<void> {
    await waitFor("processes to end", () => (processesWith(engine.folder).length === 0 ? true : undefined));
  }

  async function expectWhole(stack: OpenStack): Promise<void> {
    await stack.up();
    const objects = await platformObjects(platform.cluster.kube);
    expect(namesOf(objects)).toEqual(await stack.objects());
    expect(notReady(objects)).toEqual([]);
    const { changes } = await stack.preview();
    expect(Object.keys(changes)).toEqual(["same"]);
  }
});

/** Kills an engine; not in the middle of writing its state, which a backend on a bucket never does by halves. */
async function killBetweenWrites(command: string, stack: OpenStack): Promise<void> {
  await waitFor("whole state", () => {
    const pids = processesWith(command);
    const signal = (name: NodeJS.Signals): void => {
      for (const pid of pids) process.kill(pid, name);
    };
    signal("SIGSTOP");
    const isWhole = stack.isStateWhole();
    signal(isWhole ? "SIGKILL" : "SIGCONT");
    return isWhole ? true : undefined;
  });
}

/** Waits until an update has finished so many resources. @throws Error with its complaints when it ends before */
async function untilFinished(stack: OpenStack, count: number, update: Promise<{ errors: string[] }>): Promise<void> {
  let early: string[] | undefined;
  void update.then(({ errors }) => (early = errors));
  const look = () => {
    if (finishedIn(stack.events) >= count) return true;
    if (early) throw new Error(`the update ended before: ${early.join("; ")}`);
    return undefined;
  };
  await waitFor(`${count} resources`, look, { every: 10 });
}
