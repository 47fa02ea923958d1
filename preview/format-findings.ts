import { counted } from "./amounts";
import { countOf, type Finding, type Severity } from "./checks";
import { resourceTitle } from "./checks/check";
import type { Style } from "./style";
import { wrapped } from "./wrap";

/**
 * Findings for people, in their order; a line of its own when nothing is wrong. Those that one waiver accepts are folded.
 * Ends in a newline.
 */
export function formatFindings(findings: Finding[], style: Style, options: { width?: number } = {}): string {
  const width = options.width ?? 100;
  const open = findings.filter(({ waived }) => !waived);
  const waived = new Map<string, Finding[]>();
  for (const finding of findings) {
    if (!finding.waived) continue;
    const key = JSON.stringify([finding.rule, finding.severity, finding.waived]);
    waived.set(key, [...(waived.get(key) ?? []), finding]);
  }
  return [
    summary(findings, style),
    ...open.flatMap((finding) => findingLines(finding, style, width)),
    ...[...waived.values()].flatMap((group) => waivedLines(group, style, width)),
  ]
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

function findingLines({ severity, rule, resource, message, fix, steps }: Finding, style: Style, width: number) {
  return [
    `${paint(severity, style)(`${MARKS[severity]} ${severity}`)}  ${rule}  ${style.bold(resourceTitle(resource))}`,
    ...paragraph(message, width),
    ...(fix === "" ? [] : item("→", fix, style, width)),
    ...(steps ?? []).flatMap((step, index) => item(`  ${index + 1}.`, step, style, width)),
  ];
}

/** What one waiver accepts: one finding as it is, of several only where they are. */
function waivedLines(findings: readonly Finding[], style: Style, width: number): string[] {
  const [first] = findings;
  if (!first?.waived) return [];
  const { rule, severity, resource, message, waived } = first;
  const isOne = findings.length === 1;
  const titles = [...new Set(findings.map((finding) => resourceTitle(finding.resource)))];
  return [
    `${style.dim(`~ waived ${isOne ? severity : counted(findings.length, severity)}`)}  ${rule}${isOne ? `  ${style.bold(resourceTitle(resource))}` : ""}`,
    ...paragraph(isOne ? message : titles.join(", "), width),
    ...item("→", `until ${waived.until}: ${waived.reason}`, style, width),
  ];
}

function paragraph(text: string, width: number): string[] {
  return wrapped(text, width - 4).map((line) => `    ${line}`);
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
