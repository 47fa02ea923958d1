import { z } from "zod";
import { IMAGES } from "../versions";
import { bytes, image, resources } from "./fields";

export const natsSchema = z
  .strictObject({
    image: image().default(IMAGES.nats).describe("NATS server image."),
    storage: bytes()
      .default("8Gi")
      .describe(
        "Size of the volume behind JetStream's file store. Keep it a quarter above `jetstream.file`: raft logs and indexes need room too.",
      ),
    jetstream: z
      .strictObject({
        memory: bytes()
          .default("1Gi")
          .describe("Largest memory store (`max_memory_store`; the platform's manifests say 1GB)."),
        file: bytes()
          .default("5Gi")
          .describe("Largest file store (`max_file_store`; the platform's manifests say 5GB)."),
      })
      .prefault({})
      .describe("Limits of JetStream's stores."),
    // Above 64Mi it would exceed max_pending, and the server refuses its configuration.
    maxPayload: bytes("64Mi")
      .default("1Mi")
      .describe("Largest message a client may publish (`max_payload`; nats-server's own default)."),
    resources: resources({
      requests: { cpu: "250m", memory: "512Mi" },
      limits: { cpu: "1", memory: "2Gi" },
    }),
  })
  .prefault({})
  .describe("NATS with JetStream: carries commands to the worker pools and events back.");
