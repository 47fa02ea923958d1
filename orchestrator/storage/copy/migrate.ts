import { UserError } from "../../../stacks/errors";
import { STATES } from "../../tasks/states";
import type { Storage } from "../storage";
import { Copier, sumsOf } from "./copier";
import { identify, marksOf, write, writesOf, type Marks } from "./marks";
import type { Movable } from "./movable";
import { isEmpty } from "./pages";
import type { Sums } from "./sums";

/** What a migration is at. */
export type Phase = "copying" | "comparing" | "moving" | "moved";

export interface MigrationOptions {
  /** What people call both, as `filesystem ./data`. */
  from: string;
  to: string;
  /** Who does it; stands in the audit log. */
  by: string;
  now: () => number;
  signal?: AbortSignal;
  onProgress?: (phase: Phase, done: number, total: number) => void;
}

export interface Moved {
  sums: Sums;
  /** Milliseconds for which writes had to wait. */
  heldMs: number;
  /** Nothing was to be done: it had been moved before. */
  wasMoved: boolean;
}

/** How a target may be used. */
export type TargetState =
  /** Nothing is there. */
  | "empty"
  /** An earlier attempt's copy of this source. */
  | "begun"
  /** What this source was once moved from: it takes what has changed since. */
  | "former"
  /** All is there but for the last mark, or that too. */
  | "moved";

/**
 * @param of The source's, and the target's.
 * @throws UserError for a target that holds something else, and a source that is no last word
 */
export async function targetState(of: { source: Marks; target: Marks }, target: Storage): Promise<TargetState> {
  const { source, target: marks } = of;
  if (source.copy) throw new UserError(`the source is itself an unfinished copy of ${source.copy.from}`);
  if (source.moved) {
    if (source.moved.id === marks.id) return "moved";
    throw new UserError(`the source was moved to ${source.moved.to}, and is no longer the last word`);
  }
  if (marks.copy) {
    if (marks.copy.of === source.id) return "begun";
    throw new UserError(`the target is an unfinished copy of ${marks.copy.from}; choose another one`);
  }
  if (marks.moved && marks.moved.id === source.id) return "former";
  if (await isEmpty(target)) return "empty";
  throw new UserError("the target holds tasks of its own; choose one that is empty");
}

/**
 * Moves everything to another storage while the source is used: what is written meanwhile is copied again, until it is so
 * little that writes wait for it, a moment long. Then everybody works on the target, and the source says so.
 *
 * Killed at any moment, it goes on from what is there when it is called again; before its end the source is as it was.
 *
 * @param source In whose place the target is put.
 * @throws UserError when it cannot be done, and when the copy is not what was copied
 */
export async function migrate(source: Movable, target: Storage, options: MigrationOptions): Promise<Moved> {
  const { from, to, by, now, signal, onProgress } = options;
  const id = await identify(source);
  const marks = { source: await marksOf(source), target: await marksOf(target) };
  const state = await targetState(marks, target);
  // The target is worked on since: what the source has is older.
  if (state === "moved" && !marks.target.copy) return { sums: await sumsOf(source), heldMs: 0, wasMoved: true };
  if (state !== "moved") await write(target, [{ id: "copy", value: { of: id, from, at: now() } }]);
  const targetId = await identify(target);
  let phase: Phase = "copying";
  const changes = await source.track();
  const copier = new Copier(source, target, {
    reader: target,
    changes,
    ...(signal && { signal }),
    onProgress: (done, total) => onProgress?.(phase, done, total),
  });
  try {
    await copier.all();
    await copier.catchUp();
    phase = "comparing";
    refuse(await copier.compare(target));
    await copier.catchUp(async (tasks) => {
      refuse(await copier.compareSome(target, tasks));
    });
    phase = "moving";
    onProgress?.(phase, 0, 1);
    const began = performance.now();
    const goOn = await source.hold();
    try {
      refuse(await copier.compareSome(target, (await copier.changed()).tasks));
      await assertSameCounts(source, target);
      signal?.throwIfAborted();
      // From here on the target is the last word, and whoever comes back finishes this.
      await write(source.inner, [{ id: "moved", value: { id: targetId, to, at: now() } }]);
      const note = { at: now(), by, action: "storage.moved", why: `from ${from} to ${to}` };
      const documents = await writesOf(target, [{ id: "copy" }, { id: "moved" }]);
      if (documents.length > 0) await (await target.commit({ documents, audit: [note] })).durable;
      source.exchange(target);
      onProgress?.("moved", 1, 1);
      return { sums: copier.sums, heldMs: performance.now() - began, wasMoved: false };
    } finally {
      goOn();
    }
  } finally {
    source.untrack(changes);
  }
}

async function assertSameCounts(source: Storage, target: Storage): Promise<void> {
  const [ours, theirs] = [await source.counts(), await target.counts()];
  refuse(
    STATES.filter((state) => ours[state] !== theirs[state]).map(
      (state) => `${theirs[state]} ${state} tasks of ${ours[state]}`,
    ),
  );
}

function refuse(wrong: readonly string[]): void {
  if (wrong.length > 0) throw new UserError(`the copy is not what was copied: ${wrong.join("; ")}`);
}
