/** A table of Markdown, its columns as wide as they must be; all but the first are numbers. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, at) => (at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** A figure as people read it: three digits that say something, or all before the point. */
export function figure(value: number, unit: string): string {
  const text = value >= 100 ? Math.round(value).toLocaleString("en") : String(Math.round(value * 10) / 10);
  return unit === "/s" ? text : `${text} ${unit}`;
}
