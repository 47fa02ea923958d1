import { createHash } from "node:crypto";
import type { JsMsg } from "@nats-io/jetstream";
import type { JsonObject } from "../../../preview/json";
import { numberOf } from "../../../preview/json";
import type { Nats } from "../nats";
import { readStream } from "../read-stream";
import type { Evidence } from "../rig";

/** Fingerprints of messages, by their sequence. */
export type Fingerprints = ReadonlyMap<number, string>;

/** Reads the messages of a stream up to a sequence. @returns a fingerprint of each: subject, headers and text */
export async function fingerprints(nats: Nats, stream: string, upTo: number): Promise<Fingerprints> {
  const found = new Map<number, string>();
  await readStream(nats, stream, (message) => {
    if (message.seq > upTo) return false;
    found.set(message.seq, fingerprint(message));
    return message.seq < upTo;
  });
  return found;
}

function fingerprint({ subject, headers, data }: JsMsg): string {
  const hash = createHash("sha256").update(`${subject}\n`);
  for (const key of [...(headers?.keys() ?? [])].sort()) {
    hash.update(`${key}: ${headers?.values(key).join(", ") ?? ""}\n`);
  }
  return hash.update("\n").update(data).digest("hex");
}

/** What a restored stream is compared with. */
export interface Comparison {
  stream: string;
  /** State that the snapshot says it has. */
  packed: JsonObject;
  /** State of the restored stream. */
  restored: JsonObject;
  /** Messages that the live stream still has of those that were packed; undefined when it must not be read. */
  live?: Fingerprints;
  messages: Fingerprints;
}

/** What must be the same. */
const COUNTED = ["messages", "bytes", "first_seq", "last_seq"] as const;

/** Whether a restored stream has what the packed one had. */
export function streamEvidence({ stream, packed, restored, live, messages }: Comparison): Evidence[] {
  const words = (state: JsonObject): string => COUNTED.map((key) => `${key} ${numberOf(state[key]) ?? 0}`).join(", ");
  const [expected, seen] = [words(packed), words(restored)];
  const counts: Evidence = { what: `stream ${stream}`, expected, seen, ok: expected === seen };
  if (live === undefined) return [counts];
  const wrong = [...live].filter(([sequence, text]) => messages.get(sequence) !== text).map(([sequence]) => sequence);
  return [
    counts,
    {
      what: `stream ${stream}: messages that are live, too`,
      expected: `all ${live.size} the same`,
      seen: wrong.length === 0 ? `all ${live.size} the same` : `missing or different: ${some(wrong)}`,
      ok: wrong.length === 0,
    },
  ];
}

/** Enough of a list to look for. */
function some(sequences: readonly number[]): string {
  const shown = sequences.slice(0, 10).join(", ");
  return sequences.length > 10 ? `${shown} and ${sequences.length - 10} more` : shown;
}
