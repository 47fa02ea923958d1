import { hostname } from "node:os";
import { existsProcess } from "../processes";
import type { OwnProcesses } from "./own-processes";
import { StackLocked, type StackLock } from "./stack-locks";

/** Milliseconds between two tries while somebody else holds a lock. */
const PAUSE = 3000;

/** Seconds that a lock is waited for. */
export const LOCK_SECONDS = 600;

/** What it takes to get past locks. */
export interface LockWorld {
  stack: string;
  own: OwnProcesses;
  /** Takes all locks of the stack away, as `pulumi cancel` does. */
  cancel: () => Promise<unknown>;
  wait: (milliseconds: number) => Promise<void>;
  /** Milliseconds that only grow. */
  elapsed: () => number;
  /** Hears once of each holder that is waited for, and of locks that are taken away. */
  onProgress: (line: string) => void;
}

/**
 * Does what needs the lock of a stack. A lock that a dead process of ours has left is taken away at once: as long as it
 * lies there nobody else gets one, so that `pulumi cancel` hits no other. All others are waited for and told, and never
 * taken away: a process of another machine may be alive.
 *
 * @param attempt Rejects with {@link StackLocked}, having done nothing, when there are locks.
 * @throws StackLocked when somebody holds a lock for too long; its message says who, and what to do
 */
export async function pastLocks<T>(attempt: () => Promise<T>, world: LockWorld): Promise<T> {
  const { stack, own, wait, elapsed, onProgress } = world;
  const end = elapsed() + LOCK_SECONDS * 1000;
  let told = "";
  for (;;) {
    try {
      const result = await attempt();
      own.forget();
      return result;
    } catch (error) {
      if (!(error instanceof StackLocked)) throw error;
      if (await takenAway(error, world)) continue;
      const said = holderOf(error, stack, own);
      if (elapsed() >= end) {
        error.message = `after ${LOCK_SECONDS / 60} min ${said}`;
        throw error;
      }
      if (said !== told) onProgress(`${said}; waiting`);
      told = said;
      await wait(PAUSE);
    }
  }
}

/** After a process of ours was killed: takes its lock away. @param probe Rejects with {@link StackLocked} when there are locks. */
export async function leaveNoLock(probe: () => Promise<unknown>, world: LockWorld): Promise<void> {
  try {
    await probe();
  } catch (error) {
    if (error instanceof StackLocked) await takenAway(error, world);
  }
}

/** Takes locks away that are all left over from processes of ours. */
async function takenAway({ locks, areAll }: StackLocked, { own, cancel, onProgress }: LockWorld): Promise<boolean> {
  if (!areAll || locks.length === 0 || !locks.every((lock) => own.isHolding(lock) === false)) return false;
  const giveBack = own.claim(locks);
  if (giveBack === undefined) return false;
  const names = locks.map(nameOf).join(" and of ");
  try {
    await cancel();
  } catch {
    giveBack();
    onProgress(`the lock of ${names}, which has ended, cannot be taken away`);
    return false;
  }
  onProgress(`the lock of ${names}, which was started here and has ended, is taken away`);
  return true;
}

/** Who is in the way, and what to do about it. */
function holderOf({ locks }: StackLocked, stack: string, own: OwnProcesses): string {
  const command = `pulumi cancel --stack ${stack}`;
  if (locks.length === 0) return `another update of stack ${stack} runs; if it was killed: ${command}`;
  const holders = locks.map((lock) => `${nameOf(lock)}, since ${lock.since}${doubtOf(lock, own)}`);
  const who = `the lock of stack ${stack} is held by ${holders.join(", and by ")}`;
  return locks.every((lock) => own.isHolding(lock) === true) ? who : `${who}; if that is gone for sure: ${command}`;
}

function doubtOf(lock: StackLock, own: OwnProcesses): string {
  if (lock.host !== hostname()) return "";
  if (own.isHolding(lock) === true) return " (started here)";
  return existsProcess(lock.pid) ? "" : " (not to be seen here: it may be in a container of the same name)";
}

function nameOf({ user, host, pid }: StackLock): string {
  return `${user}@${host} (process ${pid})`;
}
