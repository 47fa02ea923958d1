import { createHash } from "node:crypto";
import type { Json } from "../../../preview/graph";
import { at, type JsonObject, numberOf, textOf } from "../../../preview/json";
import { COLUMNS, LARGE, PLANTED, REDACTED, SECRET_COLUMNS, usernameOf } from "../fixtures/rows";
import type { StepResult } from "../reading/events";
import { rowsIn } from "../reading/events";
import type { Evidence } from "../rig";
import { exactly, judged, shown } from "./evidence";

/** What the result store answered for a reference. */
export interface Resolved {
  status: number;
  /** The body as it came. */
  text: string;
}

/** Where results may be kept; the published server in Rust says `db`. */
const TIERS = ["memory", "kv", "disk", "s3", "gcs", "db"];

/** Media type of Arrow in a stream of bytes. */
const ARROW = "application/vnd.apache.arrow.stream";

/** The name by which a step's result is resolved; undefined when it has none. */
export function referenceOf(result: StepResult | undefined): string | undefined {
  return textOf(result?.reference?.ref);
}

/** That a step's result is in the result store, and that its event says where and nothing else. */
export function judgeReference(step: string, execution: string, result: StepResult | undefined): Evidence[] {
  const reference = result?.reference ?? {};
  const begin = `noetl://execution/${execution}/result/${step}/`;
  const ref = referenceOf(result);
  const rows = rowsIn(result?.context)?.length ?? 0;
  const store = textOf(reference.store);
  return [
    exactly(`${step}: kind of the reference`, "result_ref", reference.kind),
    judged(`${step}: reference`, `${begin}…`, shown(ref), ref?.startsWith(begin) === true && ref.length > begin.length),
    judged(`${step}: store`, `one of ${TIERS.join(", ")}`, shown(store), store !== undefined && TIERS.includes(store)),
    exactly(`${step}: rows that stand in the event`, 0, rows),
  ];
}

/** That a reference also leads to the rows in shared memory, as Arrow. */
export function judgeArrow(step: string, reference: JsonObject | undefined): Evidence[] {
  const ipc = (key: string): Json | undefined => at(reference, "ipc", key);
  const given = (what: string, value: Json | undefined): Evidence =>
    judged(`${step}: ${what}`, "a text", shown(value), (textOf(value) ?? "") !== "");
  return [
    exactly(`${step}: media type in shared memory`, ARROW, ipc("media_type")),
    exactly(`${step}: rows in shared memory`, LARGE, ipc("row_count")),
    given("digest of the schema", ipc("schema_digest")),
    given("name of the shared memory", ipc("shm_name")),
  ];
}

/** That the result store gives all rows, each with what must be hidden hidden and nothing else. */
export function judgeStored(step: string, resolved: Resolved | undefined): Evidence[] {
  const rows = rowsOf(resolved);
  return [
    exactly(`${step}: status of resolving its reference`, 200, resolved?.status),
    exactly(`${step}: rows in the result store`, LARGE, rows.length),
    ...judgeRows(`${step} in the result store`, rows),
  ];
}

/** That rows have all their columns, the names in clear and the credentials not. */
export function judgeRows(where: string, rows: readonly JsonObject[]): Evidence[] {
  const open = rows.filter((row) => SECRET_COLUMNS.some((column) => row[column] !== REDACTED)).length;
  const wrong = rows.find((row) => row.username !== usernameOf(numberOf(row.id) ?? 0));
  const columns = Object.keys(rows[0] ?? {}).sort();
  return [
    exactly(`${where}: columns`, [...COLUMNS].sort().join(", "), columns.join(", ")),
    exactly(`${where}: rows with a credential that is not ${REDACTED}`, 0, open),
    judged(
      `${where}: user names`,
      "in clear",
      rows.length === 0 ? "no rows" : wrong ? shown(wrong.username) : "in clear",
      wrong === undefined && rows.length > 0,
    ),
  ];
}

/** That no credential of a fixture is anywhere in a text. */
export function judgeNothingPlanted(where: string, text: string): Evidence {
  return exactly(`${where}: credentials in clear`, 0, text.split(PLANTED).length - 1);
}

/** The rows that a reference gave; none when it gave none. */
export function rowsOf(resolved: Resolved | undefined): JsonObject[] {
  return rowsIn(jsonOf(resolved?.text ?? "null")) ?? [];
}

/**
 * SHA-256 of rows, whatever the order of their keys and the way in which numbers are written: the same rows over another
 * way have the same one.
 */
export function rowsDigest(rows: readonly JsonObject[]): string {
  const lines = rows.map((row) =>
    JSON.stringify(
      Object.keys(row)
        .sort()
        .map((key) => [key, row[key]]),
    ),
  );
  return sha256(lines.join("\n"));
}

/**
 * That the reference tells the SHA-256 of what the store gives: of the body itself (the server in Rust), or with a blank
 * after each colon and comma, as Python writes JSON.
 */
export function judgeDigest(step: string, reference: JsonObject | undefined, resolved: Resolved | undefined): Evidence {
  const told = textOf(at(reference, "meta", "sha256"));
  const text = resolved?.text ?? "";
  const spaced = text.replaceAll(/"(?:\\.|[^"\\])*"|[,:]/g, (token) => (token.length === 1 ? `${token} ` : token));
  const digests = [sha256(text), sha256(spaced)];
  const ok = told !== undefined && digests.includes(told);
  return judged(
    `${step}: SHA-256 that its reference tells`,
    digests[0] ?? "",
    ok ? (digests[0] ?? "") : shown(told),
    ok,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
