import { z } from "zod";
import { IMAGES } from "../versions";
import { bytes, envName, image, line, natsName, natsSubject, secretKey, secretName, whole } from "./fields";
import { scalingSchema } from "./scaling";

/** Credentials that playbooks use by the name of a variable. */
const keychain = z
  .array(
    z
      .strictObject({
        variable: envName().describe("Name of the variable, by which playbooks use the value."),
        secret: secretName().describe("Secret in namespace noetl that holds the value; it must exist."),
        key: secretKey().describe("Key of the value in that Secret."),
      })
      .describe("One credential."),
  )
  .max(100)
  .default([])
  .describe("Credentials from Secrets for the playbooks of the pool (listed in NOETL_KEYCHAIN_ENV_VARS).");

/** What every pool has, the system pool too. */
export const poolFields = {
  image: image().default(IMAGES.noetlWorker).describe("NoETL worker image."),
  replicas: whole(0, 500).optional().describe("Pods. Default: 1. Not with `scaling`, which decides instead."),
  scaling: scalingSchema,
  stream: natsName().default("NOETL_COMMANDS").describe("JetStream stream of the commands (NATS_STREAM)."),
  subject: natsSubject().default("noetl.commands").describe("Subject of the stream (NATS_SUBJECT)."),
  heartbeatInterval: whole(1, 3600)
    .default(15)
    .describe("Seconds between heartbeats to the server (WORKER_HEARTBEAT_INTERVAL)."),
  natsLagPollInterval: whole(1, 3600)
    .default(5)
    .describe("Seconds between measurements of the consumer's lag (WORKER_NATS_LAG_POLL_INTERVAL)."),
  ipcCacheBudget: bytes()
    .default("256Mi")
    .describe("Shared memory for Arrow results between steps (NOETL_IPC_CACHE_BUDGET_BYTES)."),
  sharedMemory: bytes()
    .default("320Mi")
    .describe("Size of /dev/shm. It must exceed `ipcCacheBudget`, or workers die with SIGBUS."),
  commandTimeout: whole(1, 86400)
    .default(180)
    .describe(
      "Longest time a command may take, in seconds. Python workers end it then (NOETL_WORKER_COMMAND_TIMEOUT_SECONDS); Rust workers leave that to the tools.",
    ),
  terminationGracePeriod: whole(11, 86410)
    .default(210)
    .describe(
      "Seconds a stopping worker has to finish the commands it holds: `commandTimeout` and 10 more. What is not finished then never is.",
    ),
  keychain,
  rustLog: line(255).optional().describe("Log filter (RUST_LOG). Default: of the build."),
};
