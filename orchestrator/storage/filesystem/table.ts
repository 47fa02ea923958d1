import { hasEnded, type TaskState } from "../../tasks/states";
import type { TaskHead } from "../../tasks/task";
import type { Document } from "../storage";
import { newSegment, NONE, placesOf, type DocumentRow, type Place, type Put, type Removal } from "./segment";
import type { Row, Segment } from "./segment";

/** Which record is the last word on each task and document, in memory. */
export class Table {
  readonly rows = new Map<string, Row>();
  readonly counts: Record<TaskState, number> = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
  /** The greatest place in the order of submission that was given. */
  lastSeq = 0;
  private readonly byKey = new Map<string, string>();
  private readonly collections = new Map<string, Map<string, DocumentRow>>();
  /** Ids by `seq`; those of tasks that are gone stay until half of it is. */
  private order: { seq: number; id: string }[] = [];
  private sorted = true;

  /** What a task is, before its record is written. */
  know(head: TaskHead, segment: Segment): Row {
    this.counts[head.state]++;
    const known = this.rows.get(head.id);
    if (known) {
      this.counts[known.head.state]--;
      known.head = head;
      return known;
    }
    const row = { head, segment, offset: 0, length: 0, earlier: NONE };
    this.insert(row);
    return row;
  }

  /** Where the last record of a task stands that is known. @param isWhole It says the whole task. */
  moved(row: Row, { segment, offset, length }: Place, isWhole: boolean): void {
    segment.live += length;
    if (isWhole) release(row);
    row.earlier = isWhole ? NONE : placesOf(row);
    row.segment = segment;
    row.offset = offset;
    row.length = length;
    segment.touched.tasks.add(row.head.id);
  }

  put(put: Put): void {
    if ("head" in put) this.putTask(put);
    else if ("document" in put) this.putDocument(put);
    else this.remove(put.removed);
  }

  /** A segment says something of what a put is about. */
  touch({ touched }: Segment, put: Put): void {
    const name = "document" in put ? put.document : "removed" in put && "id" in put.removed ? put.removed : undefined;
    if (name) touched.documents.set(`${name.collection} ${name.id}`, { collection: name.collection, id: name.id });
    else if ("head" in put) touched.tasks.add(put.head.id);
    else if ("removed" in put && "task" in put.removed) touched.tasks.add(put.removed.task);
  }

  taskIdOfKey(key: string): string | undefined {
    return this.byKey.get(key);
  }

  document(collection: string, id: string): DocumentRow | undefined {
    return this.collections.get(collection)?.get(id);
  }

  documents(collection: string): Document[] {
    return [...(this.collections.get(collection)?.values() ?? [])].map(({ document }) => document);
  }

  collectionNames(): string[] {
    return [...this.collections].flatMap(([name, documents]) => (documents.size > 0 ? [name] : []));
  }

  /** Heads of all that have not ended, by submission. */
  unended(): TaskHead[] {
    const heads: TaskHead[] = [];
    let isSorted = true;
    for (const { head } of this.rows.values()) {
      if (hasEnded(head.state)) continue;
      isSorted &&= (heads.at(-1)?.seq ?? 0) < head.seq;
      heads.push(head);
    }
    return isSorted ? heads : heads.sort((a, b) => a.seq - b.seq);
  }

  /** Heads by submission, oldest or newest first, beginning behind a place. */
  *heads(first: "oldest" | "newest", behind?: number): Generator<TaskHead> {
    this.sort();
    const { order } = this;
    const step = first === "oldest" ? 1 : -1;
    let at = first === "oldest" ? this.positionOf((behind ?? 0) + 1) : this.positionOf(behind ?? Infinity) - 1;
    for (; at >= 0 && at < order.length; at += step) {
      const row = this.rows.get(order[at]?.id ?? "");
      if (row) yield row.head;
    }
  }

  /** The last word on all that a segment says something of, before a later one says more. */
  putsOf({ touched: { tasks, documents } }: Segment): Put[] {
    const puts: Put[] = [];
    for (const id of tasks) {
      const row = this.rows.get(id);
      puts.push(row ? { ...row } : { removed: { task: id } });
    }
    for (const { collection, id } of documents.values())
      puts.push(this.document(collection, id) ?? { removed: { collection, id } });
    return puts;
  }

  /** Nothing more comes into a segment. */
  end(segment: Segment): void {
    segment.puts = this.putsOf(segment);
    segment.touched = newSegment(segment.number).touched;
  }

  /** Whether a segment still has something that counts of what a put is about. */
  isIn(segment: Segment, put: Row | DocumentRow): boolean {
    if ("document" in put) {
      return this.document(put.document.collection, put.document.id)?.segment === segment;
    }
    const row = this.rows.get(put.head.id);
    return row !== undefined && (row.segment === segment || row.earlier.some((place) => place.segment === segment));
  }

  private putTask(row: Row): void {
    const { head } = row;
    const before = this.rows.get(head.id);
    row.segment.live += row.length;
    this.counts[head.state]++;
    if (before) {
      if (row.earlier.length === 0) release(before);
      this.counts[before.head.state]--;
      before.head = head;
      before.segment = row.segment;
      before.offset = row.offset;
      before.length = row.length;
      before.earlier = row.earlier;
    } else this.insert(row);
  }

  private insert(row: Row): void {
    const { id, seq, key } = row.head;
    this.rows.set(id, row);
    if (key !== undefined) this.byKey.set(key, id);
    this.sorted &&= (this.order.at(-1)?.seq ?? 0) < seq;
    this.order.push({ seq, id });
    this.lastSeq = Math.max(this.lastSeq, seq);
  }

  private putDocument(row: DocumentRow): void {
    const { collection, id } = row.document;
    const documents = this.collections.get(collection) ?? new Map<string, DocumentRow>();
    const before = documents.get(id);
    if (before) before.segment.live -= before.length;
    row.segment.live += row.length;
    this.collections.set(collection, documents.set(id, row));
  }

  private remove(removed: Removal["removed"]): void {
    if ("task" in removed) {
      const row = this.rows.get(removed.task);
      if (!row) return;
      release(row);
      this.counts[row.head.state]--;
      this.rows.delete(removed.task);
      if (row.head.key !== undefined) this.byKey.delete(row.head.key);
      if (this.order.length > 1000 && this.order.length > 2 * this.rows.size) {
        this.order = this.order.filter(({ id }) => this.rows.has(id));
      }
    } else {
      const row = this.document(removed.collection, removed.id);
      if (!row) return;
      row.segment.live -= row.length;
      this.collections.get(removed.collection)?.delete(removed.id);
    }
  }

  /** Moved records come after younger ones when a log is read; one that was removed and loaded again is there twice. */
  private sort(): void {
    if (!this.sorted) {
      this.order.sort((a, b) => a.seq - b.seq);
      this.order = this.order.filter(({ seq }, at, all) => seq !== all[at - 1]?.seq);
    }
    this.sorted = true;
  }

  /** Position of the first task with at least this `seq`. */
  private positionOf(seq: number): number {
    let [low, high] = [0, this.order.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.order[middle]?.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A task's records no longer count. */
function release({ segment, length, earlier }: Row): void {
  segment.live -= length;
  for (const place of earlier) place.segment.live -= place.length;
}
