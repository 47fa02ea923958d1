/** A table; cells are Markdown of one line. */
export function table(head: string[], rows: string[][]): string {
  const cells = [head, head.map(() => "---"), ...rows].map((row) =>
    row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")),
  );
  return cells.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Text as code. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** A block of code. */
export function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
