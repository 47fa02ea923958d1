import { Option } from "commander";
import { projectFolder } from "../preview/project-folder";
import { stackFile } from "../preview/stack-location";

/**
 * The stack file that a command is about: that of `--stack-file`, else that of the project's stack.
 *
 * @throws UserError when the project has no such stack, naming those it has
 */
export function chosenFile({ stack, stackFile: file }: { stack: string; stackFile?: string | undefined }): string {
  return file ?? stackFile(projectFolder(), stack);
}

/** `--stack-file FILE` of a command that is about one stack. */
export function stackFileOption(): Option {
  return new Option("--stack-file <file>", "any other stack file, also outside the project").conflicts("stack");
}
