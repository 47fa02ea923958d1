import type { Edit } from "../../stacks/config/edit";
import type { PlatformConfig } from "../../stacks/schema";

/** A stage of the flip, as `noetl:server.flip` has it. */
export type Stage = PlatformConfig["server"]["flip"];

/** A step of the flip: from one stage to the next, never past one. */
export interface Step {
  from: Stage;
  to: Stage;
  /** What the step means, in a sentence without its point. */
  meaning: string;
  /** Whether the preconditions must hold. */
  guarded: boolean;
  edits: readonly Edit[];
}

const FLIP = ["noetl:server", "flip"];

/**
 * The next step on the way to publish-only, or back; undefined where the stack is there.
 *
 * On: `off` to `shadow`, in which the materializer runs beside the server, then `shadow` to `on`, which sets
 * NOETL_EVENT_INGEST_PUBLISH_ONLY and NOETL_STATE_BUILDER=offserver together. Off: `on` to `shadow`; the materializer stays
 * and writes what is still in the stream.
 *
 * @param note Why it is done in spite of its preconditions.
 */
export function nextStep(
  direction: "on" | "off",
  { server, streams }: Pick<PlatformConfig, "server" | "streams">,
  note?: string,
): Step | undefined {
  const from = server.flip;
  const set = (value: Stage): Edit => ({ kind: "set", path: FLIP, value, ...(note !== undefined && { note }) });
  if (direction === "off") {
    if (from !== "on") return undefined;
    const meaning = "the server writes events again, and the materializer finishes what is in the stream";
    return { from, to: "shadow", meaning, guarded: false, edits: [set("shadow")] };
  }
  if (from === "on") return undefined;
  if (from === "shadow") {
    const meaning = "the server only publishes events, and the materializer writes them";
    return { from, to: "on", meaning, guarded: true, edits: [set("on")] };
  }
  const meaning = "the materializer runs beside the server, which still writes events itself";
  return { from, to: "shadow", meaning, guarded: false, edits: [set("shadow"), ...streamEdits(streams)] };
}

/** The materializer takes events from a stream, which must be declared. */
function streamEdits(streams: PlatformConfig["streams"]): Edit[] {
  const also: Edit = { kind: "append", path: ["noetl:streams", "also"], value: "events" };
  if (streams.mode === "declared") return streams.also.includes("events") ? [] : [also];
  return [
    { kind: "set", path: ["noetl:streams", "mode"], value: "declared" },
    { kind: "set", path: ["noetl:streams", "by"], value: "bootstrap" },
    also,
  ];
}
