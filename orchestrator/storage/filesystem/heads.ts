import { crc32 } from "node:zlib";
import { headOf, type TaskHead } from "../../tasks/task";
import type { Document } from "../storage";
import type { Put, Segment } from "./segment";

/**
 * What a whole segment says, without what only a reader of a task needs: read at a start instead of the segment. One
 * JSON list a line, the number of lines and their checksum at the end.
 */
export async function headsText(puts: readonly Put[]): Promise<string> {
  const latest = new Map<string, Put>();
  for (const put of puts) latest.set(subjectOf(put), put);
  const lines: string[] = [];
  for (const put of latest.values()) {
    lines.push(JSON.stringify(lineOf(put)));
    // A long stop of the event loop would show in everybody's latency.
    if (lines.length % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const text = lines.map((line) => `${line}\n`).join("");
  return `${text}${JSON.stringify({ lines: lines.length, crc32: crc32(text) })}\n`;
}

/** @returns undefined when the text is not whole */
export function putsOf(text: string, segment: Segment): Put[] | undefined {
  const end = text.lastIndexOf("\n", text.length - 2) + 1;
  const body = text.slice(0, end);
  try {
    const { crc32: sum } = JSON.parse(text.slice(end)) as { crc32: number };
    if (crc32(body) !== sum) return undefined;
    // One list of all is read in half the time of as many lists.
    return (JSON.parse(`[${body.trimEnd().replaceAll("\n", ",")}]`) as Line[]).map((line) => putOf(line, segment));
  } catch {
    return undefined;
  }
}

type Line =
  | ["T", TaskHead, number, number]
  | ["S", Document, number, number]
  | ["D", { task: string } | { collection: string; id: string }];

function lineOf(put: Put): Line {
  if ("head" in put) return ["T", put.head, put.offset, put.length];
  if ("document" in put) return ["S", put.document, put.offset, put.length];
  return ["D", put.removed];
}

function putOf(line: Line, segment: Segment): Put {
  if (line[0] === "T") return { head: headOf(line[1]), segment, offset: line[2], length: line[3] };
  if (line[0] === "S") return { document: line[1], segment, offset: line[2], length: line[3] };
  return { removed: line[1] };
}

function subjectOf(put: Put): string {
  if ("head" in put) return `T${put.head.id}`;
  if ("document" in put) return `S${put.document.collection} ${put.document.id}`;
  return "task" in put.removed ? `T${put.removed.task}` : `S${put.removed.collection} ${put.removed.id}`;
}
