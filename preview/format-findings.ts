import { counted } from "./amounts";
import { CHECKS, countOf, type Finding, type Severity } from "./checks";
import type { Style } from "./style";
import { wrapped } from "./wrap";

/** Findings for people, errors first; a line of its own when there are none. Ends in a newline. */
export function formatFindings(findings: Finding[], style: Style, options: { width?: number } = {}): string {
  const width = options.width ?? 100;
  if (findings.length === 0) return `${style.green("✓")} ${counted(CHECKS.length, "rule")}, no findings\n`;
  const counts = (["error", "warning", "info"] as const).flatMap((severity) => {
    const count = countOf(findings, severity);
    return count === 0
      ? []
      : [paint(severity, style)(severity === "info" ? `${count} info` : counted(count, severity))];
  });
  const lines = findings.flatMap((finding) => {
    const { severity, rule, resource, message, fix } = finding;
    return [
      `${paint(severity, style)(`${MARKS[severity]} ${severity}`)}  ${rule}  ${style.bold(resourceTitle(resource))}`,
      ...wrapped(message, width - 4).map((line) => `    ${line}`),
      ...wrapped(fix, width - 6).map((line, index) => style.dim(`    ${index === 0 ? "→" : " "} ${line}`)),
    ];
  });
  return [counts.join(", "), ...lines].map((line) => `${line}\n`).join("");
}

const MARKS: Record<Severity, string> = { error: "✗", warning: "!", info: "·" };

function paint(severity: Severity, style: Style): (text: string) => string {
  return { error: style.red, warning: style.yellow, info: style.cyan }[severity];
}

/** A finding's resource for people: kind and name of a URN, a key of the stack file as it is. */
function resourceTitle(resource: string): string {
  if (!resource.startsWith("urn:")) return resource;
  const [, , types = "", name = ""] = resource.split("::");
  return `${types.slice(types.lastIndexOf(":") + 1)} ${name}`;
}
