import { Refusal } from "../../tasks/errors";
import { hasEnded, type TaskState } from "../../tasks/states";
import { changed, type Task } from "../../tasks/task";
import { auditLine } from "../audit";
import type { Commit, DocumentWrite } from "../storage";
import { auditPlace, type Meta, placeIn, rowOf, type TaskRow } from "./tables";

/** What commits are about, as it is stored. */
export interface Facts {
  meta: Meta;
  tasks: ReadonlyMap<string, Pick<TaskRow, "revision" | "state" | "key">>;
  /** Task of each key. */
  keys: ReadonlyMap<string, string>;
  /** Revision of each document, by its place. */
  documents: ReadonlyMap<string, number>;
}

/** A document as it is stored; its value is JSON. */
export interface DocumentRow {
  place: string;
  collection: string;
  document: string;
  revision: number;
  value: string;
}

export interface AuditRow {
  n: number;
  task?: string;
  place?: string;
  hash: string;
  text: string;
}

/** What was decided on one commit. */
export interface Decided {
  tasks: readonly Task[];
  firstAudit: number;
}

type Known = Pick<TaskRow, "revision" | "state" | "key">;

/** Commits that are decided one after the other, and written together. */
export class Decisions {
  readonly meta: Meta;
  readonly rows = new Map<string, TaskRow | undefined>();
  readonly documents = new Map<string, DocumentRow | undefined>();
  readonly audit: AuditRow[] = [];
  private readonly tasks: Map<string, Known>;
  private readonly keys: Map<string, string>;
  private readonly revisions: Map<string, number>;

  constructor(facts: Facts) {
    this.meta = { ...facts.meta, version: facts.meta.version + 1, counts: { ...facts.meta.counts } };
    this.tasks = new Map(facts.tasks);
    this.keys = new Map(facts.keys);
    this.revisions = new Map(facts.documents);
  }

  /** Whether a task was there before all of these. */
  static isNew(facts: Facts, id: string): boolean {
    return !facts.tasks.has(id);
  }

  /** @throws Refusal when its conditions do not hold; nothing of it is then written */
  take(commit: Commit): Decided {
    this.refuse(commit);
    return this.write(commit);
  }

  private refuse({ tasks = [], removed = [], documents = [] }: Commit): void {
    const keys = new Set<string>();
    for (const { id, revision, key } of tasks) {
      const found = this.tasks.get(id);
      if ((found?.revision ?? 0) !== revision) throw conflict(`task ${id}`, revision, found?.revision);
      if (revision > 0 || key === undefined) continue;
      const other = keys.has(key) ? id : this.keys.get(key);
      if (other !== undefined) throw new Refusal("key-reused", `key ${key}: another task has it`, { id: other });
      keys.add(key);
    }
    for (const { id, revision } of removed) {
      const found = this.tasks.get(id);
      if (found?.revision !== revision) throw conflict(`task ${id}`, revision, found?.revision);
      const { state } = found;
      if (!hasEnded(state)) throw new Refusal("wrong-state", `task ${id} is ${state}`, { id, state });
    }
    for (const { collection, id, revision } of documents) {
      const found = this.revisions.get(placeIn(collection, id));
      if ((found ?? 0) !== revision) throw conflict(`${collection} ${id}`, revision, found);
    }
  }

  private write({ tasks = [], removed = [], documents = [], audit = [] }: Commit): Decided {
    const { meta } = this;
    const written = tasks.map((task) => {
      const next = changed(task, { revision: task.revision + 1 });
      if (task.revision === 0) next.seq = ++meta.seq;
      this.put(rowOf(next));
      return next;
    });
    for (const { id } of removed) this.remove(id);
    for (const document of documents) this.putDocument(document);
    const firstAudit = meta.audit + 1;
    for (const { at, by, action, task, from, to, why } of audit) {
      const n = ++meta.audit;
      const text = JSON.stringify({ n, at, by, action, task, from, to, why });
      const { hash } = auditLine(meta.hash, text);
      meta.hash = hash;
      this.audit.push({ n, hash, text, ...(task !== undefined && { task, place: placeIn(task, auditPlace(n)) }) });
    }
    return { tasks: written, firstAudit };
  }

  private put(row: TaskRow): void {
    this.count(this.tasks.get(row.task)?.state, row.state);
    this.tasks.set(row.task, row);
    if (row.key !== undefined) this.keys.set(row.key, row.task);
    this.rows.set(row.task, row);
  }

  private remove(id: string): void {
    const known = this.tasks.get(id);
    this.count(known?.state, undefined);
    this.tasks.delete(id);
    if (known?.key !== undefined) this.keys.delete(known.key);
    this.rows.set(id, undefined);
  }

  private count(before: TaskState | undefined, after: TaskState | undefined): void {
    if (before) this.meta.counts[before]--;
    if (after) this.meta.counts[after]++;
  }

  private putDocument({ collection, id, revision, value }: DocumentWrite): void {
    const place = placeIn(collection, id);
    if (value === undefined) {
      this.documents.set(place, undefined);
      this.revisions.delete(place);
      return;
    }
    const row = { place, collection, document: id, revision: revision + 1, value: JSON.stringify(value) };
    this.documents.set(place, row);
    this.revisions.set(place, row.revision);
  }
}

function conflict(what: string, revision: number, found: number | undefined): Refusal {
  return new Refusal("conflict", `${what}: revision ${revision} was read, and ${found ?? "none"} is there`);
}
