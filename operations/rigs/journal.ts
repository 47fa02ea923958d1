import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { JsonObject } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import { isAlive, type Process, thisProcess } from "./process";
import { type Undo, undoSchema } from "./undo";

/** Whose changes a journal holds, and where they were made. */
export interface Owner extends Process {
  rig: string;
  /** Names this run, and stands on every object that it makes. */
  run: string;
  stack: string;
  /** Context of the kubeconfig; a cluster can have many names. */
  context: string;
  /** The cluster itself: uid of its namespace kube-system. */
  cluster: string;
  namespace: string;
  /** When it began, ISO 8601. */
  started: string;
}

/** A change that a rig has made, or was about to make when it ended. */
export interface Recorded {
  number: number;
  /** What is changed: `Deployment noetl/noetl-server-rust: two shards`. */
  title: string;
  /** How to take it back. */
  undo: Undo;
  /** The object as the change left it; missing when the rig ended before it knew. */
  after?: JsonObject;
}

/** What a journal holds. */
export interface JournalContent {
  file: string;
  owner: Owner;
  /** Whether nobody takes anything back now: the run has ended by itself, and has not been able to. */
  ended: boolean;
  /** What is still to be taken back, in the order in which it was made. */
  open: Recorded[];
}

const object = z.record(z.string(), z.json()) as unknown as z.ZodType<JsonObject>;

const recordSchema = z.discriminatedUnion("record", [
  z.object({
    record: z.literal("start"),
    rig: z.string(),
    run: z.string(),
    stack: z.string(),
    context: z.string(),
    cluster: z.string(),
    namespace: z.string(),
    pid: z.number(),
    host: z.string(),
    born: z.string().optional(),
    started: z.string(),
  }),
  z.object({ record: z.literal("change"), number: z.number(), title: z.string(), undo: undoSchema }),
  z.object({ record: z.literal("made"), number: z.number(), after: object }),
  z.object({ record: z.literal("undone"), number: z.number() }),
  z.object({ record: z.literal("ended") }),
  z.object({ record: z.literal("resumed"), pid: z.number(), host: z.string(), born: z.string().optional() }),
]);

type JournalRecord = z.infer<typeof recordSchema>;

/**
 * What a rig changes, written down before it is made: JSON lines, each on the disk before the next step. The file is there
 * for as long as something is to be taken back.
 */
export class Journal {
  readonly #file: string;
  readonly #handle: number;
  #count = 0;

  private constructor(file: string, handle: number, count: number) {
    this.#file = file;
    this.#handle = handle;
    this.#count = count;
  }

  get file(): string {
    return this.#file;
  }

  /** Begins the one journal of a cluster's namespace. @throws UserError when there is one already, with what to do */
  static begin(folder: string, owner: Owner): Journal {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = journalFile(folder, owner);
    let handle: number;
    try {
      handle = openSync(file, "ax", 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      throw leftBehind(readJournal(file));
    }
    const journal = new Journal(file, handle, 0);
    journal.#append({ record: "start", ...owner });
    syncFolder(folder);
    return journal;
  }

  /** Goes on with a journal that another run has left. */
  static resume({ file, open }: JournalContent): Journal {
    // A line that was never finished would spoil the next.
    truncateSync(file, Buffer.byteLength(wholeLines(readFileSync(file, "utf8"))));
    const journal = new Journal(file, openSync(file, "a"), open.at(-1)?.number ?? 0);
    journal.#append({ record: "resumed", ...thisProcess() });
    return journal;
  }

  /** Writes down a change that is about to be made. @returns its number */
  change(title: string, undo: Undo): number {
    this.#count += 1;
    this.#append({ record: "change", number: this.#count, title, undo });
    return this.#count;
  }

  /** Writes down how a change has left its object. */
  made(number: number, after: JsonObject): void {
    this.#append({ record: "made", number, after });
  }

  /** Writes down that a change is taken back. */
  undone(number: number): void {
    this.#append({ record: "undone", number });
  }

  /** Ends it. @param done whether nothing is left to take back: the file goes then */
  close(done: boolean): void {
    if (!done) this.#append({ record: "ended" });
    closeSync(this.#handle);
    if (done) rmSync(this.#file, { force: true });
  }

  #append(record: JournalRecord): void {
    writeSync(this.#handle, `${JSON.stringify(record)}\n`);
    fsyncSync(this.#handle);
  }
}

/** A name is on the disk when its folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function journalFile(folder: string, { cluster, namespace }: Pick<Owner, "cluster" | "namespace">): string {
  return join(folder, `${cluster}-${namespace}.jsonl`);
}

/** All journals of a folder: each of a run that is under way, or has left something to take back. */
export function readJournals(folder: string): JournalContent[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => readJournal(join(folder, name)));
}

/** @throws UserError when the file is no journal */
export function readJournal(file: string): JournalContent {
  // A line without its end was never finished, so that its change was not begun.
  const lines = wholeLines(readFileSync(file, "utf8")).split("\n");
  const records = lines.slice(0, -1).map((line, index) => {
    const record = recordSchema.safeParse(jsonOf(line));
    if (record.success) return record.data;
    throw new UserError(
      `${file}:${index + 1} is no record of a journal\nnext: look at it; it says what a rig has changed`,
    );
  });
  const [first, ...rest] = records;
  if (first?.record !== "start") {
    const blank: Owner = {
      rig: "",
      run: "",
      stack: "",
      context: "",
      cluster: "",
      namespace: "",
      started: "",
      pid: 0,
      host: "",
    };
    return { file, owner: blank, ended: true, open: [] };
  }
  const { record: _record, ...begun } = first;
  let owner: Owner = begun;
  let ended = false;
  const open = new Map<number, Recorded>();
  for (const record of rest) {
    if (record.record === "ended") ended = true;
    else if (record.record === "resumed") {
      const { record: _, ...process } = record;
      owner = { ...owner, born: undefined, ...process };
      ended = false;
    } else if (record.record === "change")
      open.set(record.number, { number: record.number, title: record.title, undo: record.undo });
    else if (record.record === "undone") open.delete(record.number);
    else if (record.record === "made") {
      const change = open.get(record.number);
      if (change) open.set(record.number, { ...change, after: record.after });
    }
  }
  return { file, owner, ended, open: [...open.values()] };
}

function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf("\n") + 1);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Whether the run of a journal still goes on. */
export function isUnderWay({ owner, ended }: JournalContent): boolean {
  return !ended && isAlive(owner);
}

/** Why no rig may begin where a journal is. */
export function leftBehind(journal: JournalContent): UserError {
  const { owner, open } = journal;
  const { rig, pid, host, started } = owner;
  const who = `rig ${rig}, which began ${started} (process ${pid} on ${host})`;
  if (isUnderWay(journal))
    return new UserError(`another run is under way: ${who}\nnext: wait until it ends, or interrupt it`);
  const left = open.map(({ title }) => `  ${title}`);
  return new UserError(
    [`a run has ended without putting everything back: ${who}`, ...left, "next: noetl-ops verify --revert"].join("\n"),
  );
}
