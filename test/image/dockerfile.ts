import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../cli/support";

/** One instruction of a Dockerfile, its lines joined. */
export interface Instruction {
  name: string;
  value: string;
}

/** One stage: what it is made from, and its instructions. */
export interface Stage {
  from: string;
  name: string | undefined;
  instructions: Instruction[];
}

/** The stages of the orchestrator's Dockerfile. */
export function stages(): Stage[] {
  const text = readFileSync(join(ROOT, "Dockerfile"), "utf8");
  const lines = text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter(Boolean);
  const found: Stage[] = [];
  for (const line of lines) {
    const [, name = "", value = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`no instruction: ${line}`);
    if (name === "FROM") {
      const [from = "", stage] = value.split(" AS ");
      found.push({ from, name: stage, instructions: [] });
    } else found.at(-1)?.instructions.push({ name, value: value.replaceAll(/\s+/g, " ") });
  }
  return found;
}

/** Values of an instruction in a stage. */
export function valuesOf(stage: Stage | undefined, name: string): string[] {
  return (stage?.instructions ?? []).filter((one) => one.name === name).map(({ value }) => value);
}

/** Whether a path at the top of the repository is in what Docker gets to see, by .dockerignore: all is out but what is named. */
export function isInContext(path: string): boolean {
  const [first, ...kept] = readFileSync(join(ROOT, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (first !== "*" || kept.some((line) => !line.startsWith("!"))) throw new Error("not everything is out at first");
  return kept.some((line) => new RegExp(`^${line.slice(1).replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(path));
}
