import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { runRig } from "../../../operations/rigs/engine";
import type { Platform } from "../../../operations/rigs/platform";
import { Reach } from "../../../operations/rigs/reach";
import { evidenceOf, isPutBack, type RigReport } from "../../../operations/rigs/report";
import type { Rig } from "../../../operations/rigs/rig";
import type { Clock } from "../../../operations/rigs/wait";
import type { Cluster } from "../cluster/cluster";
import { adminApi } from "./platform";
import type { Ways } from "./ways";

/** Time as it is. */
const CLOCK: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  wait: (milliseconds) => delay(milliseconds),
};

/** Time that passes so many times faster, for waits that must end in vain. */
export function fasterClock(times: number): Clock {
  return {
    ...CLOCK,
    elapsed: () => times * CLOCK.elapsed(),
    wait: (milliseconds) => CLOCK.wait(milliseconds / times),
  };
}

/** Runs a rig as the command does, with the ways of a test in place of port-forwards. */
export async function verify(
  rig: Rig,
  platform: Platform,
  { cluster, ways, clock = CLOCK }: { cluster: Cluster; ways: Ways; clock?: Clock },
): Promise<RigReport> {
  const reach = new Reach(adminApi(cluster), ways, clock);
  const journals = mkdtempSync(join(tmpdir(), "noetl-journals-"));
  try {
    return await runRig(rig, platform, reach, { context: cluster.contextName, journals, allowProduction: false });
  } finally {
    reach.close();
    rmSync(journals, { recursive: true });
  }
}

/** What was not as it must be, in words; with what could not be done, and what could not be put back. */
export function wrongIn(report: RigReport): string[] {
  return [
    ...report.steps.flatMap(({ title, problem }) => (problem === undefined ? [] : [`${title}: ${problem}`])),
    ...evidenceOf(report).flatMap(({ what, expected, seen, ok }) => (ok ? [] : [`${what}: ${expected}, not ${seen}`])),
    ...(isPutBack(report) ? [] : ["not everything is put back"]),
  ];
}

/** What was noted. */
export function notesIn({ steps }: RigReport): string[] {
  return steps.flatMap(({ notes }) => notes);
}
