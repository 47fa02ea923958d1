import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MILLISECONDS = 250;

/** What follows the name of a thing in the name of its draft; then comes the id of the process that makes it. */
export const DRAFT = ".draft-";

/**
 * Runs an action while this process holds a lock file. Waits while another living process holds it; takes over a lock
 * whose process is gone.
 *
 * Two processes that find the same abandoned lock at the same moment may both get it. What the lock guards must
 * therefore be safe to do twice; the lock only saves the work.
 *
 * @param file path of the lock file, in an existing folder
 * @param onWait called once with the holder's process id when there is a wait
 */
export async function withLock<T>(file: string, action: () => Promise<T>, onWait: (pid: number) => void): Promise<T> {
  const draft = `${file}${DRAFT}${process.pid}-${randomUUID()}`;
  writeFileSync(draft, `${process.pid} ${startOf(process.pid)}`);
  try {
    for (let waited = false; !tryLink(draft, file);) {
      const holder = holderOf(file);
      if (holder === undefined) {
        rmSync(file, { force: true });
        continue;
      }
      if (!waited) onWait(holder);
      waited = true;
      await delay(POLL_MILLISECONDS);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  try {
    return await action();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A link appears with its content at once, so that no one ever reads a lock without its holder. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The process that holds the lock, or undefined when it is gone. */
function holderOf(file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const [pid, start] = text.split(" ");
  return Number(pid) > 0 && isAlive(Number(pid)) && startOf(Number(pid)) === start ? Number(pid) : undefined;
}

/** @returns whether a process with this id runs */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process began, in clock ticks since boot, so that a reused id is not mistaken; empty where /proc is missing. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name may hold spaces and parentheses; the fields after it are plain.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
