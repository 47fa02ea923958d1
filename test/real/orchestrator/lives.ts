import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";
import { ROOT } from "../../cli/support";

/** Bundles a program beside this file: it starts at once. */
export function bundled(entry: string, outfile: string): void {
  buildSync({
    entryPoints: [join(__dirname, entry)],
    bundle: true,
    platform: "node",
    outfile,
    external: ["surrealdb", "ws"],
  });
}

/** What the process has said over all its lives. */
export class Heard {
  readonly acknowledged = new Set<number>();
  readonly ended = new Set<number>();
  /** Begun after their end had been reported. */
  readonly again: number[] = [];
  readonly errors: string[] = [];
  lines = 0;

  take(line: string): void {
    this.lines++;
    const [word, text] = line.split(" ");
    const n = Number(text);
    if (word === "A") this.acknowledged.add(n);
    else if (word === "C" || word === "F") this.ended.add(n);
    else if (word === "R" && this.ended.has(n)) this.again.push(n);
    else if (word === "error") this.errors.push(line);
  }

  /** The first task that was not answered: those before it are known to be stored. */
  get next(): number {
    let n = 0;
    while (this.acknowledged.has(n)) n++;
    return n;
  }
}

/**
 * One life of a process.
 *
 * @param killAfter So many lines; where it is negative, so many milliseconds; undefined: it ends by itself.
 */
export async function live(
  heard: Heard,
  args: string[],
  killAfter: number | undefined,
  more: Record<string, string> = {},
): Promise<number | null> {
  const env = { PATH: process.env.PATH, NODE_PATH: join(ROOT, "node_modules"), ...more };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  let left = killAfter ?? Infinity;
  createInterface({ input: child.stdout }).on("line", (line) => {
    heard.take(line);
    if (left-- === 0) child.kill("SIGKILL");
  });
  // Before its first line, that is while it reads the log.
  if (killAfter !== undefined && killAfter < 0) setTimeout(() => child.kill("SIGKILL"), -killAfter);
  return exited;
}
