/** What Markdown reads as more than text anywhere, and GitHub as mathematics or as an emoji. */
const SPECIAL = /[\\`*_[\]|~$]|:(?=\w+:)/g;

/** What begins a heading, a quotation or a list. */
const OPENING = /^\s*([#>+-]|\d+(?=[.)]))/;

/** Text in Markdown that reads as it is, on one line: nothing in it formats, links, mentions, or is HTML. */
export function escaped(text: string): string {
  return text
    .replaceAll(/\s*\n\s*/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(SPECIAL, "\\$&")
    .replace(OPENING, "\u200b$&")
    .replaceAll(/[@#](?=\w)/g, "$&\u200b");
}

/** Text as code, on one line. */
export function code(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, " ⏎ ");
  if (line.trim() === "") return "`\u200b`";
  const fence = "`".repeat(longestRun(line) + 1);
  const pad = fence.length > 1 || line.startsWith(" ") || line.endsWith(" ") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Lines as a block of code; no line can end it. */
export function block(lines: readonly string[], language: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(lines.join("\n")) + 1));
  return `${fence}${language}\n${lines.join("\n")}\n${fence}`;
}

/** A part that is folded away until somebody opens it. */
export function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
