import type { Msg } from "@nats-io/transport-node";
import { at, type JsonObject, objectOf, textOf } from "../../../preview/json";
import { UserError } from "../../../stacks/errors";
import { jetStream, loadNats, type Nats, requested } from "../nats";
import type { Clock } from "../wait";

/** A stream as its server has packed it: configuration, messages, consumers. */
export interface StreamBackup {
  config: JsonObject;
  state: JsonObject;
  /** The archive, in the pieces in which it came. */
  chunks: Uint8Array[];
}

/** Bytes of a piece: small enough for every server's max_payload. */
const CHUNK = 128 * 1024;
/** How long nothing may come, in milliseconds. */
const SILENCE = 30_000;

/**
 * Packs a stream by `$JS.API.STREAM.SNAPSHOT`, after its server has compared each message with its checksum. The stream
 * goes on as if nothing were.
 *
 * @throws UserError when the server refuses, or stops sending
 */
export async function backUp(nats: Nats, stream: string, clock: Clock): Promise<StreamBackup> {
  const inbox = loadNats().createInbox();
  const chunks: Uint8Array[] = [];
  const seen: { ended: boolean; last: number; problem?: string | undefined } = { ended: false, last: clock.elapsed() };
  const subscription = nats.subscribe(inbox, {
    callback: (error, message: Msg) => {
      seen.last = clock.elapsed();
      if (error) seen.problem = error.message;
      else if (message.data.length > 0) chunks.push(message.data);
      else {
        seen.problem ??= statusOf(message);
        seen.ended = true;
      }
      // Its server sends so much ahead, and waits for answers to that.
      message.respond();
    },
  });
  try {
    const body = { deliver_subject: inbox, chunk_size: CHUNK, jsck: true };
    const { config, state } = await jetStream(nats, `STREAM.SNAPSHOT.${stream}`, body);
    while (!seen.ended && seen.problem === undefined) {
      if (clock.elapsed() - seen.last > SILENCE) seen.problem = `nothing came for ${SILENCE / 1000} s`;
      await clock.wait(20);
    }
    if (seen.problem !== undefined) throw new UserError(`the snapshot of stream ${stream} broke off: ${seen.problem}`);
    return { config: objectOf(config), state: objectOf(state), chunks };
  } finally {
    subscription.unsubscribe();
  }
}

/** An end that is none says why in its headers. */
function statusOf({ headers }: Msg): string | undefined {
  return headers === undefined || headers.code === 0 || headers.code === 204 ? undefined : headers.description;
}

/**
 * Unpacks a stream by `$JS.API.STREAM.RESTORE`.
 *
 * @param config what becomes of it; its name must be the one that was packed
 * @throws UserError when the server refuses
 */
export async function restore(nats: Nats, { state, chunks }: StreamBackup, config: JsonObject): Promise<void> {
  const stream = textOf(config.name) ?? "";
  const opened = await jetStream(nats, `STREAM.RESTORE.${stream}`, { config, state });
  const subject = textOf(opened.deliver_subject) ?? "";
  for (const chunk of chunks) {
    const answer = await nats.request(subject, chunk, { timeout: SILENCE });
    const said = answer.data.length === 0 ? undefined : textOf(at(answer.json(), "error", "description"));
    if (said !== undefined) throw new UserError(`stream ${stream} is not restored: ${said}`);
  }
  const done = await requested(nats, subject, "");
  const refused = textOf(at(done, "error", "description"));
  if (refused !== undefined) throw new UserError(`stream ${stream} is not restored: ${refused}`);
}

/** The configuration for a server that is alone, and lets nothing go while it is looked at. */
export function aloneConfig(config: JsonObject): JsonObject {
  const { placement: _placement, ...rest } = config;
  return { ...rest, num_replicas: 1, max_age: 0 };
}

/** Bytes of an archive. */
export function sizeOf({ chunks }: Pick<StreamBackup, "chunks">): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** Why a stream is not backed up; undefined when it can be. @param config of STREAM.INFO @param bytes that it has */
export function unfit(config: JsonObject, bytes: number, most: number): string | undefined {
  if (config.storage === "memory")
    return "it is kept in memory, of which JetStream makes no snapshots: it goes with its servers";
  if (config.mirror !== undefined) return "it is a mirror: its origin is what there is to back up";
  if (bytes > most) return `it has ${bytes} bytes; a rig restores at most ${most}`;
  return undefined;
}
