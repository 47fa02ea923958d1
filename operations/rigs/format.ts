import { plain, type Style } from "../../preview/style";
import { firstLine } from "../../stacks/errors";
import { evidenceOf, isPutBack, type RigReport, type StepReport } from "./report";
import type { Evidence, Rig } from "./rig";
import type { RigEvent } from "./run";

/** The rigs there are, one a line. */
export function formatRigs(rigs: readonly Rig[], paint: Style): string {
  const width = Math.max(...rigs.map(({ name }) => name.length));
  return rigs.map(({ name, summary }) => `${paint.bold(name.padEnd(width))}  ${summary}\n`).join("");
}

/** What is under way, as a line; undefined for what is no news. */
export function formatEvent(event: RigEvent, paint: Style): string | undefined {
  if (event.event === "begin") return `${paint.dim(event.phase.padEnd(6))}  ${event.title} …`;
  if (event.event === "change") return paint.dim(`        changing ${event.title}`);
  const { title, seconds, result, problem } = event.step;
  const mark = result === "done" ? paint.green("✓") : paint.red("✗");
  const reason = problem === undefined ? "" : `: ${firstLine(problem)}`;
  return `        ${mark} ${title} ${paint.dim(`${seconds.toFixed(1)} s`)}${reason}`;
}

/** The report, for people. */
export function formatReport(report: RigReport, paint: Style = plain): string {
  const { rig, stack, context, namespace, seconds, changes, leaves } = report;
  const lines = [
    `${paint.bold(rig)}  ${verdict(report, paint)}  ${paint.dim(`stack ${stack} · ${context}/${namespace} · ${seconds.toFixed(1)} s`)}`,
    ...report.steps.flatMap((step) => stepLines(step, paint)),
    ...(changes.length === 0 ? [] : [`  ${putBackLine(report)}`]),
    ...leaves.map((left) => `  stays: ${left}`),
    ...(report.journal === undefined ? [] : [`  journal: ${report.journal}`, "next: noetl-ops verify --revert"]),
  ];
  return `${lines.join("\n")}\n`;
}

/** What has come out, in a few words. */
export function summaryOf(report: RigReport): string {
  const all = evidenceOf(report);
  const good = all.filter(({ ok }) => ok).length;
  return `${report.result}, ${good} of ${all.length} as expected`;
}

function verdict(report: RigReport, paint: Style): string {
  const colour = report.result === "passed" ? paint.green : paint.red;
  return colour(summaryOf(report));
}

function putBackLine(report: RigReport): string {
  const { changes } = report;
  const left = changes.filter(({ putBack }) => !putBack);
  if (isPutBack(report)) return `put back: ${changes.length} of ${changes.length} changes`;
  return `not put back: ${left.map(({ title }) => title).join("; ")}`;
}

function stepLines({ phase, title, seconds, result, problem, evidence, notes }: StepReport, paint: Style): string[] {
  const mark = { done: paint.green("✓"), failed: paint.red("✗"), skipped: paint.dim("–") }[result];
  const wrong = evidence.filter(({ ok }) => !ok);
  const counted = evidence.length === 0 ? "" : `  ${evidence.length - wrong.length} of ${evidence.length}`;
  const time = result === "skipped" ? "" : paint.dim(`  ${seconds.toFixed(1)} s`);
  return [
    `  ${mark} ${paint.dim(phase.padEnd(6))}  ${title}${counted}${time}`,
    ...(problem === undefined ? [] : problem.split("\n").map((line) => `      ${paint.red(line)}`)),
    ...wrong.map((one) => `      ${paint.red(evidenceLine(one))}`),
    ...notes.map((note) => `      ${paint.dim(note)}`),
  ];
}

/** `shard of execution 42 with 2 shards: expected server 1, seen server 0` */
export function evidenceLine({ what, expected, seen, ok }: Evidence): string {
  return ok ? `${what}: ${seen}` : `${what}: expected ${expected}, seen ${seen}`;
}
