import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { loadMap } from "../../preview/lazy";
import { loadPlatform } from "../../preview/load-platform";
import { withProgress } from "../../preview/progress";
import { projectFolder } from "../../preview/project-folder";
import { stackFile } from "../../preview/stack-location";
import { UserError } from "../../stacks/errors";

interface GraphOptions {
  stack: string;
  stackFile?: string;
  format: "svg";
  out?: string;
}

/**
 * `noetl-ops graph`: a platform as a picture.
 *
 * @param load Renders a stack file; tests give their own.
 */
export function graphCommand(load: typeof loadPlatform = loadPlatform): Command {
  return new Command("graph")
    .description("Draw a platform: its components, what is in them, and what needs what.")
    .addOption(new Option("--stack <name>", "stack of the project").default("kind"))
    .addOption(new Option("--stack-file <file>", "any other stack file, also outside the project").conflicts("stack"))
    .addOption(new Option("--format <format>", "what to make").choices(["svg"]).default("svg"))
    .option("--out <file>", "write it into a file instead of printing it")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops graph --format svg > platform.svg     a picture of kind for a document
  noetl-ops graph --stack gke --out gke.svg       of gke, into a file

Nothing of it holds a secret value.
Exit codes: 0 drawn, 1 a stack file has problems or the file cannot be written, 2 wrong usage.`,
    )
    .action(async (options: GraphOptions) => {
      const file = options.stackFile ?? stackFile(projectFolder(), options.stack);
      const { graph } = await withProgress(process.stderr, `rendering ${file}`, () => load(file));
      put(loadMap().graphPicture(graph), options.out);
    });
}

function put(text: string, out: string | undefined): void {
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(out, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot write ${out}: ${reason}; name a file in a folder that exists`);
  }
  process.stdout.write(`wrote ${out}\n`);
}
