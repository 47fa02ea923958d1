/**
 * How far events have moved from the server's own INSERTs to NATS (CQRS): `off` the server writes them; `shadow` the same,
 * and the system pool's materializer runs idle beside it; `on` the server only publishes them, and the materializer is
 * the one that writes.
 */
export type Flip = "off" | "shadow" | "on";

/** What the stages switch, in server and system pool. */
export interface WritePath {
  /** The server publishes events instead of writing them (NOETL_EVENT_INGEST_PUBLISH_ONLY). */
  publishOnly: boolean;
  /** Who builds the state of an execution from its events (NOETL_STATE_BUILDER). */
  stateBuilder: "server" | "offserver";
  /** The system pool writes events that NATS carries (NOETL_MATERIALIZER_ENABLED). */
  materializer: boolean;
}

const STAGES: Record<Flip, WritePath> = {
  off: { publishOnly: false, stateBuilder: "server", materializer: false },
  shadow: { publishOnly: false, stateBuilder: "server", materializer: true },
  // Both together: a server that reads state from a table it no longer writes finds it behind.
  on: { publishOnly: true, stateBuilder: "offserver", materializer: true },
};

/** What a stage switches. Way back: `shadow`, which leaves the materializer to write what is still in the stream. */
export function writePath(flip: Flip): WritePath {
  return STAGES[flip];
}
