import { Command, Option } from "commander";
import { loadDrift } from "../../operations/drift/lazy";
import { loadDiff } from "../../preview/diff/lazy";
import type { StackDiff } from "../../preview/diff/diff";
import type { Repository } from "../../preview/diff/git";
import type { Side } from "../../preview/diff/sides";
import type { Source } from "../../preview/diff/sources";
import { IMPACTS, type Impact } from "../../preview/impact/report";
import { withProgress } from "../../preview/progress";
import { projectFolder } from "../../preview/project-folder";
import { UserError } from "../../stacks/errors";
import { today, todayOption } from "../clock";
import { readEnvironment } from "../environment";
import { style } from "../terminal";

const FORMATS = ["text", "markdown", "json"] as const;

interface DiffOptions {
  stack: string[];
  stackFile?: string;
  format?: (typeof FORMATS)[number];
  json?: boolean;
  full?: boolean;
  report?: string;
  out?: string;
  failOn?: Impact;
  live?: boolean;
  kubeconfig?: string;
  context?: string;
  today?: string;
}

/** `noetl-ops diff`: what Kubernetes will do with a change. */
export function diffCommand(): Command {
  const collect = (name: string, names: string[]): string[] => [...names, name];
  return new Command("diff")
    .description("Show what Kubernetes will do with a change: what restarts, is replaced, or loses data.")
    .argument("[before]", "git revision (default: HEAD), stack file or folder with a render; A..B and A...B as in git")
    .argument("[after]", "the same; the working tree by default")
    .addOption(
      new Option("--stack <name>", "a stack to compare; may be repeated")
        .argParser(collect)
        .default([], "all of the project"),
    )
    .addOption(new Option("--stack-file <file>", "compare what this stack file makes on both sides").conflicts("stack"))
    .addOption(new Option("--format <format>", "what to print (default: text)").choices(FORMATS))
    .addOption(new Option("--json", "the same as --format json").conflicts("format"))
    .option("--full", "print all of a difference that is longer than a few screens (text)")
    .option("--report <file>", "also write the whole report, as Markdown without a limit")
    .option("--out <folder>", "also write, for each stack that differs, STACK.md for a comment and STACK.svg")
    .addOption(
      new Option("--fail-on <impact>", "exit with 1 when a resource meets this or something graver").choices(IMPACTS),
    )
    .option("--live", "compare a live cluster with BEFORE, or the working tree; changes nothing there")
    .option("--kubeconfig <file>", "kubeconfig to use (default: KUBECONFIG, else ~/.kube/config)")
    .option("--context <name>", "context of the kubeconfig to use instead of the stack's own")
    .addOption(todayOption())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops diff                              what is not committed yet, in all stacks
  noetl-ops diff main                         the working tree against main
  noetl-ops diff main...HEAD --stack gke      what a branch changes in gke
  noetl-ops diff Pulumi.kind.yaml ~/my.yaml   two stack files
  noetl-ops diff ../main/rendered/kind        a render that somebody kept, against the working tree
  noetl-ops diff main --format markdown       a comment for a pull request
  noetl-ops diff main --fail-on replace       for scripts
  noetl-ops diff --live --stack kind          what somebody has changed in the cluster, and who

Without --live it needs no cluster, no credentials and no Pulumi CLI. A revision is rendered by its own program.
Impacts, the gravest first: ${IMPACTS.join(", ")}.
Exit codes: 0 shown, 1 --fail-on met or a stack could not be compared, 2 wrong usage.`,
    )
    .action(async (before: string | undefined, after: string | undefined, options: DiffOptions, command: Command) => {
      if (options.live && after !== undefined) command.error("error: option '--live' compares with one side only");
      if (options.live && options.stackFile === undefined && options.stack.length !== 1) {
        command.error("error: option '--live' needs one --stack or a --stack-file");
      }
      const text = options.live ? "comparing with the cluster" : "comparing";
      show(await withProgress(process.stderr, text, () => compare(before, after, options)), options);
    });
}

function show(diffs: StackDiff[], options: DiffOptions): void {
  const { formatDiff, diffJson, formatComment, writeReport, writeComments } = loadDiff();
  if (options.report !== undefined) writeReport(options.report, diffs);
  if (options.out !== undefined) writeComments(options.out, diffs);
  const format = options.json ? "json" : (options.format ?? "text");
  if (format === "json") process.stdout.write(`${JSON.stringify(diffJson(diffs), null, 2)}\n`);
  else if (format === "markdown") process.stdout.write(formatComment(diffs));
  else {
    const width = process.stdout.isTTY ? process.stdout.columns : 100;
    process.stdout.write(formatDiff(diffs, style(process.stdout), { width, ...(options.full && { full: true }) }));
  }
  if (diffs.some((one) => one.problem !== undefined || meets(one, options.failOn))) process.exitCode = 1;
}

async function compare(
  before: string | undefined,
  after: string | undefined,
  options: DiffOptions,
): Promise<StackDiff[]> {
  const { Repository: Git, Sides, diffStacks, namedSources, sourceOf, sourceText } = loadDiff();
  const project = projectFolder();
  let opened: Promise<Repository> | undefined;
  const repository = (): Promise<Repository> => (opened ??= Git.open(project));
  const sides = new Sides({ project, cache: readEnvironment().cache, repository, stackFile: options.stackFile });
  const day = options.today ?? today();
  try {
    if (options.live) {
      const source: Source = before === undefined ? { kind: "tree" } : await sourceOf(before, repository);
      return [await compareLive(await sides.open(source), await sourceText(source, repository), options, day)];
    }
    const [old, now]: [Source, Source] = await namedSources(before ?? "HEAD", after, repository);
    return await diffStacks({
      before: await sides.open(old),
      after: await sides.open(now),
      names: { before: await sourceText(old, repository), after: await sourceText(now, repository) },
      stacks: options.stack,
      today: day,
    });
  } finally {
    sides.close();
  }
}

/** The cluster of a stack against a program of it. */
async function compareLive(side: Side, name: string, options: DiffOptions, day: string): Promise<StackDiff> {
  const { StackCluster, liveDiff } = loadDrift();
  const { graph, from, notes } = await side.stack(options.stack[0] ?? side.stacks[0] ?? "");
  if (!from) throw new UserError(`${notes.join("\n")}\nnext: a cluster is compared with a program that can be run`);
  const stackContext = from.config.cluster.context;
  const cluster = StackCluster.open({
    kubeconfig: options.kubeconfig ?? readEnvironment().kubeconfig,
    stackContext,
    context: options.context,
  });
  const names = { before: `the cluster ${options.context ?? stackContext}`, after: name };
  const found = await liveDiff({ graph, config: from.config }, cluster.api(), names, day);
  return { ...found, notes: [...notes, ...found.notes] };
}

/** Whether a stack meets an impact, or a graver one. What the stack file waives does not count. */
function meets({ report }: StackDiff, failOn: Impact | undefined): boolean {
  if (failOn === undefined || !report) return false;
  const grave = IMPACTS.slice(0, IMPACTS.indexOf(failOn) + 1);
  return report.resources.some(({ urn, effects }) =>
    effects.some(
      ({ impact, rule }) =>
        grave.includes(impact) &&
        !report.findings.some((finding) => finding.waived && finding.resource === urn && finding.rule === rule),
    ),
  );
}
