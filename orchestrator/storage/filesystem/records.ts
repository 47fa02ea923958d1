import { Refusal } from "../../tasks/errors";
import { changed, headOf, type Task, type TaskHead } from "../../tasks/task";
import type { Document } from "../storage";
import { changeOf, withChange, type TaskChange } from "./change";
import type { Log, Written } from "./log";
import { placesOf, RECORD, type DocumentRow, type Place, type Put, type Removal, type Row } from "./segment";
import type { Table } from "./table";

/** Records that say only what has changed, behind one that says the whole task: reading it reads them all. */
const MOST_CHANGES = 8;
/** Bytes that are read of a file at once: tasks that follow each other stand there beside each other. */
const BLOCK = 16 * 1024;
/** Tasks kept in memory from their submission to their first run: they need not be read again. */
const YOUNG = 4096;
const YOUNG_BYTES = 4096;

/** Milliseconds that what nobody waits for is held back, for others to come along. */
const LATER_MS = 2;

/** What is written together. */
export interface Writing {
  /** With a new revision. */
  tasks: readonly Task[];
  /** As they were read. */
  before: readonly (Task | undefined)[];
  documents: readonly Document[];
  removals: readonly Removal["removed"][];
  /** Audit notes as text. */
  notes: readonly string[];
  /** Called once it is durable, before anybody who waits for it. */
  then?: () => void;
}

/** A commit that does not stand in the log yet. */
interface Waiting {
  writing: Writing;
  /** Nobody waits for it. */
  later: boolean;
  settling: Settling;
}

/** A promise, and what settles it. */
interface Settling {
  promise: Promise<void>;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/**
 * The records in the log: writes them, and reads tasks from where the table says that they stand.
 *
 * Commits of one turn of the event loop are one frame, in which a task that was committed several times stands once: as
 * it is then, with all its moves. What a commit says is known at once.
 */
export class Records {
  /** As written, until they can be read from the file. */
  private readonly unwritten = new Map<string, Task>();
  /** Those that have not changed since they were submitted, as many as there is room for. */
  private readonly young = new Map<string, Task>();
  private block: (Place & { data: Buffer }) | undefined;
  /** In order. */
  private waiting: Waiting[] = [];
  /** Of all that somebody waits for. */
  private urgent: Settling | undefined;
  private later: NodeJS.Timeout | undefined;

  constructor(
    private readonly table: Table,
    private readonly log: Log,
  ) {}

  /**
   * What it says is known at once.
   *
   * @param later Nobody waits for it.
   * @returns the heads of its tasks, and when it is durable
   */
  write(writing: Writing, later: boolean): { heads: TaskHead[]; durable: Promise<void> } {
    const { tasks, documents, removals } = writing;
    const isPlain = documents.length + removals.length === 0;
    if (!isPlain) this.appendWaiting();
    const heads = tasks.map(headOf);
    for (const head of heads) this.table.know(head, this.log.last);
    for (const task of tasks) {
      this.unwritten.set(task.id, task);
      if (task.revision > 1) this.young.delete(task.id);
    }
    return { heads, durable: isPlain ? this.wait(writing, later) : this.append([writing]) };
  }

  /** Writes anew, as they are, those that still count; resolves once that is durable. */
  async rewrite(puts: readonly (Row | DocumentRow)[]): Promise<void> {
    this.appendWaiting();
    const tasks: Task[] = [];
    const documents: Document[] = [];
    for (const put of puts) {
      const task = "head" in put ? this.read(put.head.id) : undefined;
      // One that is about to be written is another's, who ends with its being written.
      if (task) tasks.push(changed(task, {}));
      else if ("document" in put) documents.push(put.document);
    }
    for (const task of tasks) this.unwritten.set(task.id, task);
    await this.append([{ tasks, before: [], documents, removals: [], notes: [] }]);
  }

  /** Resolves once all that was written is durable. */
  async flush(): Promise<void> {
    this.appendWaiting();
    await this.log.flush();
  }

  read(id: string): Task | undefined {
    const kept = this.unwritten.get(id) ?? this.young.get(id);
    const row = kept ? undefined : this.table.rows.get(id);
    if (!row) return kept;
    const [whole = row, ...changes] = row.earlier.length === 0 ? [] : placesOf(row);
    let task = JSON.parse(this.text(whole)) as Task;
    for (const place of changes) task = withChange(task, JSON.parse(this.text(place)) as TaskChange);
    return task;
  }

  /** Whether what is said of a task survives a crash. */
  isDurable(id: string): boolean {
    return !this.unwritten.has(id);
  }

  private wait(writing: Writing, later: boolean): Promise<void> {
    if (later) {
      this.later ??= setTimeout(() => {
        this.appendWaiting();
      }, LATER_MS);
      const one = settling();
      this.waiting.push({ writing, later, settling: one });
      return one.promise;
    }
    if (!this.urgent) {
      this.urgent = settling();
      setImmediate(() => {
        this.appendUrgent();
      });
    }
    this.waiting.push({ writing, later, settling: this.urgent });
    return this.urgent.promise;
  }

  /** What nobody waits for goes along where somebody waits for what is behind it; else what follows on it may come, too. */
  private appendUrgent(): void {
    this.appendWaiting(this.waiting.findLastIndex(({ later }) => !later) + 1);
    if (this.log.isFull) this.appendWaiting();
  }

  /** Appends what waits, as far as it is asked for. */
  appendWaiting(count = this.waiting.length): void {
    const waiting = this.waiting.splice(0, count);
    if (waiting.length === 0) return;
    if (this.waiting.length === 0) {
      clearTimeout(this.later);
      this.later = undefined;
    }
    this.urgent = undefined;
    const settlings = new Set(waiting.map(({ settling: one }) => one));
    const { state, reason = "" } = this.log.health();
    if (state === "broken") {
      for (const { reject } of settlings) reject(new Refusal("storage-broken", reason));
      return;
    }
    this.append(waiting.map(({ writing }) => writing)).then(
      () => {
        for (const { resolve } of settlings) resolve();
      },
      (error: unknown) => {
        for (const { reject } of settlings) reject(error);
      },
    );
  }

  /** Appends commits as one frame. */
  private append(writings: readonly Writing[]): Promise<void> {
    const changes = changesOf(writings);
    const lines: Written[] = [];
    const rows = changes.map(({ task, before }) => {
      const row = this.table.rows.get(task.id);
      const change = before && row && row.earlier.length < MOST_CHANGES ? changeOf(before, task) : undefined;
      lines.push(
        change
          ? { letter: RECORD.change, text: JSON.stringify(change) }
          : { letter: RECORD.task, text: JSON.stringify(task) },
      );
      return { row, isWhole: !change };
    });
    const documents = writings.flatMap((writing) => writing.documents);
    const removals = writings.flatMap((writing) => writing.removals);
    for (const document of documents) lines.push({ letter: RECORD.document, text: JSON.stringify(document) });
    for (const removed of removals) lines.push({ letter: RECORD.removal, text: JSON.stringify(removed) });
    for (const { notes } of writings) for (const text of notes) lines.push({ letter: RECORD.audit, text });
    const { segment, offsets, durable } = this.log.append(lines, this.whenDurable(changes, writings));
    const place = (at: number): Place => {
      const offset = offsets[at] ?? 0;
      return { segment, offset, length: (offsets[at + 1] ?? 0) - offset - 1 };
    };
    // In the order of the lines.
    rows.forEach(({ row, isWhole }, at) => {
      if (row) this.table.moved(row, place(at), isWhole);
    });
    documents.forEach((document, at) => {
      this.put({ document, ...place(changes.length + at) });
    });
    for (const removed of removals) {
      this.put({ removed });
      if ("task" in removed) this.young.delete(removed.task);
    }
    // A file ends where nothing waits: what is known of its tasks then stands in it.
    if (this.waiting.length === 0) this.log.endFile();
    return durable;
  }

  /** What is to be done then. It keeps no more than it needs: thousands wait for the disk. */
  private whenDurable(changes: readonly { task: Task }[], writings: readonly Writing[]): () => void {
    const tasks = changes.map(({ task }) => task);
    const thens = writings.map(({ then }) => then);
    return () => {
      for (const task of tasks) this.written(task);
      for (const then of thens) then?.();
    };
  }

  private put(put: Put): void {
    this.table.put(put);
    this.table.touch(this.log.last, put);
  }

  private written(task: Task): void {
    if (this.unwritten.get(task.id) !== task) return;
    this.unwritten.delete(task.id);
    if (task.revision > 1 || this.young.size >= YOUNG) return;
    const row = this.table.rows.get(task.id);
    if (row && row.length <= YOUNG_BYTES) this.young.set(task.id, task);
  }

  /** A record without its letter. */
  private text({ segment, offset, length }: Place): string {
    const { block } = this;
    if (block?.segment === segment && block.offset <= offset && offset + length <= block.offset + block.length) {
      const begin = offset - block.offset;
      return block.data.toString("utf8", begin + 1, begin + length);
    }
    const data = segment.file?.read(offset, Math.max(length, Math.min(BLOCK, segment.durable - offset)));
    if (!data) throw new Error("a record that can be read stands in a file");
    this.block = { segment, offset, length: data.length, data };
    return data.toString("utf8", 1, length);
  }
}

/** What is to be written of each task: several commits of one are one change. */
function changesOf(writings: readonly Writing[]): { task: Task; before: Task | undefined }[] {
  const changes = new Map<string, { task: Task; before: Task | undefined }>();
  for (const { tasks, before } of writings) {
    tasks.forEach((task, at) => {
      const earlier = changes.get(task.id);
      if (earlier) earlier.task = task;
      else changes.set(task.id, { task, before: before[at] });
    });
  }
  return [...changes.values()];
}

function settling(): Settling {
  let resolve: () => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  // Nobody may wait for it.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
