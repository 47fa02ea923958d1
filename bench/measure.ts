import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one run of a process took. */
export interface Run {
  /** Wall-clock time from start to exit, milliseconds. */
  wall: number;
  /** User and system time, milliseconds. */
  cpu: number;
  /** Largest resident set, megabytes (10^6 bytes). */
  memory: number;
}

const REPORTER = join(__dirname, "report-usage.cjs");

/**
 * Runs `node ARGS` once, cold.
 *
 * @throws Error with what it printed, when it fails.
 */
export function runNode(args: string[]): Run {
  const folder = mkdtempSync(join(tmpdir(), "noetl-bench-"));
  try {
    const report = join(folder, "usage.json");
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, ["--require", REPORTER, ...args], {
      env: { ...process.env, BENCH_REPORT: report },
      encoding: "utf8",
      maxBuffer: 1 << 30,
    });
    const wall = Number(process.hrtime.bigint() - start) / 1e6;
    if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${String(status)}:\n${stderr}`);
    return { wall, ...(JSON.parse(readFileSync(report, "utf8")) as { cpu: number; memory: number }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs several things in turn, A B A B …, so that a machine that slows down slows all of them; the first round is a warm-up. */
export function inTurn<Name extends string>(rounds: number, things: Record<Name, () => Run>): Record<Name, Run[]> {
  const names = Object.keys(things) as Name[];
  const runs = Object.fromEntries(names.map((name) => [name, [] as Run[]])) as Record<Name, Run[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const run = things[name]();
      if (round > 0) runs[name].push(run);
    }
  }
  return runs;
}

/** The middle of the values; of an even number, the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}
