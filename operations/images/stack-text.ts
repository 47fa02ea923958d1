import { editStackText } from "../../stacks/config/edit";
import { readFileText } from "../../stacks/config/file-text";
import { parseStackFile } from "../../stacks/config/stack-file";
import { replaceFileText } from "../../stacks/config/write-file";
import type { Component } from "./components";

/** An edit of a stack file. */
export interface Written {
  before: string;
  after: string;
}

/**
 * Writes an image into a stack file, all at once; a file that says it already is not touched.
 *
 * @throws ConfigError when the whole would not be valid
 */
export function writeImage(file: string, { path }: Component, image: string): Written | undefined {
  const before = readFileText(file);
  const after = editStackText(before, file, [{ kind: "set", path, value: image }]);
  if (before === after) return undefined;
  parseStackFile(after, file);
  replaceFileText(file, before, after);
  return { before, after };
}
