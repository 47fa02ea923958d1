import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAlive, markOf, type ProcessMark } from "../processes";
import type { StackLock } from "./stack-locks";

/**
 * The processes of the CLI that we have started for a stack. Each is noted in a folder, so that also a later run knows
 * which ones were ours: the number of a process alone proves nothing, because a lock may come from a container with the
 * same host name, and a number is given again.
 */
export class OwnProcesses {
  /** @param folder Of this stack only; made when it is needed. */
  constructor(private readonly folder: string) {}

  /** Notes a process that has just started; it is on the disk when this returns. */
  note(pid: number): void {
    this.write(markOf(pid));
  }

  /** Whether one of ours holds a lock, and is alive; undefined when it is not ours, or nobody can tell. */
  isHolding({ host, pid }: StackLock): boolean | undefined {
    const mark = this.read(String(pid));
    return mark?.host === host && host === hostname() ? isAlive(mark) : undefined;
  }

  /** Forgets those that have ended, none of which has left a lock. */
  forget(): void {
    if (!existsSync(this.folder)) return;
    for (const name of readdirSync(this.folder)) {
      const mark = this.read(name);
      if (mark === undefined || isAlive(mark) === false) rmSync(join(this.folder, name), { force: true });
    }
  }

  /**
   * Takes the right to take locks of dead processes away: one alone can have it, so that nobody takes away what another
   * has locked anew after it did.
   *
   * @returns what gives the right back; undefined when another was quicker
   */
  claim(locks: readonly StackLock[]): (() => void) | undefined {
    const claimed: ProcessMark[] = [];
    const giveBack = (): void => {
      for (const mark of claimed) this.write(mark);
    };
    for (const { pid } of locks) {
      const mark = this.read(String(pid));
      try {
        unlinkSync(join(this.folder, String(pid)));
      } catch {
        giveBack();
        return undefined;
      }
      if (mark) claimed.push(mark);
    }
    return giveBack;
  }

  private write(mark: ProcessMark): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = openSync(join(this.folder, String(mark.pid)), "w", 0o600);
    try {
      writeSync(file, JSON.stringify(mark));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  private read(name: string): ProcessMark | undefined {
    try {
      const mark = JSON.parse(readFileSync(join(this.folder, name), "utf8")) as Partial<ProcessMark> | null;
      const { pid, host, started } = mark ?? {};
      return pid === undefined || host === undefined || started === undefined
        ? undefined
        : { ...mark, pid, host, started };
    } catch {
      return undefined;
    }
  }
}
