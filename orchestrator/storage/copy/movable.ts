import { Refusal } from "../../tasks/errors";
import type { TaskState } from "../../tasks/states";
import type { Task, TaskHead } from "../../tasks/task";
import type { AuditEntry, AuditVerdict } from "../audit";
import type { Page, TaskQuery } from "../query";
import type { Commit, Committed, Document, Health, Loaded, LogLine, LogPage, Storage } from "../storage";
import { Changes } from "./changes";

/**
 * A storage that can be exchanged for another one while it is used: it notes what is written while it is copied, and lets
 * writes wait for the moment of the exchange.
 */
export class Movable implements Storage {
  /** Of what was opened: tokens that were given stay greater than those of every earlier session. */
  readonly session: number;
  readonly exclusive: boolean;
  readonly notices: readonly string[];
  private readonly trackers = new Set<Changes>();
  private held: Promise<void> | undefined;
  private readonly writing = new Set<Promise<unknown>>();
  /** Grows with each exchange: a log's cursor is that of one storage. */
  private generation = 0;

  constructor(private current: Storage) {
    ({ session: this.session, exclusive: this.exclusive, notices: this.notices } = current);
  }

  /** What is used at present. */
  get inner(): Storage {
    return this.current;
  }

  /** Notes from now on what is written. @returns once all that is written and was not noted can be read */
  async track(): Promise<Changes> {
    const changes = new Changes();
    this.trackers.add(changes);
    await Promise.allSettled(this.writing);
    return changes;
  }

  untrack(changes: Changes): void {
    this.trackers.delete(changes);
  }

  /** Lets writes wait, once those that have begun survive a crash. @returns what lets them go on */
  async hold(): Promise<() => void> {
    let release: () => void = () => undefined;
    this.held = new Promise((resolve) => (release = resolve));
    const goOn = () => {
      this.held = undefined;
      release();
    };
    try {
      await Promise.allSettled(this.writing);
      await (
        await this.current.commit({})
      ).durable;
    } catch (error) {
      goOn();
      throw error;
    }
    return goOn;
  }

  /** Uses another storage, that has the same. */
  exchange(other: Storage): void {
    this.current = other;
    this.generation++;
  }

  async commit(commit: Commit): Promise<Committed> {
    if (this.held) await this.held;
    return this.noted(this.current.commit(commit), (changes) => {
      changes.commit(commit);
    });
  }

  async appendLog(task: string, lines: readonly LogLine[]): Promise<void> {
    if (this.held) await this.held;
    await this.noted(this.current.appendLog(task, lines), (changes) => {
      changes.log(task);
    });
  }

  async flushLog(task: string): Promise<void> {
    await this.current.flushLog(task);
  }

  async readLog(task: string, { cursor, limit }: { cursor?: string; limit?: number } = {}): Promise<LogPage> {
    const from = cursor === undefined ? undefined : cursorOf(cursor);
    const isOurs = from?.generation === this.generation;
    // One of the storage before: so many lines are left out.
    const read = from && !isOurs ? await this.lineAt(task, from.lines) : { cursor: from?.inner };
    const page = await this.current.readLog(task, {
      ...(read.cursor !== undefined && { cursor: read.cursor }),
      ...(limit !== undefined && { limit }),
    });
    const lines = (from?.lines ?? 0) + page.lines.length;
    return { lines: page.lines, cursor: `${this.generation}.${lines}.${page.cursor}` };
  }

  task(id: string): Promise<Task | undefined> {
    return this.current.task(id);
  }

  tasksById(ids: readonly string[]): Promise<readonly (Task | undefined)[]> {
    return this.current.tasksById(ids);
  }

  taskByKey(key: string): Promise<Task | undefined> {
    return this.current.taskByKey(key);
  }

  isDurable(id: string): Promise<boolean> {
    return this.current.isDurable(id);
  }

  stateOf(id: string): Promise<TaskState | undefined> {
    return this.current.stateOf(id);
  }

  tasks(query: TaskQuery): Promise<Page> {
    return this.current.tasks(query);
  }

  unended(): AsyncIterable<TaskHead> {
    return this.current.unended();
  }

  counts(): Promise<Record<TaskState, number>> {
    return this.current.counts();
  }

  document(collection: string, id: string): Promise<Document | undefined> {
    return this.current.document(collection, id);
  }

  documents(collection: string): Promise<readonly Document[]> {
    return this.current.documents(collection);
  }

  collections(): Promise<readonly string[]> {
    return this.current.collections();
  }

  audit(options: { after: number; limit: number; task?: string }): Promise<readonly AuditEntry[]> {
    return this.current.audit(options);
  }

  verifyAudit(): Promise<AuditVerdict> {
    return this.current.verifyAudit();
  }

  load(records: Loaded): Promise<void> {
    return this.current.load(records);
  }

  health(): Health {
    return this.current.health();
  }

  async close(): Promise<void> {
    await this.current.close();
  }

  private async noted<T>(writing: Promise<T>, note: (changes: Changes) => void): Promise<T> {
    this.writing.add(writing);
    try {
      return await writing;
    } finally {
      // Noted once it can be read: who copies before that copies again.
      for (const changes of this.trackers) note(changes);
      this.writing.delete(writing);
    }
  }

  private async lineAt(task: string, lines: number): Promise<{ cursor?: string }> {
    let cursor: string | undefined;
    for (let left = lines; left > 0;) {
      const options = { limit: Math.min(left, 1000), ...(cursor !== undefined && { cursor }) };
      const page = await this.current.readLog(task, options);
      if (page.lines.length === 0) break;
      left -= page.lines.length;
      ({ cursor } = page);
    }
    return cursor === undefined ? {} : { cursor };
  }
}

function cursorOf(text: string): { generation: number; lines: number; inner: string } {
  const found = /^(?<generation>\d{1,9})\.(?<lines>\d{1,15})\.(?<inner>.+)$/.exec(text)?.groups;
  if (!found) throw new Refusal("invalid", "cursor: it is of no page before");
  return { generation: Number(found.generation), lines: Number(found.lines), inner: found.inner ?? "" };
}
