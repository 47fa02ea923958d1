/* eslint-disable @typescript-eslint/require-await -- what another storage asks a server for is in memory here */
import { join } from "node:path";
import type { Json } from "../../tasks/json";
import { Refusal } from "../../tasks/errors";
import { hasEnded, type TaskState } from "../../tasks/states";
import type { Task, TaskHead } from "../../tasks/task";
import { noteText, type AuditEntry, type AuditVerdict } from "../audit";
import { matches, type Page, type TaskQuery } from "../query";
import type { Commit, Committed, Document, DocumentWrite, Health, Loaded, LogLine, LogPage, Storage } from "../storage";
import { AuditFile } from "./audit-file";
import { Compaction } from "./compaction";
import { orClosed, realFiles, type Files } from "./files";
import { headsText } from "./heads";
import { FolderLock, type Processes } from "./lock";
import { Log } from "./log";
import { notesOf, recover } from "./recover";
import { Reserve } from "./reserve";
import { Records } from "./records";
import { headsPath, segmentPath, type Put, type Segment } from "./segment";
import { Table } from "./table";
import { TaskLogs } from "./task-logs";

export interface FilesystemOptions {
  /** Default: the machine's. */
  files?: Files;
  processes?: Processes;
  /** Milliseconds for which another machine's lock is watched before it counts as left behind. Default: 15 s. */
  watchLock?: number;
  /** Bytes after which the log goes on in a new file. Default: 16 MiB. */
  segmentBytes?: number;
  /** Bytes of outdated records, beside as many as the live ones, before old files are cleaned. Default: 64 MiB. */
  wasteBytes?: number;
  /** Bytes after which the audit log goes on in a new file. Default: 64 MiB. */
  auditBytes?: number;
  /** Bytes kept free for a full disk. Default: 8 MiB. */
  reserveBytes?: number;
  /** Milliseconds between two attempts on a full disk. Default: 1 s. */
  retryMs?: number;
}

/**
 * Tasks in a folder, for one process at a time. All commits are appended to one log; in memory is only where each
 * task's last record stands, and its head. Old files are cleaned when half of all is outdated.
 */
export class FilesystemStorage implements Storage {
  readonly exclusive = true;
  private closed: Promise<void> | undefined;

  private constructor(
    readonly session: number,
    readonly notices: readonly string[],
    private readonly parts: {
      lock: FolderLock;
      table: Table;
      log: Log;
      records: Records;
      audits: AuditFile;
      logs: TaskLogs;
      compaction: Compaction;
      writeHeads: (segment: Segment, puts: readonly Put[]) => Promise<void>;
      /** The next opening has a greater number than this. */
      raiseSession: (session: number) => Promise<void>;
    },
    private lastAudit: number,
  ) {}

  /**
   * @param dataDir Everything is in its folder `queue.rkvs`.
   * @throws UserError when another process has the folder
   * @throws Refusal `storage-broken` when what had been acknowledged cannot be read
   */
  static async open(dataDir: string, options: FilesystemOptions = {}): Promise<FilesystemStorage> {
    return orClosed(options.files ?? realFiles, async (files) => FilesystemStorage.make(files, dataDir, options));
  }

  private static async make(files: Files, dataDir: string, options: FilesystemOptions): Promise<FilesystemStorage> {
    const { segmentBytes, retryMs } = options;
    const folder = join(dataDir, "queue.rkvs");
    const [queue, tasks] = [join(folder, "queue"), join(folder, "tasks")];
    for (const path of [folder, queue, tasks]) await files.makeFolder(path);
    const { lock, notices } = await FolderLock.take(files, folder, {
      processes: options.processes,
      watch: options.watchLock,
    });
    try {
      const reserve = new Reserve(files, folder, options.reserveBytes);
      await reserve.keep();
      const session = await nextSession(files, join(folder, "session"));
      const table = new Table();
      const { segments, notices: cut, ...noted } = await recover(files, queue, table);
      const lastNotes = async () => {
        const last = await files.read(segmentPath(queue, segments.at(-1)?.number ?? 1));
        return last ? notesOf(last) : [];
      };
      const audits = await AuditFile.open(files, folder, noted, lastNotes, options.auditBytes);
      const compaction = new Compaction(files, queue, table, segments, options.wasteBytes);
      const writeHeads = async (segment: Segment, puts: readonly Put[]) => {
        const { last } = audits;
        await audits.sync();
        await files.replace(headsPath(queue, segment.number), await headsText(puts, segment.end, last));
      };
      const seal = async (segment: Segment) => {
        if (segment.puts) await writeHeads(segment, segment.puts);
        segment.puts = undefined;
      };
      for (const segment of segments) await seal(segment);
      const log: Log = new Log(segments, reserve, {
        files,
        folder: queue,
        segmentBytes,
        retryMs,
        whole: (segment) => {
          table.end(segment);
        },
        sealed: async (segment) => {
          await seal(segment);
          compaction.start(records);
        },
      });
      const records = new Records(table, log);
      const logs = new TaskLogs(files, tasks);
      const raiseSession = async (least: number) => {
        if (least > session) await files.replace(join(folder, "session"), `${least}\n`);
      };
      const parts = { lock, table, log, records, audits, logs, compaction, writeHeads, raiseSession };
      return new FilesystemStorage(session, [...notices, ...cut], parts, audits.last);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async commit(commit: Commit): Promise<Committed> {
    this.refuse(commit);
    return this.write(commit);
  }

  async task(id: string): Promise<Task | undefined> {
    return this.parts.records.read(id);
  }

  async tasksById(ids: readonly string[]): Promise<(Task | undefined)[]> {
    return ids.map((id) => this.parts.records.read(id));
  }

  async taskByKey(key: string): Promise<Task | undefined> {
    return this.parts.records.read(this.parts.table.taskIdOfKey(key) ?? "");
  }

  async isDurable(id: string): Promise<boolean> {
    return this.parts.records.isDurable(id);
  }

  async stateOf(id: string): Promise<TaskState | undefined> {
    return this.parts.table.rows.get(id)?.head.state;
  }

  async tasks(query: TaskQuery): Promise<Page> {
    const { first = "newest", limit = 100, cursor } = query;
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
      throw new Refusal("invalid", "cursor: it is of no page before");
    const found: Task[] = [];
    for (const head of this.parts.table.heads(first, cursor === undefined ? undefined : Number(cursor))) {
      if (!matches(head, query)) continue;
      if (found.length === limit) return { tasks: found, cursor: String(found.at(-1)?.seq) };
      const task = this.parts.records.read(head.id);
      if (task) found.push(task);
    }
    return { tasks: found };
  }

  async *unended(): AsyncGenerator<TaskHead> {
    yield* this.parts.table.unended();
  }

  async counts(): Promise<Record<TaskState, number>> {
    return { ...this.parts.table.counts };
  }

  async document(collection: string, id: string): Promise<Document | undefined> {
    return this.parts.table.document(collection, id)?.document;
  }

  async documents(collection: string): Promise<readonly Document[]> {
    return this.parts.table.documents(collection);
  }

  async collections(): Promise<readonly string[]> {
    return this.parts.table.collectionNames();
  }

  async appendLog(task: string, lines: readonly LogLine[]): Promise<void> {
    await this.parts.logs.append(task, lines);
  }

  async flushLog(task: string): Promise<void> {
    await this.parts.logs.flush(task);
  }

  async readLog(task: string, { cursor, limit = 1000 }: { cursor?: string; limit?: number } = {}): Promise<LogPage> {
    return this.parts.logs.read(task, cursor, limit);
  }

  async audit(options: { after: number; limit: number; task?: string }): Promise<readonly AuditEntry[]> {
    return this.parts.audits.read(options);
  }

  async verifyAudit(): Promise<AuditVerdict> {
    return this.parts.audits.verify();
  }

  async load({ tasks = [], removed = [], documents = [], gone = [], audit = [], session }: Loaded): Promise<void> {
    if (this.closed) throw new Refusal("closed", "the storage is closed");
    if (session !== undefined) await this.parts.raiseSession(session);
    const { records, audits } = this.parts;
    const entries = audit.filter(({ n }) => n > this.lastAudit);
    this.lastAudit = entries.at(-1)?.n ?? this.lastAudit;
    const notes = entries.map((entry) => noteText(entry.n, entry));
    const { durable } = records.write(
      {
        tasks,
        before: [],
        documents,
        removals: [...removed.map((task) => ({ task })), ...gone],
        notes,
        then: () => {
          for (const [at, note] of notes.entries()) audits.take(entries[at]?.n ?? 0, note);
        },
      },
      false,
    );
    await this.forgetLogs(
      removed.map((id) => ({ id })),
      durable,
    );
  }

  health(): Health {
    return this.parts.log.health();
  }

  async close(): Promise<void> {
    this.closed ??= this.end();
    await this.closed;
  }

  private async end(): Promise<void> {
    const { table, log, records, audits, logs, lock, compaction, writeHeads } = this.parts;
    compaction.stop();
    records.appendWaiting();
    await log.close();
    await compaction.ended;
    await logs.close();
    // Only makes the next start faster.
    const { open } = log;
    if (log.health().state === "ok") await writeHeads(open, open.puts ?? table.putsOf(open)).catch(() => undefined);
    await audits.close().catch(() => undefined);
    await lock.release();
  }

  private write({
    tasks = [],
    before = [],
    removed = [],
    documents = [],
    audit = [],
    later = false,
  }: Commit): Committed {
    const { table, records, audits } = this.parts;
    const firstAudit = this.lastAudit + 1;
    if (tasks.length + removed.length + documents.length + audit.length === 0)
      return { tasks: [], heads: [], firstAudit, durable: records.flush() };
    for (const task of tasks) {
      if (task.revision === 0) task.seq = ++table.lastSeq;
      task.revision++;
    }
    const notes = audit.map((note) => noteText(++this.lastAudit, note));
    const writing = {
      tasks,
      before,
      documents: documents.filter(({ value }) => value !== undefined).map(documentOf),
      removals: [
        ...removed.map(({ id }) => ({ task: id })),
        ...documents.filter(({ value }) => value === undefined).map(({ collection, id }) => ({ collection, id })),
      ],
      notes,
      then: () => {
        notes.forEach((note, at) => {
          audits.take(firstAudit + at, note);
        });
      },
    };
    const { heads, durable } = records.write(writing, later);
    return { tasks, heads, firstAudit, durable: removed.length > 0 ? this.forgetLogs(removed, durable) : durable };
  }

  private async forgetLogs(removed: readonly { id: string }[], durable: Promise<void>): Promise<void> {
    await durable;
    await Promise.all(removed.map(async ({ id }) => this.parts.logs.remove(id)));
  }

  /** @throws Refusal when a commit's conditions do not hold, or nothing new is taken at present */
  private refuse({ tasks = [], removed = [], documents = [] }: Commit): void {
    const { table, log } = this.parts;
    if (this.closed) throw new Refusal("closed", "the storage is closed");
    const health = log.health();
    if (health.state === "broken") throw new Refusal("storage-broken", health.reason ?? "");
    const keys = new Set<string>();
    for (const { id, revision, key } of tasks) {
      const row = table.rows.get(id);
      if ((row?.head.revision ?? 0) !== revision) throw conflict(`task ${id}`, revision, row?.head.revision);
      if (revision > 0) continue;
      if (health.state === "full") throw new Refusal("disk-full", `no new task at present: ${health.reason ?? ""}`);
      if (key === undefined) continue;
      const other = keys.has(key) ? id : table.taskIdOfKey(key);
      if (other !== undefined)
        throw new Refusal("key-reused", `key ${key}: another task has it`, {
          id: other,
        });
      keys.add(key);
    }
    for (const { id, revision } of removed) {
      const head = table.rows.get(id)?.head;
      if (head?.revision !== revision) throw conflict(`task ${id}`, revision, head?.revision);
      if (!hasEnded(head.state))
        throw new Refusal("wrong-state", `task ${id} is ${head.state}`, {
          id,
          state: head.state,
        });
    }
    for (const { collection, id, revision } of documents) {
      const found = table.document(collection, id)?.document.revision;
      if ((found ?? 0) !== revision) throw conflict(`${collection} ${id}`, revision, found);
    }
  }
}

function documentOf({ collection, id, revision, value }: DocumentWrite): Document {
  return { collection, id, revision: revision + 1, value: value as Json };
}

function conflict(what: string, revision: number, found: number | undefined): Refusal {
  return new Refusal("conflict", `${what}: revision ${revision} was read, and ${found ?? "none"} is there`);
}

/** Counts the openings of a folder. */
async function nextSession(files: Files, path: string): Promise<number> {
  const session = Number((await files.read(path))?.toString() ?? "0") + 1;
  await files.replace(path, `${session}\n`);
  return session;
}
