import { Refusal } from "../../tasks/errors";
import type { Json } from "../../tasks/json";
import { hasEnded, STATES, type TaskState } from "../../tasks/states";
import { headOf, type Task, type TaskHead } from "../../tasks/task";
import { ChainCheck, type AuditEntry, type AuditVerdict } from "../audit";
import type { Page, TaskQuery } from "../query";
import type { Commit, Committed, Document, Health, Loaded, LogLine, LogPage, Storage } from "../storage";
import { Commits, metaOf, records } from "./commits";
import { Away, contended, type Database } from "./database";
import type { AuditRow, DocumentRow } from "./decide";
import { load } from "./load";
import {
  auditPlace,
  grouped,
  LISTED,
  type ListedRow,
  OPEN_STATES,
  rowMatches,
  SCHEMA,
  step,
  type TaskRow,
  type Walk,
  walks,
} from "./tables";
import { firstMeta, nextSession } from "./session";
import { TaskLogs } from "./task-logs";
import { Term, type TermAsked } from "./term";

/** Records that a list reads at once. */
const STEP = 500;

export interface SurrealOptions {
  /** Taken where others could have the database, too. Default: this process alone has it. */
  term?: TermAsked;
  notices?: readonly string[];
}

/** Tasks in SurrealDB: in this process, or on a server that several orchestrators share. */
export class SurrealStorage implements Storage {
  private readonly commits: Commits;
  private readonly logs: TaskLogs;
  private closed: Promise<void> | undefined;
  private broken: string | undefined;

  private constructor(
    private readonly database: Database,
    readonly session: number,
    /** Undefined: nobody else can have the database open. */
    readonly term: Term | undefined,
    readonly notices: readonly string[],
  ) {
    this.commits = new Commits(database, session, !this.exclusive);
    this.logs = new TaskLogs(database, session);
    term?.onLost((why) => {
      this.broken ??= `SurrealDB: ${why}`;
      this.commits.giveUp(why);
    });
  }

  /** @throws UserError for tables of another release; Held while another has its term */
  static async open(database: Database, { term, notices = [] }: SurrealOptions = {}): Promise<SurrealStorage> {
    await prepare(database);
    const session = await contended(async () => nextSession(database, term));
    return new SurrealStorage(database, session, term && new Term(database, session, term.ms), notices);
  }

  get exclusive(): boolean {
    return this.term === undefined;
  }

  async commit(commit: Commit): Promise<Committed> {
    const { away } = this.database;
    const isNew = commit.tasks?.some(({ revision }) => revision === 0) === true;
    if (away !== undefined && isNew && !this.closed)
      throw new Refusal("storage-away", `no new task at present: ${away}`);
    try {
      const { tasks, firstAudit } = await this.commits.commit(commit);
      return { tasks, heads: tasks.map(headOf), firstAudit, durable: Promise.resolve() };
    } catch (error) {
      if (error instanceof Refusal) throw error;
      this.broken ??= reasonOf(error);
      throw new Refusal("storage-broken", this.broken);
    }
  }

  async task(id: string): Promise<Task | undefined> {
    return (await this.tasksById([id]))[0];
  }

  async tasksById(ids: readonly string[]): Promise<readonly (Task | undefined)[]> {
    const rows = await this.records<TaskRow>("task", "task, body", ids);
    const found = new Map(rows.map(({ task, body }) => [task, JSON.parse(body) as Task]));
    return ids.map((id) => found.get(id));
  }

  async taskByKey(key: string): Promise<Task | undefined> {
    const [rows] = await this.query("SELECT body FROM task WHERE key = $key", { key });
    const [found] = rows as TaskRow[];
    return found && (JSON.parse(found.body) as Task);
  }

  async stateOf(id: string): Promise<TaskState | undefined> {
    return (await this.records<TaskRow>("task", "state", [id]))[0]?.state;
  }

  /** What can be read was committed, and is synced. */
  isDurable(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async tasks(query: TaskQuery): Promise<Page> {
    const { first = "newest", limit = 100, cursor } = query;
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) {
      throw new Refusal("invalid", "cursor: it is of no page before");
    }
    const ways = walks(query, first, cursor === undefined ? undefined : Number(cursor));
    // One more than asked for tells whether there is another page.
    const listed: ListedRow[] = [];
    for (const way of ways) {
      let left = limit + 1;
      for await (const row of this.walk<ListedRow>("task", LISTED, way, Math.min(STEP, limit + 1))) {
        if (!rowMatches(row, query)) continue;
        listed.push(row);
        if (--left === 0) break;
      }
    }
    listed.sort((a, b) => (a.oldest < b.oldest ? -1 : 1) * (first === "oldest" ? 1 : -1));
    const page = listed.slice(0, limit);
    const tasks = (await this.tasksById(page.map(({ task }) => task))).filter((task) => task !== undefined);
    const last = page.at(-1);
    return listed.length > limit && last ? { tasks, cursor: String(Number(last.oldest)) } : { tasks };
  }

  async *unended(): AsyncGenerator<TaskHead> {
    const ids: { task: string; oldest: string }[] = [];
    for (const way of walks({ states: OPEN_STATES }, "oldest", undefined)) {
      for await (const row of this.walk<ListedRow>("task", "task, oldest", way)) ids.push(row);
    }
    ids.sort((a, b) => (a.oldest < b.oldest ? -1 : 1));
    for (let at = 0; at < ids.length; at += STEP) {
      const tasks = await this.tasksById(ids.slice(at, at + STEP).map(({ task }) => task));
      for (const task of tasks) if (task && !hasEnded(task.state)) yield headOf(task);
    }
  }

  async counts(): Promise<Record<TaskState, number>> {
    const meta = await this.reading(async () => metaOf(this.database));
    return Object.fromEntries(STATES.map((state) => [state, meta?.counts[state] ?? 0])) as Record<TaskState, number>;
  }

  async document(collection: string, id: string): Promise<Document | undefined> {
    const [row] = await this.records<DocumentRow>("document", "*", [grouped("", collection, id).after]);
    return row && documentOf(row);
  }

  async documents(collection: string): Promise<readonly Document[]> {
    const found: Document[] = [];
    for await (const row of this.walk<DocumentRow>("document", "*", grouped("place", collection, ""))) {
      found.push(documentOf(row));
    }
    return found;
  }

  async collections(): Promise<readonly string[]> {
    const [rows] = await this.query("SELECT collection FROM document GROUP BY collection", {});
    return (rows as DocumentRow[]).map(({ collection }) => collection);
  }

  async appendLog(task: string, lines: readonly LogLine[]): Promise<void> {
    await this.logs.append(task, lines);
  }

  async flushLog(): Promise<void> {
    await this.logs.flush();
  }

  async readLog(task: string, { cursor, limit = 1000 }: { cursor?: string; limit?: number } = {}): Promise<LogPage> {
    return this.reading(async () => this.logs.read(task, cursor, limit));
  }

  async audit({ after, limit, task }: { after: number; limit: number; task?: string }): Promise<readonly AuditEntry[]> {
    if (task === undefined) {
      const text = `SELECT n, hash, text FROM audit WHERE n > $after ORDER BY n LIMIT ${limit}`;
      const [rows] = await this.query(text, { after });
      return (rows as AuditRow[]).map(entryOf);
    }
    const way = grouped("place", task, auditPlace(after));
    const [rows] = await this.query(step("audit", "hash, text", way, limit), { ...way });
    return (rows as AuditRow[]).map(entryOf);
  }

  async verifyAudit(): Promise<AuditVerdict> {
    const check = new ChainCheck();
    for (let after = 0; ;) {
      const text = `SELECT n, hash, text FROM audit WHERE n > $after ORDER BY n LIMIT ${STEP}`;
      const rows = (await this.query(text, { after }))[0] as AuditRow[];
      for (const { n, hash, text } of rows) {
        if (!check.take(`${hash} ${text}`)) return check.verdict();
        after = n;
      }
      if (rows.length < STEP) return check.verdict();
    }
  }

  async load(records: Loaded): Promise<void> {
    if (this.closed) throw new Refusal("closed", "the storage is closed");
    await contended(async () => load(this.database, records, this.term && this.session));
  }

  health(): Health {
    if (this.broken !== undefined) return { state: "broken", reason: this.broken };
    const { away } = this.database;
    return away === undefined || this.closed ? { state: "ok" } : { state: "away", reason: away };
  }

  async close(): Promise<void> {
    this.closed ??= this.end();
    await this.closed;
  }

  private async end(): Promise<void> {
    await this.commits.close();
    await this.logs.close();
    await this.term?.end();
    await this.database.close();
  }

  /** Records along a way, as they are when it comes to them. */
  private async *walk<T>(table: string, fields: string, way: Walk, limit = STEP): AsyncGenerator<T> {
    let { after } = way;
    for (;;) {
      const [rows] = await this.query(step(table, fields, way, limit), { after, before: way.before });
      for (const row of rows as Record<string, string>[]) {
        after = row[way.field] ?? after;
        yield row as T;
      }
      if ((rows as unknown[]).length < limit) return;
    }
  }

  private async records<T>(table: string, fields: string, ids: readonly string[]): Promise<T[]> {
    return this.reading(async () => records<T>(this.database, table, fields, ids));
  }

  private async query(text: string, values: Record<string, unknown>): Promise<unknown[]> {
    return this.reading(async () => this.database.query(text, values));
  }

  /** Reads once more when the connection had gone unnoticed. */
  private async reading<T>(read: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof Away)) throw error;
        if (attempt === 2) throw new Refusal("storage-away", error.message);
      }
    }
  }
}

/** Makes tables where there are none. @throws UserError for tables of another release */
export async function prepare(database: Database): Promise<void> {
  await contended(async () => {
    await database.query(SCHEMA);
    await firstMeta(database);
  });
}

function documentOf({ collection, document, revision, value }: DocumentRow): Document {
  return { collection, id: document, revision, value: JSON.parse(value) as Json };
}

function entryOf({ hash, text }: AuditRow): AuditEntry {
  return { ...(JSON.parse(text) as Omit<AuditEntry, "hash">), hash };
}

function reasonOf(error: unknown): string {
  return `SurrealDB: ${error instanceof Error ? error.message : String((error as { message?: unknown }).message ?? error)}`;
}
