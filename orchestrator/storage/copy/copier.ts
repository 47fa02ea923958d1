import { UserError } from "../../../stacks/errors";
import type { Task } from "../../tasks/task";
import { CHAIN_START, type AuditVerdict } from "../audit";
import type { Document, Storage } from "../storage";
import { placeOf, type Changes } from "./changes";
import { OWN } from "./marks";
import { countOf, pagesOf } from "./pages";
import { documentDigest, lineDigest, NO_LINES, sumOf, taskDigest, type Sums } from "./sums";

/** Records that are read and written at once. */
const PAGE = 250;
const LINES = 1000;
/** Differences that are told. */
const TOLD = 10;
/** Changes that are so few that writes may wait for them. */
const FEW = 50;
/** Rounds after which they wait for more: whoever writes faster than it is copied is not followed forever. */
const MOST_ROUNDS = 20;

/** What a copy is written to. */
export type Target = Pick<Storage, "load" | "appendLog" | "flushLog">;

export interface CopyOptions {
  /** The target, where it can be read: what it has already is not written again, and what was written is compared. */
  reader?: Storage;
  /** What is written to the source meanwhile. */
  changes?: Changes;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** A log as far as it was copied. */
interface Copied {
  lines: number;
  digest: string;
  /** Of the source. */
  cursor?: string;
}

/** Copies a storage. What was copied is known by its digests, so that it can be compared without the source. */
export class Copier {
  private readonly tasks = new Map<string, string>();
  private readonly logs = new Map<string, Copied>();
  private readonly documents = new Map<string, string>();
  private audited = { n: 0, hash: CHAIN_START };

  constructor(
    private readonly source: Storage,
    private readonly target: Target,
    private readonly options: CopyOptions = {},
  ) {}

  get sums(): Sums {
    const lines = [...this.logs.values()].reduce((all, log) => all + log.lines, 0);
    return {
      tasks: sumOf(this.tasks),
      lines: sumOf(new Map([...this.logs].flatMap(([id, log]) => (log.lines > 0 ? [[id, log.digest]] : []))), lines),
      documents: sumOf(this.documents),
      audit: { count: this.audited.n, sha256: this.audited.hash },
    };
  }

  /** Everything that the target does not have, or has otherwise. */
  async all(): Promise<void> {
    const { source, options } = this;
    await this.target.load({ session: source.session });
    if (options.reader) await this.removeStrangers(options.reader);
    const total = await countOf(source);
    let done = 0;
    for await (const tasks of pagesOf(source)) {
      await this.copyTasks(tasks);
      done += tasks.length;
      options.onProgress?.(done, Math.max(done, total));
    }
    for (const collection of await source.collections()) await this.copyDocuments(await source.documents(collection));
    await this.copyAudit();
  }

  /** What has changed since. @returns ids of the tasks, and places of the documents */
  async changed(): Promise<{ tasks: string[]; documents: { collection: string; id: string }[] }> {
    const { source, options } = this;
    const tasks = options.changes?.takeTasks() ?? [];
    const documents = options.changes?.takeDocuments() ?? [];
    await this.removeTasks(options.changes?.takeRemoved() ?? []);
    for (let at = 0; at < tasks.length; at += PAGE) {
      const ids = tasks.slice(at, at + PAGE);
      const found = await source.tasksById(ids);
      await this.removeTasks(ids.filter((_, of) => !found[of]));
      await this.copyTasks(found.filter((task) => task !== undefined));
    }
    const found = await Promise.all(documents.map(({ collection, id }) => source.document(collection, id)));
    await this.copyDocuments(found.filter((document) => document !== undefined));
    const gone = documents.filter((_, at) => !found[at]);
    if (gone.length > 0) await this.target.load({ gone });
    for (const { collection, id } of gone) this.documents.delete(placeOf({ collection, id }));
    await this.copyAudit();
    return { tasks, documents };
  }

  /**
   * Copies what has changed since, until it is so little that writes may wait for the rest.
   *
   * @param copied Hears of the tasks of each round.
   */
  async catchUp(copied?: (tasks: readonly string[]) => Promise<void>): Promise<void> {
    const { changes } = this.options;
    for (let round = 0; changes && changes.size > FEW && round < MOST_ROUNDS; round++) {
      const { tasks } = await this.changed();
      await copied?.(tasks);
    }
  }

  /** Compares all that the target holds with what was copied. @returns what is not as it was copied */
  async compare(reader: Storage): Promise<string[]> {
    const wrong: string[] = [];
    let tasks = 0;
    for await (const page of pagesOf(reader)) {
      tasks += page.length;
      wrong.push(...(await Promise.all(page.map((task) => this.wrongIn(task.id, task, reader)))).flat());
      this.options.onProgress?.(tasks, Math.max(tasks, this.tasks.size));
      this.options.signal?.throwIfAborted();
      if (wrong.length >= TOLD) break;
    }
    if (wrong.length === 0 && tasks !== this.tasks.size) wrong.push(`${tasks} tasks of ${this.tasks.size}`);
    let documents = 0;
    for (const collection of await reader.collections()) {
      if (collection === OWN) continue;
      for (const document of await reader.documents(collection)) {
        documents++;
        const known = this.documents.get(placeOf({ collection, id: document.id }));
        if (known !== documentDigest(document)) wrong.push(`${collection} ${document.id}`);
      }
    }
    if (documents !== this.documents.size) wrong.push(`${documents} documents of ${this.documents.size}`);
    const audit = await reader.verifyAudit();
    if (!audit.whole) wrong.push(`audit entry ${audit.at}: ${audit.reason}`);
    else if (lastOf(audit) !== this.audited.n || (this.audited.n > 0 && audit.hash !== this.audited.hash)) {
      wrong.push(`the audit log ends with entry ${lastOf(audit)} of ${this.audited.n}, or another one`);
    }
    return wrong.slice(0, TOLD);
  }

  /** Compares some tasks, as `compare`. */
  async compareSome(reader: Storage, ids: readonly string[]): Promise<string[]> {
    const found = await reader.tasksById(ids);
    const wrong = await Promise.all(ids.map((id, at) => this.wrongIn(id, found[at], reader)));
    return wrong.flat().slice(0, TOLD);
  }

  private async wrongIn(id: string, task: Task | undefined, reader: Storage): Promise<string[]> {
    const wrong = this.tasks.get(id) === (task && taskDigest(task)) ? [] : [`task ${id}`];
    if (!task) return wrong;
    const { lines, digest } = await readWhole(reader, id);
    const known = this.logs.get(id) ?? { lines: 0, digest: NO_LINES };
    if (lines !== known.lines || digest !== known.digest) wrong.push(`the log of task ${id}`);
    return wrong;
  }

  /** What the target has of an earlier attempt, and the source no longer has. */
  private async removeStrangers(reader: Storage): Promise<void> {
    for await (const page of pagesOf(reader)) {
      const ids = page.map(({ id }) => id);
      const found = await this.source.tasksById(ids);
      await this.removeTasks(ids.filter((_, at) => !found[at]));
    }
    for (const collection of await reader.collections()) {
      if (collection === OWN) continue;
      const known = new Set((await this.source.documents(collection)).map(({ id }) => id));
      const gone = (await reader.documents(collection)).filter(({ id }) => !known.has(id));
      if (gone.length > 0) await this.target.load({ gone });
    }
    const theirs = await reader.verifyAudit();
    if (!theirs.whole) throw new UserError(`the target's audit log is broken at entry ${theirs.at}: ${theirs.reason}`);
    const last = lastOf(theirs);
    if (last === 0) return;
    const [ours] = await this.source.audit({ after: last - 1, limit: 1 });
    if (ours?.n !== last || ours.hash !== theirs.hash) {
      throw new UserError("the target's audit log goes on otherwise than the source's: something was done in both");
    }
    this.audited = { n: last, hash: theirs.hash };
  }

  private async copyTasks(tasks: readonly Task[]): Promise<void> {
    const { reader, signal, changes } = this.options;
    signal?.throwIfAborted();
    // One that was forgotten may have left its key to one of these.
    await this.removeTasks(changes?.takeRemoved() ?? []);
    const fresh = tasks.filter(({ id }) => !this.tasks.has(id));
    const there = new Map(
      reader
        ? (await reader.tasksById(fresh.map(({ id }) => id))).flatMap((task) => (task ? [[task.id, task]] : []))
        : [],
    );
    const different = tasks.filter((task) => {
      const known = there.get(task.id);
      return (known ? taskDigest(known) : this.tasks.get(task.id)) !== taskDigest(task);
    });
    // Before their logs: where a task is not there, its log is not either.
    if (different.length > 0) await this.target.load({ tasks: different });
    for (const task of tasks) this.tasks.set(task.id, taskDigest(task));
    // All at once: each waits for the disk only.
    await Promise.all(tasks.map((task) => this.copyLog(task, there.has(task.id))));
  }

  /** @param mayBeThere Of an earlier attempt, or a part of it. */
  private async copyLog(task: Task, mayBeThere: boolean): Promise<void> {
    const { id } = task;
    const { reader } = this.options;
    const there = mayBeThere && reader ? await readWhole(reader, id) : { lines: 0, digest: NO_LINES };
    let isSame = there.lines === 0;
    const log = this.logs.get(id) ?? { lines: 0, digest: NO_LINES };
    let written = false;
    for (;;) {
      const from = log.cursor === undefined ? {} : { cursor: log.cursor };
      const { lines, cursor } = await this.source.readLog(id, { ...from, limit: LINES });
      const more = lines.filter((line) => {
        log.lines++;
        log.digest = lineDigest(log.digest, line);
        if (log.lines === there.lines) isSame = log.digest === there.digest;
        return log.lines > there.lines;
      });
      log.cursor = cursor;
      if (more.length > 0 && !isSame) break;
      if (more.length > 0) await this.target.appendLog(id, more);
      written ||= more.length > 0;
      if (lines.length < LINES) break;
    }
    if (!isSame) {
      // What the source has lost in a crash was copied before it: all anew.
      await this.target.load({ removed: [id] });
      await this.target.load({ tasks: [task] });
      this.logs.delete(id);
      await this.copyLog(task, false);
      return;
    }
    this.logs.set(id, log);
    if (written) await this.target.flushLog(id);
  }

  private async copyDocuments(documents: readonly Document[]): Promise<void> {
    const theirs = documents.filter(({ collection }) => collection !== OWN);
    if (theirs.length > 0) await this.target.load({ documents: theirs });
    for (const one of theirs) this.documents.set(placeOf(one), documentDigest(one));
  }

  private async copyAudit(): Promise<void> {
    for (;;) {
      const audit = await this.source.audit({ after: this.audited.n, limit: LINES });
      const [first, last] = [audit[0], audit.at(-1)];
      if (first && first.n !== this.audited.n + 1) {
        throw new UserError(
          `the audit log begins at entry ${first.n}: put back what was archived away, so that the chain stays whole`,
        );
      }
      if (last) await this.target.load({ audit });
      if (last) this.audited = { n: last.n, hash: last.hash };
      if (audit.length < LINES) return;
      this.options.signal?.throwIfAborted();
    }
  }

  private async removeTasks(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.target.load({ removed: ids });
    for (const id of ids) {
      this.tasks.delete(id);
      this.logs.delete(id);
    }
  }
}

/** Number of the last entry of a chain that is whole. */
function lastOf({ entries, after }: Extract<AuditVerdict, { whole: true }>): number {
  return (after?.n ?? 0) + entries;
}

/** What a storage holds. */
export async function sumsOf(storage: Storage): Promise<Sums> {
  const nowhere = {
    load: () => Promise.resolve(),
    appendLog: () => Promise.resolve(),
    flushLog: () => Promise.resolve(),
  };
  const copier = new Copier(storage, nowhere);
  await copier.all();
  return copier.sums;
}

async function readWhole(storage: Storage, id: string): Promise<{ lines: number; digest: string }> {
  let [lines, digest] = [0, NO_LINES];
  for (let cursor: string | undefined; ;) {
    const page = await storage.readLog(id, { limit: LINES, ...(cursor !== undefined && { cursor }) });
    lines += page.lines.length;
    for (const line of page.lines) digest = lineDigest(digest, line);
    if (page.lines.length < LINES) return { lines, digest };
    ({ cursor } = page);
  }
}
