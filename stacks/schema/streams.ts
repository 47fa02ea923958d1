import { z } from "zod";
import { whole } from "./fields";

const asNeeded = z
  .strictObject({
    mode: z
      .literal("asNeeded")
      .describe("Each worker makes what it misses when it starts: file storage, no age limit, ack wait 30 s."),
  })
  .describe("Nothing is declared; the platform takes no playbook before its first worker has started.");

const declared = z
  .strictObject({
    mode: z.literal("declared").describe("Streams and consumers are there before server and workers, as said here."),
    by: z
      .enum(["bootstrap", "nack"])
      .describe(
        "Who makes them. `bootstrap`: an init container of the server makes what is missing and leaves what exists as it is. `nack`: the NACK operator, which must be installed, makes them from custom resources and keeps them true.",
      ),
    storage: z
      .enum(["file", "memory"])
      .default("file")
      .describe(
        "Where commands wait. `memory` is lost when a single NATS server restarts; the platform's bootstrap on GKE uses it. It cannot change once the stream exists.",
      ),
    maxAge: whole(0, 31536000)
      .default(3600)
      .describe("Seconds a command stays in its stream, taken or not (0: for ever, until the file store is full)."),
    duplicateWindow: whole(1, 86400)
      .default(120)
      .describe("Seconds a message id is remembered, so that a command sent twice is stored once."),
    ackWait: whole(1, 86400)
      .default(960)
      .describe("Seconds a worker has to claim a command before it is delivered again."),
    maxDeliver: whole(1, 1000000).default(1000).describe("Deliveries of one command before it is given up."),
    maxAckPending: whole(1, 1000000)
      .default(64)
      .describe("Commands that the workers of one consumer may be claiming at a time; at least one a pod."),
    also: z
      .array(z.enum(["events", "coherence", "gateway"]))
      .max(3)
      .default([])
      .describe(
        "What else to make: `events` (stream noetl_events and its consumers, for a server that only publishes events), `coherence` (buckets noetl_chain_heads and noetl_exec_descriptors, for several server replicas), `gateway` (buckets sessions and requests).",
      ),
  })
  .describe("Names, subjects and filters are those of `workerPools` and `systemPool`; the rest is here.");

export const streamsSchema = z
  .discriminatedUnion("mode", [asNeeded, declared], { error: '"asNeeded" or "declared"' })
  .prefault({ mode: "asNeeded" })
  .describe("JetStream's streams and consumers of the worker pools.");
