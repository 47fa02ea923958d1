import { join } from "node:path";
import { isAlive, markOf, type ProcessMark } from "../../../operations/processes";
import { UserError } from "../../../stacks/errors";
import type { Files } from "./files";

/** Milliseconds between two signs of life in the lock. */
const BEAT_MS = 5000;

/** Tells of processes; a test has its own. */
export interface Processes {
  self(): Promise<ProcessMark>;
  /** Whether a process of this machine is alive, and the one that is meant; undefined when nobody can tell. */
  isAlive(holder: ProcessMark): Promise<boolean | undefined>;
}

/** The lock of a folder: one process at a time. */
export class FolderLock {
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly files: Files,
    private readonly path: string,
    private readonly text: string,
  ) {}

  /**
   * @param watch Milliseconds for which another machine's lock must not move before it counts as left behind.
   * @throws UserError when another process has the folder
   */
  static async take(
    files: Files,
    folder: string,
    { processes = realProcesses, watch = 3 * BEAT_MS }: { processes?: Processes; watch?: number } = {},
  ): Promise<{ lock: FolderLock; notices: string[] }> {
    const path = join(folder, "lock");
    const self = await processes.self();
    const text = `${JSON.stringify(self)}\n`;
    const notices: string[] = [];
    while (!(await files.writeNew(path, text))) {
      const found = (await files.read(path))?.toString();
      if (found === undefined) continue;
      const holder = holderOf(found);
      const told = holder ? `process ${holder.pid} on ${holder.host}` : "an unreadable lock";
      if (!(await isLeft(files, path, holder, processes, watch))) {
        throw new UserError(
          `${folder}: ${told} has this folder; stop it first, or give this one another --data-dir. ` +
            `If that process is gone for sure, remove ${path}`,
        );
      }
      notices.push(`lock: ${told} ended without letting go of the folder`);
      // Only what was judged is taken away: another process may have been quicker.
      if ((await files.read(path))?.toString() === found) await files.remove(path);
    }
    const lock = new FolderLock(files, path, text);
    lock.timer = setInterval(() => void lock.beat(), BEAT_MS).unref();
    return { lock, notices };
  }

  /** Whether the folder is still this process's. */
  async isHeld(): Promise<boolean> {
    return (await this.files.read(this.path))?.toString() === this.text;
  }

  async release(): Promise<void> {
    clearInterval(this.timer);
    if (await this.isHeld()) await this.files.remove(this.path);
  }

  private async beat(): Promise<void> {
    // A full disk costs the sign of life, not the lock.
    if (await this.isHeld()) await this.files.touch(this.path).catch(() => undefined);
  }
}

/** Whether nobody lives behind a lock. */
async function isLeft(
  files: Files,
  path: string,
  holder: ProcessMark | undefined,
  processes: Processes,
  watch: number,
): Promise<boolean> {
  const alive = holder && (await processes.isAlive(holder));
  if (alive !== undefined) return !alive;
  const before = await files.changed(path);
  await new Promise((resolve) => setTimeout(resolve, watch));
  return (await files.changed(path)) === before;
}

function holderOf(text: string): ProcessMark | undefined {
  try {
    const mark = JSON.parse(text) as Partial<ProcessMark>;
    const { pid, host, started } = mark;
    return pid !== undefined && host !== undefined && started !== undefined
      ? { ...mark, pid, host, started }
      : undefined;
  } catch {
    return undefined;
  }
}

const realProcesses: Processes = {
  self: () => Promise.resolve(markOf(process.pid)),
  isAlive: (holder) => Promise.resolve(isAlive(holder)),
};
