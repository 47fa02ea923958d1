import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../stacks/errors";

const STACK_FILE = /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/;

/** Names of all stacks that have a file in the project folder, sorted. */
export function stacksOf(project: string): string[] {
  return readdirSync(project)
    .flatMap((name) => STACK_FILE.exec(name)?.[1] ?? [])
    .sort();
}

/**
 * The stack file of a stack.
 *
 * @throws UserError when the project has no such stack, naming those it has.
 */
export function stackFile(project: string, stack: string): string {
  const name = `Pulumi.${stack}.yaml`;
  const file = join(project, name);
  if (STACK_FILE.test(name) && existsSync(file)) return file;
  const stacks = stacksOf(project);
  const known = stacks.length === 0 ? "there is none" : `there are: ${stacks.join(", ")}`;
  throw new UserError(`there is no stack '${stack}' (${known}); name one of them, or a file with --stack-file`);
}

/** The folder of a stack's committed render: `rendered/STACK` beside the stack file. */
export function renderedFolder(file: string, stack: string): string {
  return join(dirname(file), "rendered", stack);
}
