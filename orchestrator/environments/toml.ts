import { parse, TomlError } from "smol-toml";
import type { z } from "zod";
import { UserError } from "../../stacks/errors";

/**
 * Reads a TOML text by a schema.
 *
 * @param file Its name, for messages.
 * @throws UserError with the line of every problem
 */
export function readToml<T extends z.ZodType>(file: string, text: string, schema: T): z.output<T> {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ""] = error.message.replace("Invalid TOML document: ", "").split("\n");
    throw new UserError(`${file}:${error.line}:${error.column}: ${what}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const lines = linesOf(text);
  const problems = result.error.issues.flatMap(({ path, message, ...issue }) =>
    (issue.code === "unrecognized_keys" ? issue.keys : [undefined]).map((key) => {
      const at = [...path, ...(key === undefined ? [] : [key])];
      const what = key === undefined ? message : "there is no such setting";
      return { line: lineOf(lines, at), text: `${dotted(at)}: ${what}` };
    }),
  );
  problems.sort((a, b) => a.line - b.line);
  throw new UserError(problems.map((problem) => `${file}:${problem.line}: ${problem.text}`).join("\n"));
}

/** Line of the setting, or of the closest one around it that stands in the file. */
function lineOf(lines: ReadonlyMap<string, number>, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(dotted(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return 1;
}

/** Where each table and key stands: the parser checks the text, this only finds places in it. */
function linesOf(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let table = "";
  let inside: string | undefined;
  const resolved = (name: string): string => {
    let path = "";
    for (const key of name.split(".").map((part) => part.trim().replaceAll(/^["']|["']$/g, ""))) {
      path += path === "" ? key : `.${key}`;
      const count = counts.get(path);
      if (count !== undefined) path += `[${count - 1}]`;
    }
    return path;
  };
  text.split("\n").forEach((line, index) => {
    const opened = inside;
    for (const [quotes = ""] of line.matchAll(/"""|'''/g)) inside = inside === quotes ? undefined : (inside ?? quotes);
    if (opened !== undefined) return;
    const list = /^\s*\[\[(.+?)\]\]/.exec(line)?.[1];
    const single = /^\s*\[([^[\]]+)\]/.exec(line)?.[1];
    const key = /^\s*([\w."'-]+)\s*=/.exec(line)?.[1];
    if (list !== undefined) {
      const unnumbered = resolved(list).replace(/\[\d+\]$/, "");
      counts.set(unnumbered, (counts.get(unnumbered) ?? 0) + 1);
      table = resolved(list);
    } else if (single !== undefined) table = resolved(single);
    else if (key === undefined) return;
    const path = key === undefined ? table : [table, resolved(key)].filter((part) => part !== "").join(".");
    if (!lines.has(path)) lines.set(path, index + 1);
  });
  return lines;
}

function dotted(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}${text === "" ? "" : "."}${String(key)}`),
    "",
  );
}
