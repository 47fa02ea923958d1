import { literal, type EnvVar } from "../kubernetes/env";

/** The loop that writes published events to the event log. Durations are milliseconds. */
export interface MaterializerSettings {
  /** Whether it runs. It needs the stream `noetl_events`, which a server makes that publishes its events. */
  enabled: boolean;
  /** Events fetched at once, at most 1000. */
  batch: number;
  /** How long a fetch waits for events. */
  fetchTimeout: number;
  /** Pause after a fetch without events. */
  idleSleep: number;
  /** Pause after a failure. */
  errorBackoff: number;
}

/** Where the state of an execution is put together before the next step is chosen. Durations are milliseconds. */
export interface StateBuilderSettings {
  /** `server`: the server sends it along. `offserver`: this pool builds it from the events of stream `noetl_events`. */
  mode: "server" | "offserver";
  /** Whether to build it besides, for comparison, while the server's is used. */
  shadow: boolean;
  /** Whether to keep its place in the stream over a restart; its index is not kept, so executions may then stall. */
  durable: boolean;
  /** Name of the durable consumer. */
  consumer: string;
  /** Events fetched at once, at most 1000. */
  batch: number;
  /** How long a fetch waits for events. */
  fetchTimeout: number;
  /** Pause after a fetch without events. */
  idleSleep: number;
}

/** The variables of the loops that only a system pool runs. */
export function systemEnv(materializer: MaterializerSettings, builder: StateBuilderSettings): EnvVar[] {
  return [
    literal("NOETL_MATERIALIZER_ENABLED", materializer.enabled),
    literal("NOETL_MATERIALIZER_BATCH", materializer.batch),
    literal("NOETL_MATERIALIZER_TIMEOUT_MS", materializer.fetchTimeout),
    literal("NOETL_MATERIALIZER_IDLE_SLEEP_MS", materializer.idleSleep),
    literal("NOETL_MATERIALIZER_ERROR_BACKOFF_MS", materializer.errorBackoff),
    literal("NOETL_STATE_BUILDER", builder.mode),
    literal("NOETL_STATE_BUILDER_SHADOW", builder.shadow),
    literal("NOETL_STATE_BUILDER_DURABLE", builder.durable),
    literal("NOETL_STATE_BUILDER_CONSUMER", builder.consumer),
    literal("NOETL_STATE_BUILDER_BATCH", builder.batch),
    literal("NOETL_STATE_BUILDER_TIMEOUT_MS", builder.fetchTimeout),
    literal("NOETL_STATE_BUILDER_IDLE_SLEEP_MS", builder.idleSleep),
  ];
}
