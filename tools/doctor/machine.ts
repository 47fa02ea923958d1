import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { cacheFolder, type Environment } from "../cache";
import { TOOL_NAMES, type ToolName } from "../catalog";
import { findTool } from "../find";
import { onPath } from "../go";

/** What is asked of a machine. */
export interface Machine {
  /** Version of the Node.js that runs this, without a `v`. */
  node: string;
  cores: number;
  /** Bytes. */
  memory: number;
  /** Bytes that may still be written to the user's cache folder. */
  disk: number;
  env: Environment;
  exists: (path: string) => boolean;
  /** Executables of this name on PATH. */
  onPath: (command: string) => string[];
  /** What a command prints; undefined when it is not there or fails. */
  says: (command: string, ...args: string[]) => string | undefined;
  /** Text of a file of this project; undefined when it is not there. */
  read: (file: string) => string | undefined;
  /** The pinned tools, and whether each is there. */
  tools: () => Promise<{ name: ToolName; found: boolean }[]>;
}

const LIMIT_MILLISECONDS = 20_000;

/** The machine that this runs on. @param project folder of this project */
export function thisMachine(project: string, env: Environment): Machine {
  return {
    node: process.versions.node,
    cores: availableParallelism(),
    memory: totalmem(),
    disk: freeBytes(cacheFolder(env)),
    env,
    exists: existsSync,
    onPath: (command) => onPath(command, env),
    says(command, ...args) {
      try {
        const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
        return execFileSync(command, args, { env, encoding: "utf8", stdio, timeout: LIMIT_MILLISECONDS });
      } catch {
        return undefined;
      }
    },
    read(file) {
      try {
        return readFileSync(join(project, file), "utf8");
      } catch {
        return undefined;
      }
    },
    tools: () => Promise.all(TOOL_NAMES.map(async (name) => ({ name, found: (await findTool(name, env)).found }))),
  };
}

/** On the disk of a folder, which need not be there yet. */
function freeBytes(folder: string): number {
  const there = existsSync(folder) ? folder : "/";
  const { bavail, bsize } = statfsSync(there);
  return bavail * bsize;
}
