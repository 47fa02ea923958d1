/**
 * How long a comparison takes: `npm run bench:diff -- [BEFORE AFTER]`, two revisions whose programs differ.
 *
 * 1. Both stacks of two revisions, with nothing in the cache: both programs are copied, bundled and run. Target: under 4
 *    seconds.
 * 2. The same again, with the programs at hand.
 * 3. An edit of a generated stack of 2,000 resources. Target: under 8 seconds.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manyPools } from "./many-pools";
import { inTurn, median, runNode, type Run } from "./measure";

const ROOT = join(__dirname, "..");
const ROUNDS = 5;
const POOLS = 400;

function main(): void {
  const [before = "HEAD~8", after = "HEAD~4"] = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), "noetl-bench-"));
  try {
    const [old, now] = ["Pulumi.before.yaml", "Pulumi.after.yaml"].map((name) => join(folder, name));
    writeFileSync(old ?? "", manyPools(POOLS));
    writeFileSync(now ?? "", manyPools(POOLS).replace("maxConnections: 200", "maxConnections: 300"));
    const diff = (cache: string, ...args: string[]): Run => {
      process.env.XDG_CACHE_HOME = cache;
      return runNode([join(ROOT, "cli", "bin.cjs"), "diff", ...args]);
    };
    const runs = inTurn(ROUNDS, {
      cold: () => diff(mkdtempSync(join(folder, "cold-")), before, after),
      again: () => diff(join(folder, "warm"), before, after),
      large: () => diff(join(folder, "warm"), old ?? "", now ?? ""),
    });
    const row = (name: string, of: Run[], target: string): string => {
      const wall = of.map((run) => run.wall / 1000);
      const all = wall.map((value) => value.toFixed(2)).join(", ");
      return `${name.padEnd(52)}${median(wall).toFixed(2).padStart(7)} s  (${all})  ${target}`;
    };
    console.log(
      [
        `Node ${process.version}, median of ${ROUNDS} processes after a warm-up, taken in turn`,
        "",
        row(`${before} ${after}, nothing in the cache`, runs.cold, "target: under 4 s"),
        row(`${before} ${after}, again`, runs.again, ""),
        row(`an edit of ${POOLS} pools`, runs.large, "target: under 8 s"),
      ].join("\n"),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main();
