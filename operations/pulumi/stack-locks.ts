/** A lock of a stack, as the CLI names it. */
export interface StackLock {
  /** Where it lies. */
  place: string;
  user: string;
  host: string;
  pid: number;
  /** When it was taken, as written. */
  since: string;
}

/** An operation that did not begin because of locks. */
export class StackLocked extends Error {
  override readonly name = "StackLocked";
  /** Those that the CLI names; Pulumi Cloud names none. */
  readonly locks: readonly StackLock[];
  /** Whether these are all there are. */
  readonly areAll: boolean;

  /** @param refusal What the CLI said. */
  constructor(refusal: string) {
    super("another update holds the lock of the stack");
    const named = refusal.matchAll(/(\S+): created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g);
    // The text may say everything twice.
    const byPlace = new Map<string, StackLock>();
    for (const [, place = "", user = "", host = "", pid, since = ""] of named)
      byPlace.set(place, { place, user, host, pid: Number(pid), since });
    this.locks = [...byPlace.values()];
    this.areAll = Number(/locked by (\d+) lock/.exec(refusal)?.[1]) === this.locks.length;
  }
}

/** Whether the CLI says that a lock is in its way. */
export function isLocked(text: string): boolean {
  return /currently locked by \d+ lock|Another update is currently in progress/.test(text);
}
