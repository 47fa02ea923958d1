import type { Database } from "./database";

/** What a term is asked for with. */
export interface TermAsked {
  /** Who asks, as `host/pid`. */
  owner: string;
  /** Where others reach them; empty: nowhere. */
  url: string;
  /** Milliseconds after the last sign of life, by the database's clock, at which another's may begin. */
  ms: number;
}

/** Who has the present term. */
export interface Leader {
  session: number;
  owner: string;
  url: string;
  /** Milliseconds until it ends, unless they give a sign of life. */
  leftMs: number;
}

const SILENT = "the database has not answered for a whole term";

/** Asks whose term it is: one leader, or none. */
export const PRESENT_LEADER =
  "SELECT session, owner, url, duration::millis(until - time::now()) AS leftMs FROM leader:main WHERE until > time::now()";

/** The one whose term it is; undefined: nobody's. */
export async function leaderOf(database: Database): Promise<Leader | undefined> {
  const [rows] = await database.query(PRESENT_LEADER);
  return (rows as Leader[])[0];
}

/**
 * The right to write, of one process at a time. It gives a sign of life each third of it; without an answer for the whole
 * of it, on a clock that never jumps, it counts itself out, before or when another's may begin. What it would write all
 * the same, the transaction refuses: it is of another term.
 */
export class Term {
  private answered = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private why: string | undefined;
  private ended = false;
  private readonly listeners: ((why: string) => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly session: number,
    private readonly ms: number,
  ) {
    this.later();
  }

  /** By a clock that never jumps, also where nothing could run for a while. */
  get isOver(): boolean {
    return this.why !== undefined || this.ended || this.left === 0;
  }

  /** Calls once it is over, but for `end`. */
  onLost(tell: (why: string) => void): void {
    this.listeners.push(tell);
    if (this.why !== undefined) tell(this.why);
  }

  /** Lets another's begin at once. */
  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.database
      .query("DELETE leader:main WHERE session = $mine", { mine: this.session })
      .catch(() => undefined);
  }

  private later(ms = this.ms / 3): void {
    this.timer = setTimeout(() => void this.renew(), ms);
  }

  /** Milliseconds until it counts itself out. */
  private get left(): number {
    return Math.max(0, this.answered + this.ms - performance.now());
  }

  private async renew(): Promise<void> {
    const asked = performance.now();
    // An answer that does not come must not hold this up.
    const limit = setTimeout(() => {
      this.lose(SILENT);
    }, this.left);
    let isAnswered = false;
    try {
      const [rows] = await this.database.query(
        `UPDATE leader:main SET until = time::now() + ${this.ms}ms WHERE session = $mine RETURN VALUE session`,
        { mine: this.session },
      );
      if ((rows as number[]).length === 0) this.lose("another orchestrator has taken over");
      else this.answered = asked;
      isAnswered = true;
    } catch {
      // Whatever it was: the next sign of life may come through.
      if (this.left === 0) this.lose(SILENT);
    } finally {
      clearTimeout(limit);
    }
    if (this.why === undefined && !this.ended) this.later(isAnswered ? undefined : Math.min(this.ms / 10, this.left));
  }

  private lose(why: string): void {
    if (this.why !== undefined || this.ended) return;
    this.why = why;
    clearTimeout(this.timer);
    for (const tell of this.listeners) tell(why);
  }
}
