import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../../stacks/errors";
import { loadMap } from "../lazy";
import type { StackDiff } from "./diff";
import { formatComment, formatReport } from "./format-markdown";
import { printable } from "./sections";

/**
 * Writes the whole report; its folder is made when it is missing.
 *
 * @throws UserError when it cannot be written
 */
export function writeReport(file: string, diffs: readonly StackDiff[]): void {
  writing(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, formatReport(diffs));
  });
}

/**
 * Writes `STACK.md` for each stack that differs, or could not be compared, and `STACK.svg`, a picture of the part that
 * is affected; those of an earlier run go.
 *
 * @throws UserError when they cannot be written
 */
export function writeComments(folder: string, diffs: readonly StackDiff[]): void {
  writing(folder, () => {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) if (/\.(md|svg)$/.test(name)) rmSync(join(folder, name));
    for (const diff of diffs) {
      if (diff.report?.resources.length !== 0) writeFileSync(join(folder, `${diff.stack}.md`), formatComment([diff]));
      const picture = pictureOf(diff);
      if (picture !== undefined) writeFileSync(join(folder, `${diff.stack}.svg`), picture);
    }
  });
}

function pictureOf({ graph, report }: StackDiff): string | undefined {
  if (!graph || !report || report.resources.length === 0) return undefined;
  return loadMap().affectedPicture(graph, printable(report));
}

function writing(place: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new UserError(`${place} cannot be written (${code})\nnext: name a place that can be written to`);
  }
}
