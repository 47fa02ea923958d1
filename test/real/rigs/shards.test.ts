import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { backingImpossible } from "../contract/backing";
import type { Fault } from "../contract/faults";
import { ContractPlatform } from "../contract/platform";
import { clusterImpossible, describeUnless } from "../stacks/requirements";
import { waitFor } from "../support/wait";
import { Rigs, wrongIn } from "./runs";

/*
 * The rigs of shards on a platform that is right, and on ones that are wrong; and what is left of a run that is killed or
 * interrupted while the server is sharded: nothing.
 */

const SERVER = { apiVersion: "apps/v1", kind: "Deployment", name: "noetl-server-rust", namespace: "noetl" };

/** What each rig says when a part of the platform is wrong: a pattern that something it found must match. */
const FAULTS: readonly (readonly [rig: string, fault: Fault, found: RegExp])[] = [
  ["shard-drift-guard", "hash seed off by one", /^shard of execution 42 with 1024 shards: server \d+, gateway 851$/],
  ["shard-drift-guard", "big-endian bytes", /^shard of execution 42 with 1024 shards: server \d+, gateway 851$/],
  [
    "shard-drift-guard",
    "gateway hash seed off by one",
    /^shard of execution 42 with 1024 shards: server 851, gateway \d+$/,
  ],
  ["shard-routing-n2", "execution on the wrong shard", /^databases with events of execution \d+: noetl_shard_[01]$/],
  [
    "shard-routing-n2",
    "gateway hash seed off by one",
    /^shard of execution 1 with 1024 shards: server 405, gateway \d+$/,
  ],
];

/** How many looks of the drift guard find a fault, of how many; the same fault is told each time the same. */
const DRIFT: readonly (readonly [fault: Fault | "none", wrong: number, of: number])[] = [
  ["none", 0, 30],
  ["hash seed off by one", 18, 30],
  ["big-endian bytes", 19, 30],
  ["gateway hash seed off by one", 18, 30],
];

describeUnless(clusterImpossible() ?? backingImpossible(), "shard rigs on a contract platform", () => {
  let platform: ContractPlatform;
  let rigs: Rigs;

  beforeAll(async () => {
    platform = await ContractPlatform.start();
    rigs = new Rigs(platform);
  });
  afterAll(async () => {
    rigs.stop();
    await platform.stop();
  });

  async function databases(): Promise<unknown[]> {
    const rows = await platform.backing.query("SELECT datname FROM pg_database ORDER BY datname");
    return rows.map(({ datname }) => datname);
  }

  async function server(): Promise<unknown> {
    const found = await platform.cluster.kube.get(SERVER);
    return (found as unknown as { spec: unknown }).spec;
  }

  it.each(["shard-drift-guard", "shard-routing-n2"])(
    "%s finds nothing where all is well, and leaves nothing",
    async (rig) => {
      const before = [await databases(), await server()];
      const { code, report } = await rigs.run(rig);
      expect(wrongIn(report)).toStrictEqual([]);
      expect([code, report.result]).toStrictEqual([0, "passed"]);
      expect(report.changes.filter(({ putBack }) => !putBack)).toStrictEqual([]);
      expect([await databases(), await server()]).toStrictEqual(before);
    },
  );

  it.each(FAULTS)("%s finds: %s", async (rig, fault, found) => {
    platform.faults.only(fault);
    const { code, report } = await rigs.run(rig);
    platform.faults.only();
    expect(code).toBe(3);
    expect(wrongIn(report)).toContainEqual(expect.stringMatching(found));
    expect(report.changes.filter(({ putBack }) => !putBack)).toStrictEqual([]);
  });

  it.each(DRIFT)("shard-drift-guard, given the fault '%s', finds %s of %s looks wrong", async (fault, wrong, of) => {
    platform.faults.only(...(fault === "none" ? [] : [fault]));
    const { code, report } = await rigs.run("shard-drift-guard");
    platform.faults.only();
    const evidence = report.steps.flatMap((step) => step.evidence);
    expect([evidence.filter(({ ok }) => !ok).length, evidence.length]).toStrictEqual([wrong, of]);
    expect([code, report.result]).toStrictEqual(wrong === 0 ? [0, "passed"] : [3, "failed"]);
    expect(report.steps.flatMap(({ problem }) => problem ?? [])).toStrictEqual([]);
  });

  it.each(["SIGKILL", "SIGINT"] as const)(
    "the server is as before after %s in the middle of shard-routing-n2",
    async (signal) => {
      const before = [await databases(), await server()];
      const { child } = rigs.start("shard-routing-n2");
      const gone = once(child, "close");
      await waitFor("the server to be sharded", async () =>
        JSON.stringify(await server()).includes("NOETL_CLUSTER_DSN") ? true : undefined,
      );
      child.kill(signal);
      const [code] = (await gone) as [number | null];
      if (signal === "SIGINT") expect(code).toBe(130);
      else {
        expect(await databases()).toContain("noetl_shard_1");
        expect((await rigs.run("--revert")).code).toBe(0);
      }
      expect([await databases(), await server()]).toStrictEqual(before);
      expect(rigs.journals()).toBe("");
    },
  );
});
