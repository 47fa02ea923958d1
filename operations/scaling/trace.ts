import { UserError } from "../../stacks/errors";
import type { LagSource } from "./simulate";

/** What a trace tells: the lag as it is, or messages a second that come, which pods then work off. */
export type Quantity = "lag" | "rate";

/** Something that holds from a time on until the next one. */
export interface Sample {
  /** Seconds from the begin. */
  time: number;
  /** Undefined: NATS does not answer. */
  value: number | undefined;
}

/** Lag or rate over time, for all consumers or for those that have a column of their own. */
export interface Trace {
  quantity: Quantity;
  /** Seconds. */
  duration: number;
  /** Samples in order of time, the first at 0: by consumer, and for all others under {@link EVERY}. */
  samples: ReadonlyMap<string, readonly Sample[]>;
}

/** The consumers without samples of their own. */
export const EVERY = "*";

const MINUTE = 60;
const HOUR = 3600;

/** Shapes from 0 to 1 over time. */
const SHAPES: Record<string, { duration: number; step: number; at: (time: number) => number }> = {
  // Nothing, then everything at once for ten minutes, then nothing.
  burst: { duration: HOUR, step: 10, at: (time) => (time >= 5 * MINUTE && time < 15 * MINUTE ? 1 : 0) },
  // Evenly up for an hour, and down for one.
  ramp: { duration: 2 * HOUR, step: 10, at: (time) => 1 - Math.abs(time - HOUR) / HOUR },
  // A night, a morning peak, a smaller one after noon.
  day: {
    duration: 24 * HOUR,
    step: 10,
    at: (time) => Math.min(1, 0.03 + hump(time, 10, 2) + 0.7 * hump(time, 15.5, 1.7)),
  },
};

/** Names of the patterns. */
export const PATTERNS = Object.keys(SHAPES);

function hump(time: number, hour: number, width: number): number {
  return 0.95 * Math.exp(-(((time / HOUR - hour) / width) ** 2));
}

/** A pattern with its highest value. */
export function patternTrace(name: string, quantity: Quantity, peak: number): Trace {
  const shape = SHAPES[name];
  if (!shape) throw new Error(`no pattern ${name}`);
  const samples: Sample[] = [];
  for (let time = 0; time <= shape.duration; time += shape.step) {
    const value = shape.at(time) * peak;
    samples.push({ time, value: quantity === "lag" ? Math.round(value) : value });
  }
  return { quantity, duration: shape.duration, samples: new Map([[EVERY, samples]]) };
}

/**
 * Reads a trace from CSV: a header `seconds,lag` or `seconds,rate`, then rows in order of time. Further columns are
 * named after consumers; an empty cell means that NATS does not answer.
 *
 * @throws UserError that names file and line
 */
export function readTrace(text: string, file: string): Trace {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ cells: line.split(",").map((cell) => cell.trim()), number: index + 1 }));
  const rows = lines.filter(({ cells }) => cells.some((cell) => cell !== "") && !(cells[0] ?? "").startsWith("#"));
  const fail = (line: number, problem: string): never => {
    throw new UserError(`${file}:${line}: ${problem}`);
  };
  const [header, ...body] = rows;
  const [first, quantity, ...consumers] = header?.cells ?? [];
  if (first !== "seconds" || (quantity !== "lag" && quantity !== "rate")) {
    return fail(
      header?.number ?? 1,
      "the first line must be seconds,lag or seconds,rate, and may go on with names of consumers",
    );
  }
  if (body.length === 0)
    return fail(header?.number ?? 1, "there are no rows; write the lag at second 0, and whenever it changes");
  const names = [EVERY, ...consumers];
  const samples = new Map<string, Sample[]>(names.map((name) => [name, []]));
  let last = -1;
  for (const { cells, number } of body) {
    if (cells.length !== names.length + 1) fail(number, `${cells.length} columns instead of ${names.length + 1}`);
    const time = numberIn(cells[0] ?? "") ?? fail(number, `"${cells[0] ?? ""}" is no number of seconds`);
    if (last < 0 && time !== 0) fail(number, "the first row must be that of second 0");
    if (time <= last) fail(number, `second ${time} does not come after second ${last}`);
    last = time;
    names.forEach((name, index) => {
      const cell = cells[index + 1] ?? "";
      const value = cell === "" ? undefined : (numberIn(cell) ?? fail(number, `"${cell}" is no ${quantity}`));
      if (value === undefined && quantity === "rate") fail(number, "a rate is missing; only a lag may be unknown");
      samples.get(name)?.push({ time, value });
    });
  }
  return { quantity, duration: last, samples };
}

function numberIn(cell: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : undefined;
}

/**
 * The lag of consumers under a trace.
 *
 * @param drain messages a second that one pod works off; for a trace of rates
 */
export function lagSource(trace: Trace, consumers: readonly string[], drain = 0): LagSource {
  const cursors = consumers.map((name) => new Cursor(trace.samples.get(name) ?? trace.samples.get(EVERY) ?? []));
  if (trace.quantity === "lag") return { lags: (time) => cursors.map((cursor) => cursor.at(time)) };
  const waiting = consumers.map(() => 0);
  let last = 0;
  return {
    lags: (time, working) => {
      // Pods take from every consumer in equal parts.
      const each = (working * drain) / consumers.length;
      cursors.forEach((cursor, index) => {
        waiting[index] = cursor.fill(waiting[index] ?? 0, last, time, each);
      });
      last = time;
      // The rest of a message is a message still.
      return waiting.map((messages) => Math.max(0, Math.ceil(messages - 1e-9)));
    },
  };
}

/** Reads samples forward. */
class Cursor {
  #index = 0;

  constructor(private readonly samples: readonly Sample[]) {}

  at(time: number): number | undefined {
    while ((this.samples[this.#index + 1]?.time ?? Infinity) <= time) this.#index++;
    return this.samples[this.#index]?.value;
  }

  /** What waits at `to` when so much waited at `from`, messages come at the samples' rate, and go at another. */
  fill(waiting: number, from: number, to: number, out: number): number {
    let [now, level] = [from, waiting];
    while (now < to) {
      const rate = this.at(now) ?? 0;
      const until = Math.min(to, this.samples[this.#index + 1]?.time ?? Infinity);
      level = Math.max(0, level + (rate - out) * (until - now));
      now = until;
    }
    return level;
  }
}
