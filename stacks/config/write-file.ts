import { chmodSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { UserError } from "../errors";

/**
 * Puts a text in the place of a stack file's, all at once: whoever reads the file meanwhile sees the old text or the new.
 *
 * @param before What the file held when the text was made.
 * @throws UserError when somebody else has changed the file since, or it cannot be written.
 */
export function replaceFileText(file: string, before: string, after: string): void {
  // A link stays a link.
  const path = realpathSync(file);
  if (readFileSync(path, "utf8") !== before) {
    throw new UserError(`${file} has changed meanwhile, and nothing was written\nnext: run the command again`);
  }
  const beside = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, after, { flag: "wx" });
    chmodSync(beside, statSync(path).mode);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new UserError(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
