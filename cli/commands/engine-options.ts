import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import { projectFolder } from "../../preview/project-folder";
import { UserError } from "../../stacks/errors";

/** What work is done with, and on which stacks, as the options say it. */
export interface EngineOptions {
  project?: string;
  engine: "offline" | "pulumi";
  allowStack: string[];
}

/** Adds options for what work is done with. */
export function engineOptions(command: Command): Command {
  return command
    .option("--project <folder>", "folder of the stack files (default: this project)")
    .addOption(
      new Option("--engine <engine>", "offline previews only; pulumi runs the CLI on PATH, as whoever is logged in")
        .choices(["offline", "pulumi"])
        .default("offline"),
    )
    .addOption(
      new Option("--allow-stack <pattern>", "stacks that may be worked on, as 'dev-*'; may be repeated")
        .argParser((name: string, names: string[]) => [...names, name])
        .default([], "all"),
    );
}

/** @throws UserError for a project that is not there */
export function engineSettings({ project = projectFolder(), engine, allowStack }: EngineOptions): {
  project: string;
  engine: "offline" | "pulumi";
  allowed: readonly string[] | undefined;
} {
  if (!existsSync(project)) throw new UserError(`there is no folder ${project}; name one with --project`);
  return { project, engine, allowed: allowStack.length === 0 ? undefined : allowStack };
}
