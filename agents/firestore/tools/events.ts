import { z } from "zod";
import { documentPath } from "../paths";
import { batch, single, type Answer, type Context, type Tool } from "../tool";

/** Events of one call at most; those of one thread are stored one after another. */
const MOST_EVENTS = 100;

const position = () => z.int().min(0);

const addition = () =>
  z.strictObject({
    thread_path: documentPath(),
    event: z
      .strictObject({
        type: z.string().min(1).max(1500).default("event").describe("Default: event."),
        payload: z
          .record(z.string(), z.unknown())
          .default({})
          .describe("Whatever happened; values of sensitive keys are not stored."),
        parent_seq: position().optional().describe("The event that this one answers."),
      })
      .describe("The event."),
  });

async function append(
  { thread_path, event }: z.output<ReturnType<typeof addition>>,
  { events }: Context,
): Promise<Answer> {
  return { ...(await events.append(thread_path, event)) };
}

const appendEvent = single(
  {
    name: "append_event",
    title: "Append event",
    description:
      "Appends an event to THREAD/events, with the next number of the thread and the time of the database. Values of sensitive keys are redacted.",
    effect: "appends",
    input: addition(),
  },
  append,
);

const batchAppendEvents = batch(
  {
    name: "batch_append_events",
    title: "Append events",
    description:
      "Appends events, each for itself and those of a thread in the order of the items: when some fail, the others are stored all the same.",
    effect: "appends",
    item: addition(),
    maximum: MOST_EVENTS,
  },
  append,
);

const replayEvents = single(
  {
    name: "replay_events",
    title: "Replay events",
    description:
      "Events of a thread in ascending order. When there may be more, next_seq is where to go on with seq_from; otherwise it is null.",
    effect: "reads",
    input: z.strictObject({
      thread_path: documentPath(),
      seq_from: position().default(0).describe("First number, included. Default: 0, the beginning."),
      seq_to: position().nullish().describe("Last number, included. Default: the end."),
      type_filter: z.array(z.string()).max(30).default([]).describe("Only events of these types. Default: all."),
      limit: z.int().min(1).max(500).default(500).describe("Events at most. Default: 500."),
    }),
  },
  async ({ seq_to, ...replay }, { events }) => ({
    ...(await events.replay({ ...replay, seq_to: seq_to ?? undefined })),
  }),
);

export const EVENT_TOOLS: readonly Tool[] = [appendEvent, batchAppendEvents, replayEvents];
