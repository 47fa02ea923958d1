import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import type { TaskView } from "../../../orchestrator/api/task-view";
import { PROJECT } from "../../../stacks/schema";
import { leaksIn, secretsIn, secretWords } from "../engine/leaks";
import { namesOf, notReady, platformObjects } from "../engine/live";
import type { OpenStack } from "../engine/open-stack";
import { type PlatformCluster, startPlatformCluster } from "../engine/platform-cluster";
import { projectImpossible } from "../engine/requirements";
import { describeUnless } from "../stacks/requirements";
import type { KubeClient } from "../support/kube";
import { processesWith } from "../support/processes";
import { waitFor } from "../support/wait";
import { ServiceProcess } from "./process";

/*
 * The orchestrator as its users start it, with Pulumi's engine on a real API server: the workflow `cluster` from an empty
 * cluster to an empty cluster, through kills of the service and of everything on its machine. One story, so one test: a
 * second attempt begins with a cluster of its own.
 */

interface Result {
  changed: number;
  impacts: Record<string, number>;
  resources: { kind: string; name: string; impact: string; fields: string[] }[];
}

const CANARY = "canary-one.NATS~user";
/** Ends a story that hangs: every wait in it is for a condition. */
const STORY_MS = 20 * 60 * 1000;
/** No pod is made in the namespace of NATS as long as it is there: an update of NATS goes on. */
const GATE = { apiVersion: "v1", kind: "ResourceQuota", namespace: "nats", name: "gate" };
const SERVER = { apiVersion: "apps/v1", kind: "Deployment", namespace: "noetl", name: "noetl-server-rust" };
const SERVICE = { apiVersion: "v1", kind: "Service", namespace: "nats", name: "nats" };

describeUnless(projectImpossible(), "the workflow cluster of an orchestrator, on a real API server", () => {
  let platform: PlatformCluster;
  let kube: KubeClient;
  let stack: OpenStack;
  let service: ServiceProcess;
  let start: () => Promise<ServiceProcess>;
  /** All that was submitted. */
  let tasks: string[] = [];

  beforeEach(async () => {
    tasks = [];
    platform = await startPlatformCluster();
    ({ kube } = platform.cluster);
    stack = await platform.engine.open({ stack: "kind", kubeconfig: platform.kubeconfig, program: "project" });
    await stack.setSecret("secrets.natsPassword", CANARY);
    stack.edit({ "noetl:secrets.protect": false });
    const { env, root, workDir, pulumiHome } = stack.settings;
    const args = ["--data-dir", join(stack.home, "data"), "--project", workDir, "--engine", "pulumi", "--drain", "0"];
    const all = { ...env, PATH: `${join(root, "bin")}:${env.PATH ?? ""}`, PULUMI_HOME: pulumiHome };
    start = () => ServiceProcess.start(args, all);
    service = await start();
  }, STORY_MS);

  afterEach(async () => {
    // An attempt that failed in the middle of an operation leaves nothing, either.
    if ((stack as OpenStack | undefined) !== undefined) await crash(() => true);
    await (platform as PlatformCluster | undefined)?.stop();
  }, STORY_MS);

  it(
    "previews, creates, tells drift and repairs it, updates through kills and a cancel, and destroys",
    async () => {
      await previewChangesNothing();
      await createMakesEverything();
      await driftIsTold();
      await repairGoesOnAfterAKillOfTheService();
      await updateGoesOnAfterACrashOfTheMachine();
      await cancelEndsAnUpdateInTheMiddle();
      await destroyLeavesNothing();
      expect(await service.end("SIGTERM")).toEqual([0, null]);
      await waitFor("processes to end", () => (processesWith(stack.home).length === 0 ? true : undefined));
    },
    STORY_MS,
  );

  async function previewChangesNothing(): Promise<void> {
    const { result } = await done({ check_mode: true });

    expect(result.impacts).toEqual({ create: result.changed });
    expect(result.resources).toContainEqual(
      expect.objectContaining({ kind: "StatefulSet", name: "nats", impact: "create" }),
    );
    expect(await platformObjects(kube)).toEqual([]);
  }

  async function createMakesEverything(): Promise<void> {
    expect(await done({})).toMatchObject({ operation: "create", attempts: 1 });
    await expectWhole();
  }

  async function driftIsTold(): Promise<void> {
    await kube.remove(SERVICE);
    await kube.apply({ ...refOnly(SERVER), spec: { replicas: 2 } } as never, { fieldManager: "somebody", force: true });

    const { result } = await done({ operation: "drift" });

    // As what it takes to bring it back.
    expect(result.resources.map(({ kind, name, impact, fields }) => [kind, name, impact, ...fields])).toEqual([
      ["Deployment", "noetl-server-rust", "capacity-drop", "spec.replicas"],
      ["Service", "nats", "create"],
    ]);
  }

  async function repairGoesOnAfterAKillOfTheService(): Promise<void> {
    await done({ operation: "refresh" });
    const refused = await service.ended(await submit({ operation: "update" }));
    expect(refused).toMatchObject({ status: "Failed", attempts: 1, error: { code: "field-conflict" } });
    // Whoever has set the replicas lets go of them.
    await kube.apply(refOnly(SERVER) as never, { fieldManager: "somebody", force: true });

    const id = await untilUnderWay("768Mi");
    await service.end("SIGKILL");
    service = await start();
    await openGate();

    expect(await service.ended(id)).toMatchObject({ status: "Completed", operation: "update" });
    expect(locks()).toEqual([]);
    await expectWhole();
    expect((await done({ operation: "drift" })).result).toMatchObject({ changed: 0 });
  }

  async function updateGoesOnAfterACrashOfTheMachine(): Promise<void> {
    const id = await untilUnderWay("640Mi");
    // Not in the middle of writing its state, which a backend on a bucket never does by halves.
    await crash(() => stack.isStateWhole());
    const left = locks();
    service = await start();
    await openGate();

    expect(await service.ended(id)).toMatchObject({ status: "Completed", operation: "update" });
    expect(left).toHaveLength(1);
    const log = await service.log(id);
    expect(log).toContain("which was started here and has ended, is taken away");
    expect(log).toMatch(/an earlier operation was killed at .*\bupdating nats[,:].* reading what is really there/);
    expect(log).not.toContain("; waiting");
    expect(locks()).toEqual([]);
    await expectWhole();
  }

  async function cancelEndsAnUpdateInTheMiddle(): Promise<void> {
    const id = await untilUnderWay("768Mi");
    await service.ask("POST", `/tasks/${id}/cancel`, { why: "not today" });

    expect(await service.ended(id)).toMatchObject({ status: "Cancelled", attempts: 1 });
    expect(locks()).toEqual([]);
    await openGate();
  }

  async function destroyLeavesNothing(): Promise<void> {
    const words = secretWords(await secretsIn(kube, ["nats", "noetl", "postgres"]));
    const { result } = await done({ operation: "destroy" });

    expect(Object.keys(result.impacts)).not.toContain("create");
    expect(namesOf(await platformObjects(kube))).toEqual([]);
    expect(await stack.objects()).toEqual([]);
    expect(locks()).toEqual([]);
    // What a person can read of all that was done.
    expect(words).toContain(CANARY);
    const said = await Promise.all(
      tasks.map(async (id) => [id, JSON.stringify(await service.ask("GET", `/tasks/${id}`)) + (await service.log(id))]),
    );
    expect(leaksIn(Object.fromEntries(said) as Record<string, string>, words)).toEqual([]);
  }

  async function submit(body: Record<string, unknown>): Promise<string> {
    const { data, error } = await service.ask("POST", "/workflows/cluster/create", { infra: "kind", ...body });
    expect(error).toBeNull();
    tasks.push(data as string);
    return data as string;
  }

  async function done(body: Record<string, unknown>): Promise<TaskView & { result: Result }> {
    const task = await service.ended(await submit(body));
    expect({ status: task.status, error: task.error }).toEqual({ status: "Completed", error: null });
    return task as TaskView & { result: Result };
  }

  async function expectWhole(): Promise<void> {
    const objects = await platformObjects(kube);
    expect(namesOf(objects)).toEqual(await stack.objects());
    expect(notReady(objects)).toEqual([]);
  }

  /** Submits an update that cannot end before the gate is opened. @returns the task, once its state says so */
  async function untilUnderWay(memory: string): Promise<string> {
    stack.edit({ "noetl:nats.jetstream.memory": memory });
    await kube.apply({ ...refOnly(GATE), spec: { hard: { pods: "0" } } } as never);
    const id = await submit({ operation: "update" });
    await waitFor("the update of NATS", () => (pending().some((urn) => urn.endsWith("::nats")) ? true : undefined));
    return id;
  }

  async function openGate(): Promise<void> {
    await kube.remove(GATE);
  }

  /** Ends every process of the service and of Pulumi at once, at a moment that may be waited for. */
  async function crash(isMoment: () => boolean): Promise<void> {
    await waitFor("processes to end", () => {
      const pids = processesWith(stack.home);
      tell(pids, "SIGSTOP");
      tell(pids, isMoment() ? "SIGKILL" : "SIGCONT");
      return pids.length === 0 ? true : undefined;
    });
  }

  /** What the state says is under way. */
  function pending(): string[] {
    try {
      const text = readFileSync(join(stack.home, "state", ".pulumi", "stacks", PROJECT, "kind.json"), "utf8");
      const { checkpoint } = JSON.parse(text) as {
        checkpoint: { latest?: { pending_operations?: { resource: { urn: string } }[] } };
      };
      return (checkpoint.latest?.pending_operations ?? []).map(({ resource }) => resource.urn);
    } catch {
      // It is being written.
      return [];
    }
  }

  function locks(): string[] {
    const folder = join(stack.home, "state", ".pulumi", "locks");
    const names = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
    return names.filter((entry) => entry.isFile() && entry.name.endsWith(".json")).map(({ name }) => name);
  }
});

function tell(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

function refOnly({ apiVersion, kind, namespace, name }: Record<"apiVersion" | "kind" | "namespace" | "name", string>) {
  return { apiVersion, kind, metadata: { namespace, name } };
}
