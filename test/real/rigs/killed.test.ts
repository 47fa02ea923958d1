import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { revertLeft, runRig } from "../../../operations/rigs/engine";
import { asked, readObject } from "../../../operations/rigs/objects";
import type { Reach } from "../../../operations/rigs/reach";
import type { Rig, Step } from "../../../operations/rigs/rig";
import type { JsonObject } from "../../../preview/json";
import { type Cluster, startCluster } from "../cluster/cluster";
import { clusterImpossible, describeUnless } from "../stacks/requirements";
import { refOf } from "../support/objects";
import { everyChange, objectsBefore } from "./fixtures/every-change";
import { apiReach, platformIn } from "./platform";

/*
 * That nothing a rig changes stays, on a real API server: at its end, after a failure, interrupted, and killed at every
 * write of its journal.
 */

const ROOT = join(__dirname, "..", "..", "..");
const CONTEXT = "kind-noetl";
const SOURCES = ["components", "stacks", "preview", "operations", "test/real/rigs"];

describeUnless(clusterImpossible(), "what a rig changes", () => {
  let cluster: Cluster;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "noetl-rigs-"));
    cluster = await startCluster({ contextName: CONTEXT, crds: true });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await cluster.stop();
  });

  const reachOf = (signal?: AbortSignal): Reach => apiReach(cluster, signal);

  const options = { context: CONTEXT, journals: "", allowProduction: false };

  /** A second attempt of a test must not meet what the first has left. */
  let prepares = 0;

  /** A namespace with everything that the rig changes, and a look at all of it. */
  async function prepared(name: string) {
    const namespace = `${name}-${++prepares}`;
    const objects = objectsBefore(namespace);
    await cluster.kube.applyAll([{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);
    await cluster.kube.untilReady({ apiVersion: "v1", kind: "ServiceAccount", name: "default", namespace });
    await cluster.kube.applyAll(objects);
    await cluster.kube.untilReady(refOf(objects[0] as never));
    const reach = reachOf();
    const look = async (): Promise<(JsonObject | undefined)[]> => {
      const made = { apiVersion: "v1", kind: "Secret", metadata: { name: "made", namespace } };
      const lock = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: "noetl-ops-verify", namespace },
      };
      const found = await Promise.all([...objects, made, lock].map((object) => readObject(reach.api, refOf(object))));
      return found.map((object) => object && asked(object));
    };
    const before = await look();
    expect(before.map((object) => object !== undefined)).toStrictEqual([true, true, true, true, false, false]);
    return { namespace, journals: join(folder, namespace), platform: platformIn(namespace), look, before };
  }

  it("is put back at the end, and the fields belong to whom they belonged", async () => {
    const { namespace, journals, platform, look, before } = await prepared("at-the-end");
    const owners = async (): Promise<unknown> => {
      const ref = { apiVersion: "v1", kind: "ConfigMap", name: "settings", namespace };
      const found = await cluster.kube.get(ref);
      return (found?.metadata as { managedFields?: { manager: string }[] }).managedFields?.map(
        ({ manager }) => manager,
      );
    };
    const ownersBefore = await owners();

    const report = await runRig(everyChange(), platform, reachOf(), { ...options, journals });

    expect(report).toMatchObject({ result: "passed", leaves: [], mode: "run" });
    expect(report.changes).toStrictEqual(
      [
        `Lease ${namespace}/noetl-ops-verify: make it`,
        `Secret ${namespace}/made: make it`,
        `ConfigMap ${namespace}/settings: other data`,
        `ConfigMap ${namespace}/removed: delete it`,
        `Deployment ${namespace}/target: another environment`,
        `ScaledObject ${namespace}/scaler: leave 0 pods`,
        `Deployment ${namespace}/target: 0 pods`,
      ].map((title) => ({ title, putBack: true })),
    );
    expect(await look()).toStrictEqual(before);
    expect(await owners()).toStrictEqual(ownersBefore);
    expect(readdirSync(journals)).toStrictEqual([]);
  });

  it("is put back when a step fails, and what others have changed meanwhile stays", async () => {
    const { namespace, journals, platform, look, before } = await prepared("failing");
    const ref = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace } };
    const fails: Step = {
      phase: "run",
      title: "fail",
      run: async () => {
        await cluster.kube.apply({ ...ref, data: { e: "5" } } as never, { fieldManager: "somebody-else" });
        throw new Error("out of order");
      },
    };

    const report = await runRig(everyChange(fails), platform, reachOf(), {
      ...options,
      journals,
    });

    expect(report).toMatchObject({ result: "failed" });
    expect(report.steps.find(({ title }) => title === "fail")?.problem).toContain("out of order");
    expect(report.steps.at(-1)?.evidence.filter(({ ok }) => !ok)).toStrictEqual([
      { what: `ConfigMap ${namespace}/settings`, expected: "as before", seen: "different: data.e", ok: false },
    ]);
    const after = await look();
    expect(after.filter((_, index) => index !== 2)).toStrictEqual(before.filter((_, index) => index !== 2));
    expect(after[2]).toMatchObject({ data: { a: "1", b: "2", e: "5" } });
  });

  it("is put back when it is interrupted, and what comes after is not begun", async () => {
    const { journals, platform, look, before } = await prepared("interrupted");
    const interrupt = new AbortController();
    const waits: Step = {
      phase: "wait",
      title: "something that never comes",
      run: async (context) => {
        await context.waitFor({ what: "it", seconds: 600 }, () => {
          interrupt.abort();
          return Promise.resolve(undefined);
        });
      },
    };
    const rig = everyChange(waits);
    const never: Step = { phase: "assert", title: "never", run: () => Promise.reject(new Error("begun")) };
    const steps: Rig = { ...rig, steps: (...given) => [...rig.steps(...given), never] };

    const report = await runRig(steps, platform, reachOf(interrupt.signal), {
      ...options,
      journals,
    });

    expect(report).toMatchObject({ result: "interrupted" });
    expect(report.steps.filter(({ title }) => title === "never")).toMatchObject([{ result: "skipped" }]);
    expect(await look()).toStrictEqual(before);
  });

  it("is told when it cannot be put back, and is put back by --revert when it can", async () => {
    const { namespace, journals, platform, look, before } = await prepared("refused");
    const webhook = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "no-config" },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["configmaps"] }],
        },
        matchConditions: [{ name: "here", expression: `object.metadata.namespace == '${namespace}'` }],
        validations: [{ expression: "false", message: "nobody may" }],
      },
    };
    const binding = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "no-config" },
      spec: { policyName: "no-config", validationActions: ["Deny"] },
    };
    const refuse: Step = {
      phase: "run",
      title: "let nobody change it",
      run: async ({ reach }) => {
        await cluster.kube.applyAll([webhook, binding] as never);
        const path = `/api/v1/namespaces/${namespace}/configmaps/settings?dryRun=All`;
        const patch = { metadata: { labels: { tried: "1" } } };
        await reach.waitFor({ what: "the policy", seconds: 120 }, async () => {
          const { status } = await reach.api.send("PATCH", path, patch, "merge").catch(() => ({ status: 403 }));
          return status >= 400 ? true : undefined;
        });
      },
    };

    const report = await runRig(everyChange(refuse), platform, reachOf(), { ...options, journals });

    expect(report.changes.filter(({ putBack }) => !putBack)).toStrictEqual([
      {
        title: `ConfigMap ${namespace}/settings: other data`,
        putBack: false,
        problem: expect.stringContaining("nobody may") as unknown,
      },
    ]);
    expect(report.journal).toBeDefined();
    await expect(runRig(everyChange(), platform, reachOf(), { ...options, journals })).rejects.toThrow(
      "a run has ended without putting everything back",
    );

    await cluster.kube.remove(refOf(binding));
    await cluster.kube.remove(refOf(webhook));
    const reach = reachOf();
    await reach.waitFor({ what: "the end of the policy", seconds: 120 }, async () => {
      const again = await revertLeft(platform, reachOf(), { context: CONTEXT, journals });
      return again.journal === undefined ? true : undefined;
    });
    expect(await look()).toStrictEqual(before);
  });

  describe("killed at every write of the journal", () => {
    /** @returns whether the rig came to its end before it was killed */
    async function killedAt(writes: number): Promise<boolean> {
      const { namespace, journals, platform, look, before } = await prepared(`killed-${writes}`);
      const program = { name: "killed-rig", entry: "test/real/rigs/fixtures/run-rig.ts", sources: SOURCES };
      const script = `require("./bundle.cjs").load(${JSON.stringify(program)}).main(process.argv.slice(1))`;
      const args = [cluster.kubeconfigPath, CONTEXT, journals, namespace, String(writes)];
      const child = spawn(process.execPath, ["-e", script, ...args], {
        cwd: ROOT,
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      if (signal === null) {
        expect(code).toBe(0);
        expect(await look()).toStrictEqual(before);
        return true;
      }
      expect(signal).toBe("SIGKILL");
      const [file = ""] = readdirSync(journals);
      expect(readFileSync(join(journals, file), "utf8")).not.toContain("secret-canary");
      await expect(runRig(everyChange(), platform, reachOf(), { ...options, journals })).rejects.toThrow(
        "next: noetl-ops verify --revert",
      );

      const report = await revertLeft(platform, reachOf(), { context: CONTEXT, journals });

      expect(report).toMatchObject({ mode: "revert", result: "passed" });
      expect(await look()).toStrictEqual(before);
      expect(readdirSync(journals)).toStrictEqual([]);
      await expect(revertLeft(platform, reachOf(), { context: CONTEXT, journals })).rejects.toThrow(
        "nothing is left to put back",
      );
      return false;
    }

    it("--revert makes it as it was", async () => {
      let writes = 0;
      let done = false;
      while (!done) done = (await Promise.all([killedAt(++writes), killedAt(++writes)])).every(Boolean);
      process.stdout.write(`killed at ${writes - 2} or ${writes - 1} writes of the journal\n`);
      expect(writes).toBeGreaterThan(15);
    });
  });

  it("waits for one run before another: both on this machine, and elsewhere", async () => {
    const { journals, platform, look, before } = await prepared("twice");
    const refusals: string[] = [];
    const again: Step = {
      phase: "run",
      title: "once more",
      run: async () => {
        for (const other of [journals, `${journals}-elsewhere`]) {
          const second = runRig(everyChange(), platform, reachOf(), { ...options, journals: other });
          refusals.push(await second.then(String, (error: unknown) => (error as Error).message));
        }
      },
    };

    await runRig(everyChange(again), platform, reachOf(), { ...options, journals });

    expect(refusals).toStrictEqual([
      expect.stringMatching(
        /^another run is under way: rig every-change, which began .* \(process \d+ on .*\)\nnext: wait/,
      ),
      expect.stringMatching(
        /^another run is under way in namespace twice-\d+: rig every-change, process \d+ on .*, since /,
      ),
    ]);
    expect(await look()).toStrictEqual(before);
  });

  it("is nothing where a rig is refused: production, what is missing, --off without anything to take away", async () => {
    const { namespace, journals, platform, look, before } = await prepared("refusing");
    const run = (rig = everyChange(), where = platform, more: { off?: boolean } = {}) =>
      runRig(rig, where, reachOf(), { ...options, journals, ...more });

    await expect(run(everyChange(), platformIn(namespace, "gke"))).rejects.toThrow(
      "stack kind has the profile gke: people depend on it, and a rig restarts what they use\n" +
        "next: run it on a stack of profile kind, or say --yes-production",
    );
    await expect(run(everyChange(), platformIn("elsewhere"))).rejects.toThrow(
      [
        "rig every-change cannot run here, and nothing was changed:",
        "  Deployment elsewhere/target is not there",
        "  ConfigMap elsewhere/settings is not there: it is changed",
        "next: deploy the stack first, with what is missing",
      ].join("\n"),
    );
    await expect(run(everyChange(), platform, { off: true })).rejects.toThrow(
      "rig every-change leaves nothing behind that --off could take away",
    );
    expect(await look()).toStrictEqual(before);
    expect(() => readdirSync(journals)).toThrow("ENOENT");
  });
});
