import { EXPORTERS, type ExporterFacts } from "./metrics";
import { isAlert, type RuleGroup, ruleName } from "./rules";
import { runbookPath } from "./rules-file";

/** Every metric, as Markdown: a table for each of those who export them. */
export function metricsReference(): string {
  return Object.values<ExporterFacts>(EXPORTERS)
    .map(({ title, source, metrics }) => {
      const rows = metrics.map(({ name, type, labels, meaning }) => [
        code(name),
        type,
        labels.map(code).join(", "),
        meaning,
      ]);
      return `### ${capitalized(title)}\n\n${source}\n\n${table(["metric", "type", "labels", "what it tells"], rows)}`;
    })
    .join("\n\n");
}

/**
 * Every rule, as Markdown: a table for each group.
 *
 * @param folder The folder of the page, from the root of this repository.
 */
export function rulesReference(groups: readonly RuleGroup[], folder: string): string {
  return groups
    .map(({ name, scope, interval, rules }) => {
      const records = rules.filter((rule) => !isAlert(rule)).map((rule) => code(ruleName(rule)));
      const rows = rules
        .filter(isAlert)
        .map(({ alert, severity, for: delay = "at once", description }) => [
          `[${alert}](${runbookPath(alert).replace(`${folder}/`, "")})`,
          severity,
          delay,
          description,
        ]);
      const recorded = records.length === 0 ? "" : ` It records ${records.join(" and ")}.`;
      const where = scope === "namespace" ? "namespace `noetl`" : "the whole cluster";
      return `### ${name}\n\nSees ${where}, every ${interval}.${recorded}\n\n${table(["alert", "severity", "after", "what it means"], rows)}`;
    })
    .join("\n\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(escaped).join(" | ")} |`).join("\n");
}

function escaped(cell: string): string {
  return cell.replace(/\|/g, "\\|");
}

function code(text: string): string {
  return `\`${text}\``;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
