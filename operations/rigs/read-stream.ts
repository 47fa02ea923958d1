import type * as JetStreamLibrary from "@nats-io/jetstream";
import type { JsMsg } from "@nats-io/jetstream";
import { at, numberOf } from "../../preview/json";
import { jetStream, type Nats } from "./nats";

/**
 * Reads the messages of a stream, in their order, and leaves nothing at the stream: the consumer is of this connection,
 * and acknowledges nothing.
 *
 * @param each gets one message after the other; false ends the reading
 */
export async function readStream(nats: Nats, stream: string, each: (message: JsMsg) => boolean): Promise<void> {
  const info = await jetStream(nats, `STREAM.INFO.${stream}`);
  if ((numberOf(at(info, "state", "messages")) ?? 0) === 0) return;
  const consumer = await loadJetStream().jetstream(nats).consumers.get(stream);
  const messages = await consumer.consume();
  try {
    for await (const message of messages) {
      if (!each(message) || message.info.pending === 0) return;
    }
  } finally {
    await messages.close();
    await consumer.delete();
  }
}

/** Loaded when a rig needs it: no other command shall start slower for it. */
function loadJetStream(): typeof JetStreamLibrary {
  // Code that V8 has cached cannot `import()`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("@nats-io/jetstream") as typeof JetStreamLibrary;
}
