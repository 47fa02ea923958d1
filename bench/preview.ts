/**
 * How long an offline preview takes: `npm run bench:preview`.
 *
 * 1. Cold `noetl-ops preview --stack kind` against `node -e "require('@pulumi/pulumi')"`, the least that any Pulumi
 *    program in Node.js needs. Target: at most 2.0 times.
 * 2. A generated stack with 500 worker pools, over 2,500 resources. Target: under 5 seconds, at most 1.2 ms for each
 *    resource that the kind stack does not have, and less than 600 MB.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderStack } from "../preview/render";
import { readStackFile } from "../stacks/config/stack-file";
import { manyPools } from "./many-pools";
import { inTurn, median, runNode, type Run } from "./measure";

const ROOT = join(__dirname, "..");
const ROUNDS = 7;
const POOLS = 500;

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
const of = (runs: Run[], what: keyof Run) => median(runs.map((run) => run[what]));

function row(name: string, runs: Run[]): string {
  return [
    name.padEnd(44),
    seconds(of(runs, "wall")).padStart(9),
    seconds(of(runs, "cpu")).padStart(9),
    `${of(runs, "memory").toFixed(0)} MB`.padStart(9),
  ].join("");
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "noetl-bench-"));
  try {
    const large = join(folder, "Pulumi.large.yaml");
    writeFileSync(large, manyPools(POOLS));
    const preview = [join(ROOT, "cli", "bin.cjs"), "preview"];
    const runs = inTurn(ROUNDS, {
      floor: () => runNode(["--eval", "require('@pulumi/pulumi')"]),
      kind: () => runNode([...preview, "--stack", "kind"]),
      large: () => runNode([...preview, "--stack-file", large]),
    });
    const resources = {
      kind: (await renderStack(readStackFile(join(ROOT, "Pulumi.kind.yaml")))).resources.length,
      large: (await renderStack(readStackFile(large))).resources.length,
    };
    const marginal = (of(runs.large, "wall") - of(runs.kind, "wall")) / (resources.large - resources.kind);
    const ratio = median(runs.kind.map(({ wall }, index) => wall / (runs.floor[index]?.wall ?? NaN)));
    console.log(
      [
        `Node ${process.version}, median of ${ROUNDS} cold processes, taken in turn`,
        "",
        `${"".padEnd(44)}${"wall".padStart(9)}${"cpu".padStart(9)}${"memory".padStart(9)}`,
        row("node -e \"require('@pulumi/pulumi')\"", runs.floor),
        row(`noetl-ops preview, kind (${resources.kind} resources)`, runs.kind),
        row(`noetl-ops preview, ${POOLS} pools (${resources.large} resources)`, runs.large),
        "",
        `preview of kind against the bare SDK: ${ratio.toFixed(2)} times (target: at most 2.0)`,
        `preview of ${POOLS} pools: ${seconds(of(runs.large, "wall"))} (target: under 5 s)`,
        `each further resource: ${marginal.toFixed(2)} ms (target: at most 1.2)`,
      ].join("\n"),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
