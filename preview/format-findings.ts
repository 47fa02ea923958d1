import { counted } from "./amounts";
import { countOf, type Finding, type Severity } from "./checks";
import { resourceTitle } from "./checks/check";
import type { Style } from "./style";
import { wrapped } from "./wrap";

/** Findings for people, in their order; a line of its own when nothing is wrong. Ends in a newline. */
export function formatFindings(findings: Finding[], style: Style, options: { width?: number } = {}): string {
  const width = options.width ?? 100;
  return [summary(findings, style), ...findings.flatMap((finding) => findingLines(finding, style, width))]
    .map((line) => `${line}\n`)
    .join("");
}

function summary(findings: Finding[], style: Style): string {
  const counts = (["error", "warning"] as const).flatMap((severity) => {
    const count = countOf(findings, severity);
    return count === 0 ? [] : [paint(severity, style)(counted(count, severity))];
  });
  const good = counts.length === 0 ? [`${style.green("✓")} no errors, no warnings`] : counts;
  const waived = findings.filter((finding) => finding.waived).length;
  return [...good, ...(waived === 0 ? [] : [`${waived} waived`])].join(", ");
}

function findingLines({ severity, rule, resource, message, fix, steps, waived }: Finding, style: Style, width: number) {
  const heading = waived ? style.dim(`~ waived ${severity}`) : paint(severity, style)(`${MARKS[severity]} ${severity}`);
  const lines = [
    `${heading}  ${rule}  ${style.bold(resourceTitle(resource))}`,
    ...wrapped(message, width - 4).map((line) => `    ${line}`),
  ];
  if (waived) return [...lines, ...item("→", `until ${waived.until}: ${waived.reason}`, style, width)];
  return [
    ...lines,
    ...(fix === "" ? [] : item("→", fix, style, width)),
    ...(steps ?? []).flatMap((step, index) => item(`  ${index + 1}.`, step, style, width)),
  ];
}

/** A paragraph behind a mark. */
function item(mark: string, text: string, style: Style, width: number): string[] {
  return wrapped(text, width - mark.length - 5).map((line, index) =>
    style.dim(`    ${index === 0 ? mark : " ".repeat(mark.length)} ${line}`),
  );
}

const MARKS: Record<Severity, string> = { error: "✗", warning: "!", info: "·" };

function paint(severity: Severity, style: Style): (text: string) => string {
  return { error: style.red, warning: style.yellow, info: style.cyan }[severity];
}
