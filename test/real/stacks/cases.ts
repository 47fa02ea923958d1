import { join } from "node:path";
import { projectFolder } from "../../../preview/project-folder";
import { stackFile, stacksOf } from "../../../preview/stack-location";
import { readEngineConfig } from "../../../stacks/config/engine";
import { readStackFile, type StackSettings } from "../../../stacks/config/stack-file";
import { PROJECT } from "../../../stacks/schema";
import { type Corner, CORNERS } from "./corners";

/** A configuration that is put through the real consumers. */
export interface Case {
  name: string;
  /** Whether to ask everything about the rights of its accounts, which takes seconds. */
  inFull: boolean;
  settings: StackSettings;
}

/** Every stack file of the project, its examples, and the corners of what one may say. */
export function allCases(): Case[] {
  const project = projectFolder();
  return [
    ...casesIn(project, true),
    ...casesIn(join(project, "examples"), false),
    ...CORNERS.map((corner) => ({
      name: corner.name,
      inFull: corner.inFull === true,
      settings: settingsOf(corner),
    })),
  ];
}

/** The stack files of a folder. */
export function casesIn(folder: string, inFull: boolean): Case[] {
  return stacksOf(folder).map((stack) => ({ name: stack, inFull, settings: readStackFile(stackFile(folder, stack)) }));
}

/** A corner, read and checked as the program reads what the engine hands to it. */
function settingsOf({ name, config }: Corner): StackSettings {
  const keyed = Object.entries(config).map(([section, value]) => [`${PROJECT}:${section}`, value] as const);
  const entries = keyed.map(
    ([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  return {
    stack: name,
    file: `${name} of corners.ts`,
    config: readEngineConfig({
      stack: name,
      entries: Object.fromEntries(entries),
      secretKeys: new Set([`${PROJECT}:secrets`, `${PROJECT}:tls`]),
    }),
  };
}
