import { crc32 } from "node:zlib";
import { KINDS, OPERATIONS, type Operation } from "../../tasks/kinds";
import { STATES } from "../../tasks/states";
import type { TaskHead } from "../../tasks/task";
import type { Document } from "../storage";
import { NONE, placesOf, type Put, type Removal, type Segment } from "./segment";
import type { Table } from "./table";

const OPERATION_NAMES = Object.keys(OPERATIONS) as Operation[];

/**
 * What a segment says up to some byte, without what only a reader of a task needs: read at a start instead of the
 * segment. A JSON list of lines, then on a line of its own their checksum and the rest of `Heads`.
 *
 * @param puts The last word on each.
 * @param audit Number of the last entry of the audit log, which is durable.
 */
export async function headsText(puts: readonly Put[], end: number, audit: number): Promise<string> {
  const lines: string[] = [];
  for (const put of puts) {
    lines.push(JSON.stringify(lineOf(put)));
    // A long stop of the event loop would show in everybody's latency.
    if (lines.length % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const text = `[${lines.join(",\n")}]\n`;
  return `${text}${JSON.stringify({ crc32: crc32(text), end, audit })}\n`;
}

export interface Heads {
  lines: readonly Line[];
  /** The byte of the segment up to which they go. */
  end: number;
  /** The last entry of the audit log that was durable then. */
  audit: number;
}

/** @returns undefined when the text is not whole */
export function headsOf(text: string): Heads | undefined {
  const begin = text.lastIndexOf("\n", text.length - 2) + 1;
  const body = text.slice(0, begin);
  try {
    const { crc32: sum, end, audit } = JSON.parse(text.slice(begin)) as Omit<Heads, "lines"> & { crc32: number };
    if (crc32(body) !== sum) return undefined;
    return { lines: JSON.parse(body) as Line[], end, audit };
  } catch {
    return undefined;
  }
}

/** What a line says. Undefined: a change of a task whose whole record was written anew, further on. */
export function putOf(line: Line, segment: Segment, table: Table): Put | undefined {
  if (line[0] === "S") return { document: line[1], segment, offset: line[2], length: line[3] };
  if (line[0] === "D") return { removed: line[1] };
  const [, fields, isWhole, ...numbers] = line;
  const head = headOfFields(fields);
  const before = isWhole === 1 ? undefined : table.rows.get(head.id);
  if (isWhole !== 1 && !before) return undefined;
  const [offset = 0, length = 0] = numbers.splice(-2);
  const earlier = before ? placesOf(before) : [];
  for (let at = 0; at < numbers.length; at += 2) {
    earlier.push({ segment, offset: numbers[at] ?? 0, length: numbers[at + 1] ?? 0 });
  }
  return { head, segment, offset, length, earlier: earlier.length === 0 ? NONE : earlier };
}

type Fields = ReturnType<typeof fieldsOf>;
export type Line =
  /** A task; whether its records begin in this segment; where each stands and how long it is. */
  ["T", Fields, 0 | 1, ...number[]] | ["S", Document, number, number] | ["D", Removal["removed"]];

function lineOf(put: Put): Line {
  if ("removed" in put) return ["D", put.removed];
  if ("document" in put) return ["S", put.document, put.offset, put.length];
  const { head, segment, offset, length, earlier } = put;
  const here = earlier.filter((place) => place.segment === segment);
  const places = here.flatMap((place) => [place.offset, place.length]);
  return ["T", fieldsOf(head), here.length === earlier.length ? 1 : 0, ...places, offset, length];
}

function fieldsOf(head: TaskHead) {
  const { id, seq, revision, state, kind, operation, stack, priority, queuedAt, notBefore } = head;
  const { dependsOn, approval, key, attempts, lease } = head;
  const words = [STATES.indexOf(state), KINDS.indexOf(kind), OPERATION_NAMES.indexOf(operation)] as const;
  const rare = dependsOn.length > 0 || (stack ?? notBefore ?? approval ?? key ?? lease) !== undefined;
  const common = [id, seq, revision, ...words, priority, queuedAt, attempts] as const;
  return rare ? ([...common, { stack, notBefore, dependsOn, approval, key, lease }] as const) : common;
}

function headOfFields(fields: Fields): TaskHead {
  const [id, seq, revision, state, kind, operation, priority, queuedAt, attempts, rare] = fields;
  return {
    id,
    seq,
    revision,
    state: STATES[state] ?? "pending",
    kind: KINDS[kind] ?? "cluster",
    operation: OPERATION_NAMES[operation] ?? "create",
    stack: rare?.stack,
    priority,
    queuedAt,
    notBefore: rare?.notBefore,
    dependsOn: rare?.dependsOn ?? [],
    approval: rare?.approval,
    key: rare?.key,
    attempts,
    lease: rare?.lease,
  };
}
