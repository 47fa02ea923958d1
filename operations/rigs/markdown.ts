import { summaryOf } from "./format";
import type { RigReport } from "./report";

/** The report as Markdown, with every piece of evidence: for a pull request or a ticket. */
export function markdownReport(report: RigReport): string {
  const { rig, stack, context, namespace, started, seconds, steps, changes, leaves, journal } = report;
  const looked = steps.flatMap((step) => step.evidence.map((one) => ({ ...one, step: step.title })));
  const lines = [
    `## ${rig}: ${summaryOf(report)}`,
    "",
    `Stack \`${stack}\`, context \`${context}\`, namespace \`${namespace}\`; ${started}, ${seconds.toFixed(1)} s.`,
    "",
    "| phase | step | seconds | |",
    "| --- | --- | ---: | --- |",
    ...steps.map(({ phase, title, seconds: took, result, problem }) =>
      row([
        phase,
        title,
        result === "skipped" ? "" : took.toFixed(1),
        problem === undefined ? result : `${result}: ${problem}`,
      ]),
    ),
    ...(looked.length === 0
      ? []
      : [
          "",
          "| | looked at | expected | seen |",
          "| --- | --- | --- | --- |",
          ...looked.map(({ ok, what, expected, seen }) => row([ok ? "✓" : "✗", what, expected, seen])),
        ]),
    ...(changes.length === 0
      ? []
      : [
          "",
          "| changed | put back |",
          "| --- | --- |",
          ...changes.map(({ title, putBack, problem = "" }) => row([title, putBack ? "yes" : `**no**: ${problem}`])),
        ]),
    ...leaves.map((left) => `\nStays: ${left}`),
    ...(journal === undefined ? [] : ["", `Left to put back: \`noetl-ops verify --revert\` (journal ${journal})`]),
  ];
  return `${lines.join("\n")}\n`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", "<br>")).join(" | ")} |`;
}
