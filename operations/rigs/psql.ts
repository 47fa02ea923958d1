import { quoted, type Row } from "./sql";

/** Runs some statements. @returns the rows of the last one */
export type RunSql = (text: string) => Promise<Row[]>;

/**
 * Runs a script for psql, as far as the platform's own schema makes use of it: `\set`, `\if` with `\else` and `\endif`, `\gset`,
 * `\g`, `\echo`, and the variables `:'name'` and `:"name"`.
 *
 * @param given variables, as `-v name=value` gives them
 * @returns all variables at the end
 * @throws Error at a command that is none of these
 */
export async function runPsql(
  script: string,
  run: RunSql,
  given: Readonly<Record<string, string>>,
): Promise<Map<string, string>> {
  const variables = new Map(Object.entries(given));
  /** Whether the lines of each open `\if` count. */
  const open: boolean[] = [];
  let statements = "";
  const flush = async (): Promise<Row[]> => {
    const text = substituted(statements, variables);
    statements = "";
    return text.trim() === "" ? [] : run(text);
  };
  for (const line of script.split("\n")) {
    const [, command = "", rest = ""] = /^\s*\\(\w+)\s*(.*)$/.exec(line) ?? [];
    if (command === "if") {
      await flush();
      open.push(holds(rest, variables));
    } else if (command === "else") open.push(!(open.pop() ?? false));
    else if (command === "endif") {
      if (open.every(Boolean)) await flush();
      open.pop();
    } else if (!open.every(Boolean)) continue;
    else if (command === "set") set(rest, variables);
    else if (command === "echo") continue;
    else if (command !== "") throw new Error(`\\${command} is not known here`);
    else {
      const [, before = line, way] = /^(.*?)\\(gset|g)\b.*$/.exec(line) ?? [];
      statements += `${before}${way === undefined ? "" : ";"}\n`;
      const rows = way === undefined ? [] : await flush();
      if (way === "gset") for (const [name, value] of Object.entries(rows[0] ?? {})) variables.set(name, textOf(value));
    }
  }
  await flush();
  return variables;
}

function set(rest: string, variables: Map<string, string>): void {
  const [, name = "", value = ""] = /^(\S+)\s*(.*)$/.exec(rest) ?? [];
  variables.set(name, value.replace(/^'(.*)'$/, "$1"));
}

/** `:{?name}`: whether it is set; `:name`: whether it is true. */
function holds(condition: string, variables: ReadonlyMap<string, string>): boolean {
  const [, asked] = /^:\{\?(\w+)\}$/.exec(condition) ?? [];
  if (asked !== undefined) return variables.has(asked);
  const [, name = ""] = /^:(\w+)$/.exec(condition) ?? [];
  return variables.get(name) === "t";
}

function textOf(value: unknown): string {
  if (typeof value === "boolean") return value ? "t" : "f";
  return String(value);
}

function substituted(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replaceAll(/:(['"])(\w+)\1/g, (whole, quote: string, name: string) => {
    const value = variables.get(name);
    if (value === undefined) return whole;
    return quote === '"' ? quoted(value) : `'${value.replaceAll("'", "''")}'`;
  });
}
