import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { UserError } from "../../../stacks/errors";
import { isCode, type Files } from "./files";

/** Milliseconds between two signs of life in the lock. */
const BEAT_MS = 5000;

/** Who has a folder. */
export interface Holder {
  pid: number;
  host: string;
  /** When the process and its machine started: a number that comes again is then another's. */
  started: string;
}

/** Tells of processes; a test has its own. */
export interface Processes {
  self(): Promise<Holder>;
  /** Whether a process of this machine is alive, and the one that is meant; undefined when nobody can tell. */
  isAlive(holder: Holder): Promise<boolean | undefined>;
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
  holder: Holder | undefined,
  processes: Processes,
  watch: number,
): Promise<boolean> {
  const alive = holder && (await processes.isAlive(holder));
  if (alive !== undefined) return !alive;
  const before = await files.changed(path);
  await new Promise((resolve) => setTimeout(resolve, watch));
  return (await files.changed(path)) === before;
}

function holderOf(text: string): Holder | undefined {
  try {
    const { pid, host, started } = JSON.parse(text) as Partial<Holder>;
    return pid !== undefined && host !== undefined && started !== undefined ? { pid, host, started } : undefined;
  } catch {
    return undefined;
  }
}

const realProcesses: Processes = {
  self: async () => ({ pid: process.pid, host: hostname(), started: (await startOf(process.pid)) ?? "unknown" }),
  async isAlive({ pid, host, started }) {
    const self = await this.self();
    // The same name with another start of the machine may be another machine.
    if (host !== self.host || bootOf(started) !== bootOf(self.started)) return undefined;
    try {
      process.kill(pid, 0);
    } catch (error) {
      if (isCode(error, "ESRCH")) return false;
      if (!isCode(error, "EPERM")) throw error;
    }
    return started === "unknown" || (await startOf(pid)) === started;
  },
};

/** `boot/ticks`: the machine's start and the process's after it; undefined where the system does not tell. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name before it may have blanks and brackets.
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return ticks === undefined ? undefined : `${boot}/${ticks}`;
  } catch {
    return undefined;
  }
}

function bootOf(started: string): string {
  return started.split("/")[0] ?? started;
}
