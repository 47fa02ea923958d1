import { z } from "zod";
import { IMAGES } from "../versions";
import { image, resources, whole } from "./fields";

export const pythonServerSchema = z
  .strictObject({
    image: image().default(IMAGES.noetlPython).describe("NoETL image with the Python package."),
    pool: z
      .strictObject({
        max: whole(1, 1000)
          .default(16)
          .describe("Largest connection pool of its API (NOETL_POSTGRES_POOL_MAX_SIZE; 32 in the server's code)."),
        min: whole(1, 1000).default(2).describe("Connections of it that stay open (NOETL_POSTGRES_POOL_MIN_SIZE)."),
        background: whole(1, 100)
          .default(4)
          .describe("Largest pool of its background work, which has one of its own (NOETL_BG_POOL_MAX_SIZE)."),
      })
      .prefault({})
      .describe("Connections to PostgreSQL. Both pools are part of the connection budget."),
    logLevel: z.enum(["DEBUG", "INFO", "WARNING", "ERROR"]).default("INFO").describe("What it logs (LOG_LEVEL)."),
    resources: resources({
      requests: { cpu: "100m", memory: "256Mi" },
      limits: { cpu: "2", memory: "2Gi" },
    }),
  })
  .optional()
  .describe(
    "The server of old, in Python: Deployment `noetl-server` behind Service `noetl`. It alone serves Arrow Flight. Without this key there is none.",
  );

const token = () => whole(1, 1000);

export const flightSchema = z
  .strictObject({
    serverTls: z
      .boolean()
      .default(true)
      .describe("C2.1: the server has a certificate of `tls`, in Secret noetl-flight-tls."),
    clientTls: z
      .boolean()
      .default(true)
      .describe(
        "C2.2: Rust worker pools have a certificate and the root of the server's, in Secret noetl-flight-client.",
      ),
    bearer: z
      .boolean()
      .default(true)
      .describe("C2.3: the server wants a token (Secret noetl-flight-bearer), and Rust worker pools have one."),
    tokens: z
      .strictObject({
        current: token().default(1).describe("Number of the token that workers present."),
        accepted: z
          .array(token())
          .min(1)
          .max(5)
          .default([1])
          .describe("Numbers of the tokens that the server takes; a new number is a new token."),
      })
      .prefault({})
      .describe("Tokens. To replace one: accept both, then present the new one, then accept it alone."),
    mutual: z
      .boolean()
      .default(true)
      .describe("C2.4: the server refuses clients without a certificate (NOETL_FLIGHT_CLIENT_CA)."),
  })
  .optional()
  .describe("Trust between the Flight server (`pythonServer`) and workers. Without this key Flight is plain and open.");
