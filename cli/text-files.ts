import { readFileSync } from "node:fs";
import { UserError } from "../stacks/errors";

/** A file's text. @throws UserError where it cannot be read */
export function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/** The password in a file, without the end of its line. @throws UserError where it cannot be read */
export function passwordIn(file: string): string {
  return textOf(file).replace(/\r?\n$/, "");
}
