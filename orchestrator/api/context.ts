import type { NatsState } from "../dispatch/connection";
import type { Engine } from "../engine/engine";
import type { StackFolder } from "../engine/stack-folder";
import type { Environments } from "../environments/environments";
import type { Queue } from "../queue/queue";
import type { Schedules } from "../queue/schedules";
import type { Clock } from "../queue/clock";
import type { Movable } from "../storage/copy/movable";
import type { Mover } from "../storage/copy/mover";
import type { Activity } from "./activity";
import type { Metrics } from "./metrics";
import type { Streams } from "./streams";

/** The orchestrators that share a SurrealDB server, as one of them sees them. */
export interface ClusterView {
  node: string;
  role: "leader" | "follower";
  /** Address of the one that leads; null: nobody does at present. */
  leader: string | null;
  nodes: { node: string; url: string; concurrency: number }[];
}

/** What routes work with. */
export interface ApiContext {
  queue: Queue;
  schedules: Schedules;
  storage: Movable;
  mover: Mover;
  clock: Clock;
  stacks: StackFolder;
  engine: Engine;
  environments: Environments;
  metrics: Metrics;
  activity: Activity;
  streams: Streams;
  /** Where several share the storage. */
  cluster?: (() => ClusterView) | undefined;
  /** Whether the service is stopping. */
  isStopping: () => boolean;
  /** How the connection to NATS is. Undefined: tasks are done here. */
  nats: () => Readonly<NatsState> | undefined;
}
