/**
 * How long a comparison takes: `npm run bench:diff`. The last two need the tools of the real tests.
 *
 * 1. All stacks of two revisions, neither of whose programs was ever seen: both are copied, bundled and run. The command
 *    itself has run before, and has bundled the packages that all of them use. Target: under 4 seconds. The revisions are
 *    made of the files as they are, so that they are always there.
 * 2. The same as the first thing after `npm ci`: the packages and the command itself are bundled, too.
 * 3. The same again, with everything at hand.
 * 4. An edit of a generated stack of 2,000 resources. Target: under 8 seconds.
 * 5. `pulumi preview --diff` of an edit of the kind stack that is up on a cluster, with a bundle of the program at hand.
 * 6. `noetl-ops diff` of the same edit. Target: at least three times faster.
 *
 * Processor time leaves out that of esbuild, which ends by itself.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderStack } from "../preview/render";
import { readStackFile } from "../stacks/config/stack-file";
import { findLanguageHost, NO_LANGUAGE_HOST } from "../test/real/engine/language-host";
import { startPlatformCluster } from "../test/real/engine/platform-cluster";
import { manyPools } from "./many-pools";
import { median } from "./measure";
import { type Timed, timed } from "./timed";
import { edited, twoPrograms } from "./two-programs";

const ROOT = join(__dirname, "..");
const ROUNDS = 5;
/** Seven resources for each, and those of the kind stack. */
const POOLS = 276;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "noetl-bench-"));
  try {
    const offline = await compareOffline(folder);
    const isThere = findLanguageHost() !== undefined;
    const engine = isThere ? await compareWithEngine(folder) : [`not against Pulumi: ${NO_LANGUAGE_HOST}`];
    const titles = `${"".padEnd(56)}${"wall".padStart(9)}${"cpu".padStart(9)}   each`;
    console.log(
      [`Node ${process.version}, median of ${ROUNDS} cold runs`, "", titles, ...offline, ...engine].join("\n"),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareOffline(folder: string): Promise<string[]> {
  const project = join(folder, "project");
  twoPrograms(ROOT, project);
  const large = (name: string): string => join(folder, `Pulumi.large-${name}.yaml`);
  writeFileSync(large("before"), manyPools(POOLS));
  writeFileSync(large("after"), edited(manyPools(POOLS)));
  const { resources } = await renderStack(readStackFile(large("after")));

  const revisions = (cache: string): Timed => diff(project, cache, "before", "after");
  const runs = rounds({
    installed: () => {
      rmSync(join(project, "node_modules", ".cache"), { recursive: true, force: true });
      return revisions(mkdtempSync(join(folder, "cold-")));
    },
    cold: () => revisions(mkdtempSync(join(folder, "cold-"))),
    again: () => revisions(join(folder, "warm")),
    large: () => diff(project, join(folder, "warm"), large("before"), large("after")),
  });
  return [
    row("all stacks of two revisions, programs never seen", runs.cold),
    row("the same, right after npm ci", runs.installed),
    row("the same again", runs.again),
    row(`an edit of a stack of ${resources.length} resources`, runs.large),
  ];
}

async function compareWithEngine(folder: string): Promise<string[]> {
  const platform = await startPlatformCluster();
  try {
    const { engine, kubeconfig } = platform;
    const stack = await engine.open({ stack: "kind", kubeconfig, program: "project" });
    await stack.cli("up", "--yes", "--skip-preview");
    const before = join(folder, "Pulumi.before.yaml");
    const after = join(folder, "Pulumi.after.yaml");
    const text = readFileSync(join(ROOT, "Pulumi.kind.yaml"), "utf8");
    writeFileSync(before, text);
    writeFileSync(after, edited(text));
    writeFileSync(stack.file, edited(readFileSync(stack.file, "utf8")));
    const { name, workDir, pulumiHome, root, env } = stack.settings;
    const preview = [join(root, "bin", "pulumi"), "--stack", name, "--non-interactive", "preview", "--diff"];
    const runs = rounds({
      preview: () => timed(preview, { cwd: workDir, env: { ...env, PULUMI_HOME: pulumiHome } }),
      diff: () => diff(ROOT, join(folder, "warm"), before, after),
    });
    const ratio = (of: keyof Timed): string =>
      median(runs.preview.map((run, round) => run[of] / (runs.diff[round]?.[of] ?? NaN))).toFixed(1);
    return [
      row("pulumi preview --diff, an edit of the kind stack", runs.preview),
      row("noetl-ops diff, the same edit", runs.diff),
      "",
      `pulumi preview takes ${ratio("wall")} times as long (target: at least 3), and ${ratio("cpu")} times the processor time`,
    ];
  } finally {
    await platform.stop();
  }
}

function diff(project: string, cache: string, ...args: string[]): Timed {
  const env = { PATH: process.env.PATH, HOME: project, XDG_CACHE_HOME: cache };
  return timed([process.execPath, join(project, "cli", "bin.cjs"), "diff", ...args], { cwd: project, env });
}

/** Runs things in turn, so that a machine that slows down slows all of them; the first round is a warm-up. */
function rounds<Name extends string>(things: Record<Name, () => Timed>): Record<Name, Timed[]> {
  const names = Object.keys(things) as Name[];
  const runs = Object.fromEntries(names.map((name) => [name, [] as Timed[]])) as Record<Name, Timed[]>;
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of names) {
      const run = things[name]();
      if (round > 0) runs[name].push(run);
    }
  }
  return runs;
}

function row(name: string, runs: readonly Timed[]): string {
  const middle = (of: keyof Timed): string => `${median(runs.map((run) => run[of])).toFixed(2)} s`.padStart(9);
  return `${name.padEnd(56)}${middle("wall")}${middle("cpu")}   ${runs.map(({ wall }) => wall.toFixed(2)).join(", ")}`;
}

void main();
