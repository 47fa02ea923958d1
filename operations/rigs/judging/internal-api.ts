import type { Json } from "../../../preview/graph";
import { at, type JsonObject, listOf, numberOf, objectOf } from "../../../preview/json";
import type { Evidence } from "../rig";
import { atLeast, exactly, judged, shown } from "./evidence";

/** An HTTP answer, as far as it is judged. */
export interface Said {
  status: number;
  json: Json | undefined;
}

/** How a request was made that must be refused. */
export interface Refused {
  /** `POST /api/internal/outbox/claim with another token`. */
  request: string;
  status: number;
}

/** Rows of the outbox, oldest first, and what the API made of them. */
export interface OutboxReading {
  /** The rig's own rows: three of them. */
  own: readonly string[];
  pending: Said;
  /** Of two rows. */
  claim: Said;
  markPublished: Said;
  pendingAfter: Said;
  /** Of as many as there are. */
  claimAgain: Said;
  /** Of the last row, after its first attempt. */
  markFailed: Said;
  /** What the database has of each row in the end. */
  states: ReadonlyMap<string, string>;
}

/** Two events, sent twice. */
export interface ProjectReading {
  first: Said;
  second: Said;
  /** Rows of the event log that have their execution. */
  rows: number;
}

/** Statuses with which a request without the right token is refused: the specification's, and the published servers'. */
const REFUSALS = [401, 403];

/** Nobody comes in without the token. */
export function judgeGate(refused: readonly Refused[]): Evidence[] {
  return refused.map(({ request, status }) =>
    judged(request, REFUSALS.join(" or "), String(status), REFUSALS.includes(status)),
  );
}

/** Rows go from pending over in-flight to published or failed, and none comes back. */
export function judgeOutbox(reading: OutboxReading): Evidence[] {
  const { own, pending, claim, markPublished, pendingAfter, claimAgain, markFailed, states } = reading;
  const [first = "", second = "", last = ""] = own;
  const row = objectOf(rowsOf(claim)[0]);
  const attempts = numberOf(row.attempts);
  return [
    answered("pending-count: rows", 3, pending, "pending"),
    answered("claim of 2: rows that it says", 2, claim, "claimed"),
    exactly("claim of 2: its rows", `${first}, ${second}`, idsIn(claim)),
    exactly("claim: attempts of a row", 1, attempts),
    answered("mark-published: rows", 2, markPublished, "marked"),
    answered("pending-count then", 1, pendingAfter, "pending"),
    exactly("claim again: its rows", last, idsIn(claimAgain)),
    answered("mark-failed: whether it is marked", true, markFailed, "marked"),
    atLeast("mark-failed: seconds until it is tried again", 1, numberOf(at(markFailed.json, "available_at_in"))),
    exactly(`row ${first} in the database`, "PUBLISHED", states.get(first)),
    exactly(`row ${second} in the database`, "PUBLISHED", states.get(second)),
    exactly(`row ${last} in the database`, "FAILED", states.get(last)),
  ];
}

/** Events are written once, however often they are sent. */
export function judgeProjection({ first, second, rows }: ProjectReading): Evidence[] {
  return [
    answered("events/project of 2 events: projected", 2, first, "projected"),
    answered("events/project of 2 events: duplicates", 0, first, "duplicates"),
    answered("the same again: projected", 0, second, "projected"),
    answered("the same again: duplicates", 2, second, "duplicates"),
    exactly("rows of the event log", 2, rows),
  ];
}

/** A field of an answer; of another status than 200, the status. */
function answered(what: string, expected: number | boolean, { status, json }: Said, field: string): Evidence {
  const value = at(json, field);
  return status === 200
    ? exactly(what, expected, value)
    : judged(what, String(expected), `HTTP ${status}: ${shown(json)}`, false);
}

function rowsOf({ json }: Said): JsonObject[] {
  return listOf(at(json, "rows")).map(objectOf);
}

/** Ids of the rows of a claim, in order: the database returns them in any. */
function idsIn(claim: Said): string {
  return rowsOf(claim)
    .map(({ outbox_id: id }) => shown(id))
    .sort((one, other) => Number(one) - Number(other))
    .join(", ");
}
