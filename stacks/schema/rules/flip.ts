import { rule, when } from "./rule";

/** Without a materializer the events of `on` stay in the stream, and nothing ever ends. */
export const flipNeedsMaterializer = rule(
  "`server.flip: shadow` and `on` need pods of `systemPool`: its materializer writes the events",
  ["server", "systemPool"],
  ({ server: { flip }, systemPool }) =>
    when(flip !== "off" && systemPool.replicas === 0, {
      path: ["server", "flip"],
      message: `"${flip}" leaves events to the materializer of the system pool, which has no pods, systemPool.replicas`,
      allowed: "off, while systemPool.replicas is 0",
      see: ["systemPool", "replicas"],
    }),
);

/** Otherwise a server makes the stream with its first event, and until then the system pool fails to find it. */
export const flipNeedsStream = rule(
  "`server.flip: shadow` and `on` need stream noetl_events: `streams.mode: declared` with `events` in `also`",
  ["server", "streams"],
  ({ server: { flip }, streams }) =>
    when(flip !== "off" && !(streams.mode === "declared" && streams.also.includes("events")), {
      path: ["server", "flip"],
      message: `"${flip}" needs stream noetl_events, which nobody declares`,
      allowed: "off, until the stream is declared",
      next: "set streams.mode to declared, and add events to streams.also",
    }),
);

/** The materializer writes into the server's own database, whatever shard an event belongs to (server 3.39.3). */
export const flipNeedsOneDatabase = rule(
  "`server.flip: shadow` and `on` need `server.shards.databases: one`",
  ["server"],
  ({ server: { flip, shards } }) =>
    when(flip !== "off" && shards.databases === "perShard", {
      path: ["server", "flip"],
      message: `"${flip}" would put the events of all shards into one database, but server.shards.databases has one for each`,
      allowed: "off, while server.shards.databases is perShard",
      see: ["server", "shards", "databases"],
    }),
);
