import { changed, headOf, type Task } from "../../tasks/task";
import type { Document } from "../storage";
import { changeOf, withChange, type TaskChange } from "./change";
import type { Log } from "./log";
import { NONE, placesOf, RECORD, type DocumentRow, type Place, type Put, type Removal, type Row } from "./segment";
import type { Table } from "./table";

/** Records that say only what has changed, behind one that says the whole task: reading it reads them all. */
const MOST_CHANGES = 8;
/** Bytes that are read of a file at once: tasks that follow each other stand there beside each other. */
const BLOCK = 16 * 1024;
/** Tasks kept in memory from their submission to their first run: they need not be read again. */
const YOUNG = 4096;
const YOUNG_BYTES = 4096;

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
}

/** The records in the log: writes them, and reads tasks from where the table says that they stand. */
export class Records {
  /** As written, until they can be read from the file. */
  private readonly unwritten = new Map<string, Task>();
  /** Those that have not changed since they were submitted, as many as there is room for. */
  private readonly young = new Map<string, Task>();
  private block: (Place & { data: Buffer }) | undefined;

  constructor(
    private readonly table: Table,
    private readonly log: Log,
  ) {}

  /**
   * @param later Nobody waits for it.
   * @param then Called once it is durable, before anybody who waits for it.
   * @returns when it is durable
   */
  write({ tasks, before, documents, removals, notes }: Writing, later: boolean, then?: () => void): Promise<void> {
    const lines: string[] = [];
    const isWhole: boolean[] = [];
    tasks.forEach((task, at) => {
      const was = before[at];
      const row = was && this.table.rows.get(task.id);
      const change = row && row.earlier.length < MOST_CHANGES ? changeOf(was, task) : undefined;
      isWhole.push(!change);
      lines.push(change ? RECORD.change + JSON.stringify(change) : RECORD.task + JSON.stringify(task));
    });
    for (const document of documents) lines.push(RECORD.document + JSON.stringify(document));
    for (const removed of removals) lines.push(RECORD.removal + JSON.stringify(removed));
    for (const note of notes) lines.push(RECORD.audit + note);
    const { segment, offsets, durable } = this.log.append(lines, {
      later,
      then: () => {
        for (const task of tasks) this.written(task);
        then?.();
      },
    });
    const place = (at: number): Place => {
      const offset = offsets[at] ?? 0;
      return { segment, offset, length: (offsets[at + 1] ?? 0) - offset - 1 };
    };
    // In the order of the lines.
    tasks.forEach((task, at) => {
      const row = isWhole[at] === true ? undefined : this.table.rows.get(task.id);
      const { offset, length } = place(at);
      this.put({ head: headOf(task), segment, offset, length, earlier: row ? placesOf(row) : NONE });
      this.unwritten.set(task.id, task);
      this.young.delete(task.id);
    });
    documents.forEach((document, at) => {
      this.put({ document, ...place(tasks.length + at) });
    });
    for (const removed of removals) {
      this.put({ removed });
      if ("task" in removed) this.young.delete(removed.task);
    }
    return durable;
  }

  /** Writes anew, as they are, those that still count; resolves once that is durable. */
  async rewrite(puts: readonly (Row | DocumentRow)[]): Promise<void> {
    const tasks: Task[] = [];
    const documents: Document[] = [];
    for (const put of puts) {
      const task = "head" in put ? this.read(put.head.id) : undefined;
      // One that is about to be written is another's, who ends with its being written.
      if (task) tasks.push(changed(task, {}));
      else if ("document" in put) documents.push(put.document);
    }
    await this.write({ tasks, before: [], documents, removals: [], notes: [] }, false);
  }

  /** Resolves once all that was written is durable. */
  async flush(): Promise<void> {
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

  private put(put: Put): void {
    this.table.put(put);
    this.table.touch(this.log.last, put);
  }

  private written(task: Task): void {
    if (this.unwritten.get(task.id) !== task) return;
    this.unwritten.delete(task.id);
    const row = this.table.rows.get(task.id);
    if (task.revision === 1 && row && row.length <= YOUNG_BYTES && this.young.size < YOUNG)
      this.young.set(task.id, task);
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
