import { Option } from "commander";
import { readRendered } from "../preview/rendered-folder";
import { renderedFolder } from "../preview/stack-location";
import type { Rendered } from "../preview/view";
import { UserError } from "../stacks/errors";
import { shortPath } from "./paths";

/** `--against FOLDER`: the render to compare with. */
export function againstOption(): Option {
  return new Option(
    "--against <folder>",
    "render to compare with, for example of the main branch (default: rendered/<stack> beside the stack file)",
  );
}

/**
 * The render that a stack is compared with: the folder that was named, else the one beside the stack file, if any.
 *
 * @throws UserError when the folder that was named holds no render.
 */
export function formerRender(file: string, stack: string, against: string | undefined): Rendered {
  const folder = against ?? renderedFolder(file, stack);
  const files = readRendered(folder);
  if (against !== undefined && (files === undefined || files.size === 0)) {
    throw new UserError(
      `${against} holds no render; write one there with: noetl-ops preview --stack-file ${shortPath(file)} --out ${against}`,
    );
  }
  return { name: shortPath(folder), files };
}
