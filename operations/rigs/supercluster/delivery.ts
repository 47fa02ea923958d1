import type { Evidence } from "../rig";

/** A message of the drill that the stream has acknowledged. */
export interface Published {
  /** Its number, from 1. */
  number: number;
  /** Milliseconds from the first try to the acknowledgement. */
  milliseconds: number;
}

/** What a stream holds of the drill, read back. */
export interface Stored {
  sequence: number;
  number: number;
}

/**
 * Whether everything that was acknowledged is there, once and in its order, after a server was lost.
 *
 * @param during numbers of messages whose first try was made while the server was away
 */
export function deliveryEvidence(
  published: readonly Published[],
  stored: readonly Stored[],
  during: readonly number[],
): Evidence[] {
  const numbers = stored.map(({ number }) => number);
  const missing = published.map(({ number }) => number).filter((number) => !numbers.includes(number));
  const twice = [...new Set(numbers.filter((number, index) => numbers.indexOf(number) !== index))];
  const ordered = numbers.every((number, index) => index === 0 || (numbers[index - 1] ?? 0) <= number);
  const slowest = Math.max(0, ...published.map(({ milliseconds }) => milliseconds));
  return [
    {
      what: "messages published while the server was away",
      expected: "at least 1",
      seen: String(during.length),
      ok: during.length > 0,
    },
    {
      what: "acknowledged messages that are stored",
      expected: `all ${published.length}`,
      seen: missing.length === 0 ? `all ${published.length}` : `all but ${some(missing)}`,
      ok: missing.length === 0 && published.length > 0,
    },
    {
      what: "messages stored more than once",
      expected: "none",
      seen: twice.length === 0 ? "none" : some(twice),
      ok: twice.length === 0,
    },
    {
      what: "order of the messages",
      expected: "as published",
      seen: ordered ? `as published; the slowest took ${(slowest / 1000).toFixed(1)} s` : "another",
      ok: ordered,
    },
  ];
}

/** Enough of a list to look for. */
function some(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 10).join(", ");
  return numbers.length > 10 ? `${shown} and ${numbers.length - 10} more` : shown;
}
