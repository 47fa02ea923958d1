import { Refusal } from "../../tasks/errors";
import type { LogLine, LogPage } from "../storage";
import { Away, Contended, type Database } from "./database";
import { grouped, placeIn, placeOf, step } from "./tables";

/** Records that are read at once. */
const ROWS = 100;
/** Milliseconds between two attempts while the database is away. */
const AWAY_MS = 250;

interface LogRow {
  place: string;
  /** JSON, a line each. */
  lines: readonly string[];
}

/**
 * The lines that tasks print: a record for those that were appended at once. Records are in the order of the time, the
 * session and a number, so that nobody must look where the last one ended.
 *
 * A cursor is the place of a record, and how many of its lines were read.
 */
export class TaskLogs {
  private waiting: LogRow[] = [];
  private writing: Promise<void> | undefined;
  private at = 0;
  private n = 0;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly session: number,
  ) {}

  async append(task: string, lines: readonly LogLine[]): Promise<void> {
    this.at = Math.max(this.at, Date.now());
    const at = [pad(this.at, 14), pad(this.session, 10), pad(++this.n, 10)].join("-");
    this.waiting.push({ place: placeIn(task, at), lines: lines.map((line) => JSON.stringify(line)) });
    await this.flush();
  }

  async flush(): Promise<void> {
    // What is under way does not have the last lines.
    await this.writing?.catch(() => undefined);
    this.writing ??= this.write().finally(() => (this.writing = undefined));
    await this.writing;
  }

  async read(task: string, cursor: string | undefined, limit: number): Promise<LogPage> {
    const from = /^(?<place>[\d-]{36}):(?<taken>\d{1,9})$/.exec(cursor ?? "")?.groups;
    if (cursor !== undefined && cursor !== "0" && !from)
      throw new Refusal("invalid", "cursor: it is of no page before");
    const lines: LogLine[] = [];
    let [place, taken] = [from?.place ?? "", Number(from?.taken ?? 0)];
    // The record of the cursor again, for what is left of it.
    let after = place.slice(0, -1);
    for (;;) {
      const way = grouped("place", task, after);
      const [rows] = await this.database.query(step("log", "place, lines", way, ROWS), { ...way });
      for (const row of rows as LogRow[]) {
        const at = placeOf(row.place);
        if (at < place) continue;
        if (at !== place) [place, taken] = [at, 0];
        const more = row.lines.slice(taken, taken + limit - lines.length);
        lines.push(...more.map((line) => JSON.parse(line) as LogLine));
        taken += more.length;
        if (lines.length === limit) return { lines, cursor: `${place}:${taken}` };
      }
      if ((rows as LogRow[]).length < ROWS) return { lines, cursor: place === "" ? "0" : `${place}:${taken}` };
      after = place;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.writing?.catch(() => undefined);
  }

  private async write(): Promise<void> {
    // What comes in the same turn goes along.
    await Promise.resolve();
    const rows = this.waiting;
    if (rows.length === 0) return;
    this.waiting = [];
    const values = { rows: rows.map((row) => ({ id: row.place, ...row })) };
    for (;;) {
      try {
        // What was written before the answer was lost is passed over.
        await this.database.query("INSERT IGNORE INTO log $rows RETURN NONE", values);
        return;
      } catch (error) {
        if (error instanceof Contended) continue;
        if (!(error instanceof Away) || this.closed) throw error;
        await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
      }
    }
  }
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
