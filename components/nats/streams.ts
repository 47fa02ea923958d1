/**
 * What JetStream keeps for the platform, as data: the one place where a stream, a consumer or a bucket has its name.
 * Durations are seconds.
 */
export interface JetStreamFacts {
  streams: readonly StreamFacts[];
  buckets: readonly BucketFacts[];
}

export type Storage = "file" | "memory";

export interface StreamFacts {
  name: string;
  subjects: readonly string[];
  storage: Storage;
  /** When a message goes: by the limits below alone, when every consumer has it, or when one consumer has it. */
  retention: "limits" | "interest" | "workqueue";
  /** What goes when a limit is reached: the oldest message, or the one that comes. */
  discard: "old" | "new";
  /** Age at which a message goes; 0 keeps it for ever. */
  maxAge: number;
  /** How long a message id is remembered, so that a message that is sent twice is stored once. */
  duplicateWindow: number;
  /** Servers that hold a copy: 1, 3 or 5. */
  replicas: number;
  consumers: readonly ConsumerFacts[];
}

/** A durable pull consumer with explicit acknowledgement, from the stream's first message on. */
export interface ConsumerFacts {
  name: string;
  filterSubject: string;
  /** Time a client has to acknowledge a message before it is delivered again. */
  ackWait: number;
  /** Deliveries of one message; -1 for as many as it takes. */
  maxDeliver: number;
  /** Messages that may be with clients unacknowledged; no further ones are delivered above that. */
  maxAckPending: number;
}

/** A key-value bucket. */
export interface BucketFacts {
  name: string;
  /** Age at which a key goes; 0 keeps it for ever. */
  ttl: number;
  /** Values kept of a key. */
  history: number;
  storage: Storage;
  replicas: number;
}

/** Where a worker pool takes its commands from. */
export interface CommandSource {
  stream: string;
  /** The stream carries this subject and everything below it. */
  subject: string;
  consumer: string;
  filterSubject: string;
}

/** What a stream of commands and its consumers are like, beyond their names and subjects. */
export type CommandLimits = Pick<StreamFacts, "storage" | "maxAge" | "duplicateWindow" | "replicas"> &
  Pick<ConsumerFacts, "ackWait" | "maxDeliver" | "maxAckPending">;

/**
 * What the published worker makes where nothing is: it names stream, subjects, consumer and filter, and leaves all else
 * to its client library and nats-server. It never changes what is there.
 */
export const MADE_BY_WORKERS: CommandLimits = {
  storage: "file",
  maxAge: 0,
  duplicateWindow: 120,
  replicas: 1,
  ackWait: 30,
  maxDeliver: -1,
  maxAckPending: 1000,
};

/** Subjects of the stream behind a worker's NATS_SUBJECT. */
export function commandSubjects(subject: string): string[] {
  return [subject, `${subject}.>`];
}

/**
 * The streams of commands that pools take from, each with one consumer a name. Of pools that share a stream or a
 * consumer the first one counts; the rules of the schema hold them to agree.
 */
export function commandStreams(sources: readonly CommandSource[], limits: CommandLimits): StreamFacts[] {
  const { storage, maxAge, duplicateWindow, replicas, ackWait, maxDeliver, maxAckPending } = limits;
  return firstsBy(sources, (source) => source.stream).map(({ stream: name, subject }) => ({
    name,
    subjects: commandSubjects(subject),
    storage,
    // A command is for one consumer of several: a work queue would refuse the second one.
    retention: "limits",
    discard: "old",
    maxAge,
    duplicateWindow,
    replicas,
    consumers: firstsBy(
      sources.filter((source) => source.stream === name),
      (source) => source.consumer,
    ).map(({ consumer, filterSubject }) => ({ name: consumer, filterSubject, ackWait, maxDeliver, maxAckPending })),
  }));
}

const EVENTS = "noetl.events.>";

/** The stream of events that the server writes when it only publishes them, exactly as the server makes it. */
export function eventStream(replicas: number): StreamFacts {
  return {
    name: "noetl_events",
    subjects: [EVENTS],
    storage: "file",
    retention: "limits",
    discard: "old",
    maxAge: 86400,
    duplicateWindow: 120,
    replicas,
    consumers: ["noetl_projector", "noetl_materializer", "noetl_state_builder"].map((name) => ({
      name,
      filterSubject: EVENTS,
      // The server writes these into its consumers at every start.
      ackWait: 30,
      maxDeliver: -1,
      maxAckPending: 1000,
    })),
  };
}

/** Where replicas of the server tell each other how far an execution is. */
export function coherenceBuckets(replicas: number): BucketFacts[] {
  return [bucket("noetl_chain_heads", 0, replicas), bucket("noetl_exec_descriptors", 0, replicas)];
}

/** The gateway's sessions, and the requests that wait for an answer. */
export function gatewayBuckets(replicas: number): BucketFacts[] {
  return [bucket("sessions", 300, replicas), bucket("requests", 1800, replicas)];
}

function bucket(name: string, ttl: number, replicas: number): BucketFacts {
  return { name, ttl, history: 1, storage: "file", replicas };
}

/**
 * The consumer that a pool takes its commands from.
 *
 * @throws Error when there is none of that name
 */
export function consumerOf(
  streams: readonly StreamFacts[],
  { stream, consumer }: Pick<CommandSource, "stream" | "consumer">,
): ConsumerFacts {
  const found = streams
    .filter(({ name }) => name === stream)
    .flatMap(({ consumers }) => consumers)
    .find(({ name }) => name === consumer);
  if (!found) throw new Error(`no consumer '${consumer}' of a stream '${stream}'`);
  return found;
}

function firstsBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const firsts = new Map<string, T>();
  for (const item of items) if (!firsts.has(keyOf(item))) firsts.set(keyOf(item), item);
  return [...firsts.values()];
}
