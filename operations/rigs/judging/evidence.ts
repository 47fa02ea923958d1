import type { Json } from "../../../preview/graph";
import type { Evidence } from "../rig";

/** That something is as expected. @param seen what was found, as people read it */
export function judged(what: string, expected: string, seen: string, ok: boolean): Evidence {
  return { what, expected, seen, ok };
}

/** That a value is just this one; one that is not there is `nothing`. */
export function exactly(what: string, expected: number | string | boolean, seen: Json | undefined): Evidence {
  return { what, expected: String(expected), seen: shown(seen), ok: seen === expected };
}

/** That a number is at least this one. */
export function atLeast(what: string, least: number, seen: number | undefined): Evidence {
  return { what, expected: `at least ${least}`, seen: shown(seen), ok: seen !== undefined && seen >= least };
}

/** A value in a line of a report. */
export function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Characters of a value that a report shows. */
const LONGEST = 120;
