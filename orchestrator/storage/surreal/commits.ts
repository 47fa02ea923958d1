import { Refusal } from "../../tasks/errors";
import type { Commit } from "../storage";
import { Away, Contended, type Database, Deposed, MOVED } from "./database";
import { type Decided, Decisions, type Facts } from "./decide";
import { grouped, type Meta, placeIn, type TaskRow } from "./tables";

/** Tasks of one transaction, at most: a longer one holds up the others, and SurrealDB keeps it in memory. */
const LARGEST = 500;
/** Records that one statement reads. */
const READ_AT_ONCE = 250;
/** A transaction that is refused this often meets more than others' commits. */
const MOST_ATTEMPTS = 1000;
const PAUSE_MS = { contended: 5, away: 250 };

interface Waiting {
  commit: Commit;
  resolve: (decided: Decided) => void;
  reject: (error: unknown) => void;
}

/**
 * Writes commits: those that come while one is under way together, in one transaction each time. A transaction holds only
 * if nobody else has committed since what it was decided on was read; else it is decided anew.
 *
 * Where a connection can break, each transaction leaves its number: who does not know whether it was done looks.
 */
export class Commits {
  private waiting: Waiting[] = [];
  private working: Promise<void> | undefined;
  private batch = 0;
  private closed = false;
  private lost: string | undefined;

  constructor(
    private readonly database: Database,
    private readonly session: number,
    /** Whether others could write, too, and an answer may be lost though the transaction was done. */
    private readonly isShared: boolean,
  ) {}

  /** Nothing is tried again from now on while the database is away. */
  giveUp(why: string): void {
    this.lost = why;
  }

  async commit(commit: Commit): Promise<Decided> {
    if (this.closed) throw new Refusal("closed", "the storage is closed");
    return new Promise((resolve, reject) => {
      this.waiting.push({ commit, resolve, reject });
      this.working ??= this.work();
    });
  }

  /** Resolves once all that was asked for is written, or cannot be. */
  async close(): Promise<void> {
    this.closed = true;
    await this.working;
    if (this.isShared) {
      await this.database
        .query(`DELETE type::record('writer', $writer)`, { writer: this.session })
        .catch(() => undefined);
    }
  }

  private async work(): Promise<void> {
    // What comes in the same turn goes along.
    await Promise.resolve();
    for (let batch = this.next(); batch.length > 0; batch = this.next()) {
      try {
        await this.write(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.working = undefined;
  }

  private next(): Waiting[] {
    let size = 0;
    const end = this.waiting.findIndex(({ commit }) => (size += sizeOf(commit)) > LARGEST);
    return this.waiting.splice(0, end < 0 ? this.waiting.length : Math.max(1, end));
  }

  private async write(batch: Waiting[]): Promise<void> {
    // Attempts whose answer was lost, by their number: one of them may have been done, or may yet be.
    const unsure = new Map<number, () => void>();
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const number = ++this.batch;
      let asked: (() => void) | undefined;
      try {
        const facts = await read(
          this.database,
          batch.map(({ commit }) => commit),
          this.isShared ? this.session : undefined,
        );
        // Behind the reading: what is done after this, the version tells.
        const done = unsure.size > 0 ? unsure.get((await this.last()) ?? 0) : undefined;
        if (done) {
          done();
          return;
        }
        const { decisions, settle } = decide(batch, facts);
        asked = settle;
        if (decisions.rows.size + decisions.documents.size + decisions.audit.length > 0) {
          await this.database.query(...this.transaction(decisions, facts, number));
        }
        settle();
        return;
      } catch (error) {
        if (error instanceof Contended) await pause(Math.random() * PAUSE_MS.contended * Math.min(attempt, 20));
        else if (!(error instanceof Away)) throw error;
        else if (this.closed) throw new Refusal("storage-away", error.message);
        else if (this.lost !== undefined) throw new Deposed(this.lost);
        else {
          if (asked) unsure.set(number, asked);
          attempt = 0;
          await pause(PAUSE_MS.away);
        }
      }
    }
    throw new Refusal("storage-broken", `another process was quicker ${MOST_ATTEMPTS} times in a row`);
  }

  private transaction(decisions: Decisions, facts: Facts, number: number): [string, Record<string, unknown>] {
    const { meta, rows, documents, audit } = decisions;
    const born: (TaskRow & { id: string })[] = [];
    const changed: TaskRow[] = [];
    const gone: string[] = [];
    for (const [id, row] of rows) {
      if (!row) gone.push(id);
      else if (Decisions.isNew(facts, id)) born.push({ id, ...row });
      else changed.push(row);
    }
    const kept = [...documents.values()].filter((row) => row !== undefined);
    const dropped = [...documents].filter(([, row]) => row === undefined).map(([place]) => place);
    const logs = gone.map((id) => grouped("place", id, ""));
    const text = [
      "BEGIN",
      `IF (SELECT VALUE version FROM ONLY meta:main) != $version { THROW '${MOVED}' }`,
      "UPDATE meta:main REPLACE $meta RETURN NONE",
      ...(born.length > 0 ? ["INSERT INTO task $born RETURN NONE"] : []),
      ...(changed.length > 0
        ? ["FOR $row IN $changed { UPDATE type::record('task', $row.task) REPLACE $row RETURN NONE }"]
        : []),
      ...(gone.length > 0 ? ["FOR $id IN $gone { DELETE type::record('task', $id) RETURN NONE }"] : []),
      ...(logs.length > 0
        ? ["FOR $log IN $logs { DELETE log WHERE place > $log.after AND place < $log.before RETURN NONE }"]
        : []),
      ...(kept.length > 0
        ? ["FOR $row IN $kept { UPSERT type::record('document', $row.place) REPLACE $row RETURN NONE }"]
        : []),
      ...(dropped.length > 0 ? ["FOR $place IN $dropped { DELETE type::record('document', $place) RETURN NONE }"] : []),
      ...(audit.length > 0 ? ["INSERT INTO audit $audit RETURN NONE"] : []),
      ...(this.isShared ? ["UPSERT type::record('writer', $writer) REPLACE { batch: $batch } RETURN NONE"] : []),
      "COMMIT",
    ];
    const entries = audit.map((row) => ({ id: row.n, ...row }));
    const values = { version: facts.meta.version, meta, born, changed, gone, logs, kept, dropped, audit: entries };
    return [`${text.join(";\n")};`, { ...values, writer: this.session, batch: number }];
  }

  private async last(): Promise<number | undefined> {
    const [found] = await this.database.query("SELECT VALUE batch FROM type::record('writer', $writer)", {
      writer: this.session,
    });
    return (found as number[])[0];
  }
}

/** Decides one after the other. @returns what tells each how it was decided */
function decide(batch: readonly Waiting[], facts: Facts): { decisions: Decisions; settle: () => void } {
  const decisions = new Decisions(facts);
  const answers = batch.map(({ commit, resolve, reject }) => {
    try {
      const decided = decisions.take(commit);
      return () => {
        resolve(decided);
      };
    } catch (error) {
      return () => {
        reject(error);
      };
    }
  });
  const settle = () => {
    for (const answer of answers) answer();
  };
  return { decisions, settle };
}

/** Reads what commits are about. */
async function read(database: Database, commits: readonly Commit[], term: number | undefined): Promise<Facts> {
  const ids = new Set<string>();
  const keys = new Set<string>();
  const places = new Set<string>();
  for (const { tasks = [], removed = [], documents = [] } of commits) {
    for (const { id, revision, key } of tasks) {
      ids.add(id);
      if (revision === 0 && key !== undefined) keys.add(key);
    }
    for (const { id } of removed) ids.add(id);
    for (const { collection, id } of documents) places.add(placeIn(collection, id));
  }
  const meta = await ownMeta(database, term);
  const tasks = await records<TaskRow>(database, "task", "task, revision, state, key", [...ids]);
  const documents = await records<{ place: string; revision: number }>(database, "document", "place, revision", [
    ...places,
  ]);
  return {
    meta,
    tasks: new Map(tasks.map((row) => [row.task, row])),
    keys: await tasksOfKeys(database, [...keys]),
    documents: new Map(documents.map(({ place, revision }) => [place, revision])),
  };
}

/**
 * @param term Session of the one who is to write, where others could.
 * @throws Deposed when another one is
 */
export async function ownMeta(database: Database, term: number | undefined): Promise<Meta> {
  const meta = await metaOf(database);
  if (!meta) throw new Error("its table meta is empty");
  if (term !== undefined && meta.term !== term) throw new Deposed("another orchestrator has taken over");
  return meta;
}

/** @returns undefined for a database that is new */
export async function metaOf(database: Database): Promise<Meta | undefined> {
  const [rows] = await database.query("SELECT * FROM meta:main");
  return (rows as Meta[])[0];
}

/** Fields of records, by their ids; those that are not there are left out. */
export async function records<T>(
  database: Database,
  table: string,
  fields: string,
  ids: readonly string[],
): Promise<T[]> {
  const found: T[] = [];
  for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
    const some = ids.slice(at, at + READ_AT_ONCE);
    const values = Object.fromEntries(some.map((id, of) => [`i${of}`, id]));
    const from = some.map((_, of) => `type::record('${table}', $i${of})`).join(", ");
    const [rows] = await database.query(`SELECT ${fields} FROM ${from}`, values);
    found.push(...(rows as T[]));
  }
  return found;
}

async function tasksOfKeys(database: Database, keys: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < keys.length; at += READ_AT_ONCE) {
    const some = keys.slice(at, at + READ_AT_ONCE);
    const values = Object.fromEntries(some.map((key, of) => [`k${of}`, key]));
    // One statement a key: a list of keys is looked through for each record that is found.
    const text = some.map((_, of) => `SELECT key, task FROM task WHERE key = $k${of}`).join(";");
    for (const rows of await database.query(text, values)) {
      for (const { key, task } of rows as { key: string; task: string }[]) found.set(key, task);
    }
  }
  return found;
}

function sizeOf({ tasks = [], removed = [], documents = [], audit = [] }: Commit): number {
  return tasks.length + removed.length + documents.length + audit.length;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
