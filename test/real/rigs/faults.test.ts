import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { RigReport } from "../../../operations/rigs/report";
import { backingImpossible } from "../contract/backing";
import type { Fault } from "../contract/faults";
import { ContractPlatform } from "../contract/platform";
import { clusterImpossible, describeUnless } from "../stacks/requirements";

/*
 * Fault × rig: each rig passes on a platform that is right, and tells what is wrong with one that is not. The rigs are run
 * as people run them, with port-forwards through a real API server.
 */

const BIN = join(__dirname, "..", "..", "..", "cli", "bin.cjs");

/** For each rig and fault, how many of its looks find it, of how many; the same fault is told each time the same. */
const ROWS: readonly (readonly [rig: string, fault: Fault | "none", wrong: number, of: number])[] = [
  ["shard-drift-guard", "none", 0, 30],
  ["shard-drift-guard", "hash seed off by one", 18, 30],
  ["shard-drift-guard", "big-endian bytes", 19, 30],
  ["shard-drift-guard", "gateway hash seed off by one", 18, 30],
];

describeUnless(clusterImpossible() ?? backingImpossible(), "rigs on platforms with faults", () => {
  let platform: ContractPlatform;
  let state: string;

  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), "noetl-rigs-"));
    platform = await ContractPlatform.start();
  });
  afterAll(async () => {
    rmSync(state, { recursive: true });
    await platform.stop();
  });

  async function verify(rig: string): Promise<{ code: number | null; report: RigReport }> {
    const env = {
      ...{ PATH: process.env.PATH, HOME: state, XDG_STATE_HOME: state },
      KUBECONFIG: platform.cluster.kubeconfigPath,
    };
    const args = [BIN, "verify", rig, "--stack-file", platform.stackFile, "--json"];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "ignore"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, report: JSON.parse(output) as RigReport };
  }

  it.each(ROWS)("%s, given the fault '%s', finds %s of %s looks wrong", async (rig, fault, wrong, of) => {
    platform.faults.only(...(fault === "none" ? [] : [fault]));
    const { code, report } = await verify(rig);
    const evidence = report.steps.flatMap((step) => step.evidence);
    expect([evidence.filter(({ ok }) => !ok).length, evidence.length]).toStrictEqual([wrong, of]);
    expect([code, report.result]).toStrictEqual(wrong === 0 ? [0, "passed"] : [3, "failed"]);
    expect(report.steps.flatMap(({ problem }) => problem ?? [])).toStrictEqual([]);
  });
});
