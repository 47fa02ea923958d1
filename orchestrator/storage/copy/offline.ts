import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { PassThrough, type Readable } from "node:stream";
import { createGzip, type Gzip } from "node:zlib";
import { UserError } from "../../../stacks/errors";
import { readOnlyFiles } from "../filesystem/read-only";
import { openStorage } from "../open";
import type { Storage } from "../storage";
import { writeBackup } from "./backup";
import { marksOf } from "./marks";
import { migrate, targetState, type MigrationOptions, type Moved, type TargetState } from "./migrate";
import { Movable } from "./movable";
import { countOf } from "./pages";
import { erase, isThere, nameOf, type Place } from "./places";
import { restore } from "./restore";
import type { Sums } from "./sums";
import { validate, type Validated } from "./validate";

export type Progress = (what: string, done: number, total: number) => void;
type Common = Pick<MigrationOptions, "by" | "now"> & { onProgress: Progress };

/** What a migration would do. */
export interface Plan {
  from: string;
  to: string;
  target: TargetState;
  tasks: number;
  auditEntries: number;
}

/** Moves everything between two places that no service works in. @throws UserError as `migrate`, and for no source */
export async function migrateOffline(from: Place, to: Place, common: Common): Promise<Moved> {
  assertTwo(from, to);
  return opening((opened) => move(opened, [from, to], common));
}

async function move(opened: Opened, [from, to]: readonly [Place, Place], common: Common): Promise<Moved> {
  await opened.look(from);
  const [source, target] = [await opened.get(from), await opened.get(to)];
  return migrate(new Movable(source), target, { ...common, from: nameOf(from), to: nameOf(to) });
}

/** Says what `migrateOffline` would do; changes nothing in a folder. @throws UserError where that would be refused */
export async function planOffline(from: Place, to: Place): Promise<Plan> {
  assertTwo(from, to);
  return opening((opened) => plan(opened, from, to));
}

async function plan(opened: Opened, from: Place, to: Place): Promise<Plan> {
  const source = await opened.look(from);
  const marks = await marksOf(source);
  const there = (await isThere(to)) ? await opened.look(to) : undefined;
  const target = there ? await targetState({ source: marks, target: await marksOf(there) }, there) : "empty";
  const audit = await source.verifyAudit();
  if (!audit.whole) throw new UserError(`the audit log is broken at entry ${audit.at}: ${audit.reason}`);
  const tasks = await countOf(source);
  return { from: nameOf(from), to: nameOf(to), target, tasks, auditEntries: audit.entries };
}

/**
 * Undoes a migration: takes an unfinished copy away; or moves everything back with what has been done since.
 *
 * @returns undefined when a copy was taken away
 */
export async function rollBack(from: Place, to: Place, common: Common): Promise<Moved | undefined> {
  assertTwo(from, to);
  return opening(async (opened) => {
    const { id, moved } = await marksOf(await opened.look(from));
    if (!(await isThere(to))) throw new UserError(`nothing is to be undone: there is nothing in ${nameOf(to)}`);
    const target = await marksOf(await opened.look(to));
    if (moved) {
      if (moved.id !== target.id) throw new UserError(`it was moved to ${moved.to}, and not to ${nameOf(to)}`);
      // Killed between the last two marks: the copy is whole.
      if (target.copy) await move(opened, [from, to], common);
      return move(opened, [to, from], common);
    }
    if (target.copy?.of !== id || id === undefined) {
      throw new UserError(`nothing is to be undone: what is in ${nameOf(to)} is no copy of ${nameOf(from)}`);
    }
    // Nobody else has it open: who has would write on.
    await opened.get(to);
    await opened.close(to);
    await erase(to);
    return undefined;
  });
}

/**
 * Looks at everything; a folder stays as it is, with what a crash has left.
 *
 * @param to Whether it could be moved there, too.
 */
export async function validateOffline(
  place: Place,
  to: Place | undefined,
  onProgress: Progress,
): Promise<Validated & { notices: readonly string[]; plan?: Plan }> {
  return opening(async (opened) => {
    const storage = await opened.look(place);
    const found = await validate(storage, (done, total) => {
      onProgress("checking", done, total);
    });
    return { ...found, notices: storage.notices, ...(to && { plan: await plan(opened, place, to) }) };
  });
}

/** Writes a backup to a file that only its owner may read; a crash leaves no half of one. */
export async function backUpOffline(
  place: Place,
  file: string,
  { now, onProgress }: Omit<Common, "by">,
): Promise<Sums> {
  return opening(async (opened) => {
    await opened.look(place);
    return backUp(new Movable(await opened.get(place)), file, now, (done, total) => {
      onProgress("copying", done, total);
    });
  });
}

export async function restoreOffline(file: string, to: Place, { onProgress, ...common }: Common): Promise<Sums> {
  return opening(async (opened) =>
    restore(file, await opened.get(to), {
      ...common,
      onProgress: (done, total) => {
        onProgress("restoring", done, total);
      },
    }),
  );
}

async function backUp(
  source: Movable,
  file: string,
  now: () => number,
  onProgress: (done: number, total: number) => void,
): Promise<Sums> {
  const lines = new PassThrough();
  const failed = new AbortController();
  const written = keep(file, lines, createGzip());
  written.catch((error: unknown) => {
    failed.abort(error);
  });
  try {
    const sums = await writeBackup(source, lines, { now, onProgress, signal: failed.signal });
    lines.end();
    await written;
    return sums;
  } catch (error) {
    const reason: unknown = failed.signal.aborted ? failed.signal.reason : error;
    lines.destroy(reason as Error);
    await written.catch(() => undefined);
    throw reason;
  }
}

/** Writes a file that only its owner may read, whole or not at all. @throws UserError when it cannot be written */
export async function keep(file: string, content: Readable, ...through: Gzip[]): Promise<void> {
  const part = `${file}.part`;
  try {
    await rm(part, { force: true });
    await pipeline([content, ...through, createWriteStream(part, { mode: 0o600, flush: true })]);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw new UserError(`cannot write ${file}: ${(error as Error).message}`);
  }
}

function assertTwo(from: Place, to: Place): void {
  if (nameOf(from) === nameOf(to)) throw new UserError(`source and target are both ${nameOf(from)}; name two`);
}

/** Storages of places, each opened once: SurrealDB's engine lets go of a folder with the process only. */
class Opened {
  private readonly storages = new Map<string, Promise<Storage>>();

  /** @throws UserError for a place that a service works in */
  async get(place: Place): Promise<Storage> {
    const name = nameOf(place);
    const storage = this.storages.get(name) ?? openStorage(place);
    this.storages.set(name, storage);
    return storage;
  }

  /** For reading only, where that can be. @throws UserError where there is none */
  async look(place: Place): Promise<Storage> {
    if (!(await isThere(place)))
      throw new UserError(`there is no storage ${nameOf(place)}; name another --from or --source-dir`);
    if (place.kind !== "filesystem") return this.get(place);
    const name = `look ${nameOf(place)}`;
    const options = { files: readOnlyFiles(), reserveBytes: 0 };
    const storage = this.storages.get(name) ?? openStorage(place, options);
    this.storages.set(name, storage);
    return storage;
  }

  async close(place: Place): Promise<void> {
    const storage = await this.storages.get(nameOf(place));
    this.storages.delete(nameOf(place));
    await storage?.close();
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.storages.values()].map(async (storage) => (await storage).close()));
  }
}

async function opening<T>(use: (opened: Opened) => Promise<T>): Promise<T> {
  const opened = new Opened();
  try {
    return await use(opened);
  } finally {
    await opened.closeAll();
  }
}
