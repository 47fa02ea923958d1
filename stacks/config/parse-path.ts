import { PROJECT } from "../schema";
import { UserError } from "../errors";
import type { Path } from "./path";

const STEP = /\.([\w-]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;

/**
 * Reads a path as people write it and as messages show it: `noetl:workerPools[1].name`. The project's prefix may be left
 * out: `server.replicas`.
 *
 * @throws UserError where it cannot be read
 */
export function parsePath(text: string): Path {
  const [head = "", prefix = "", key = ""] = /^(\w+:)?([\w-]+)/.exec(text) ?? [];
  if (key === "") throw unreadable(text, 0);
  const path: (string | number)[] = [`${prefix === "" ? `${PROJECT}:` : prefix}${key}`];
  STEP.lastIndex = head.length;
  while (STEP.lastIndex < text.length) {
    const from = STEP.lastIndex;
    const match = STEP.exec(text);
    if (!match) throw unreadable(text, from);
    const [, name, index, quoted] = match;
    path.push(index === undefined ? (name ?? (JSON.parse(`"${quoted ?? ""}"`) as string)) : Number(index));
  }
  return path;
}

function unreadable(text: string, at: number): UserError {
  const where = at === 0 ? "" : ` from "${text.slice(at)}" on`;
  return new UserError(
    `"${text}" is no path of a setting${where}\nallowed: names with dots, indexes in brackets: ${PROJECT}:workerPools[1].name, server.replicas`,
  );
}
