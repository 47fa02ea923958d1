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

/** The file's text with an image in its place. @throws ConfigError when the whole would not be valid */
export function withImage(file: string, text: string, { path }: Component, image: string): string {
  const after = editStackText(text, file, [{ kind: "set", path, value: image }]);
  parseStackFile(after, file);
  return after;
}

/** Writes an image into a stack file, all at once; a file that says it already is not touched. */
export function writeImage(file: string, component: Component, image: string): Written | undefined {
  const before = readFileText(file);
  const after = withImage(file, before, component, image);
  if (before === after) return undefined;
  replaceFileText(file, before, after);
  return { before, after };
}
