import { z } from "zod";
import { at, textOf } from "../../preview/json";
import type { Reach } from "./reach";
import { JetStreamError, jetStream, type Nats, natsServerSchema, NO_CONSUMER, NO_STREAM, withNats } from "./nats";

/** Key of a stream's metadata that says which run has made it. */
export const RUN_METADATA = "noetl.io/verify-run";

/** A stream was not there. */
export const deleteStreamSchema = z.object({
  kind: z.literal("deleteStream"),
  server: natsServerSchema,
  stream: z.string(),
  run: z.string(),
});

/** A consumer delivered, and had no messages of this subject. */
export const resumeConsumerSchema = z.object({
  kind: z.literal("resumeConsumer"),
  server: natsServerSchema,
  stream: z.string(),
  consumer: z.string(),
  subject: z.string(),
});

/** Deletes a stream of this run; any other of its name is left alone. */
export async function deleteStream(
  { server, stream, run }: z.infer<typeof deleteStreamSchema>,
  reach: Reach,
): Promise<void> {
  await withNats(reach, server, async (nats) => {
    const info = await unlessGone(jetStream(nats, `STREAM.INFO.${stream}`));
    if (textOf(at(info, "config", "metadata", RUN_METADATA)) !== run) return;
    await unlessGone(jetStream(nats, `STREAM.DELETE.${stream}`));
  });
}

/** Takes the messages of a rig out before their consumer would hand them to anybody. */
export async function resumeConsumer(
  { server, stream, consumer, subject }: z.infer<typeof resumeConsumerSchema>,
  reach: Reach,
): Promise<void> {
  await withNats(reach, server, (nats) => resume(nats, stream, consumer, subject));
}

/** The same by a connection that there is. */
export async function resume(nats: Nats, stream: string, consumer: string, subject: string): Promise<void> {
  await unlessGone(jetStream(nats, `STREAM.PURGE.${stream}`, { filter: subject }));
  await unlessGone(jetStream(nats, `CONSUMER.PAUSE.${stream}.${consumer}`, {}));
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof JetStreamError && (error.code === NO_STREAM || error.code === NO_CONSUMER)) return undefined;
    throw error;
  }
}
