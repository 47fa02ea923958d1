import { setTimeout as delay } from "node:timers/promises";
import {
  AckPolicy,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamInfo,
} from "@nats-io/jetstream";
import { nanos, type NatsConnection } from "@nats-io/transport-node";
import { UserError } from "../../stacks/errors";
import { reasonOf } from "./connection";
import { namesOf, PRIORITIES } from "./messages";

/** What is made in JetStream. */
export interface StreamSettings {
  /** Name of the stream, and what the subjects begin with. */
  stream: string;
  /** Copies of what is stored. */
  replicas: number;
  /** Milliseconds without a sign of life after which work is handed to another worker. */
  ackWaitMs: number;
  /** How often work is handed out before it is a dead letter. */
  maxDeliver: number;
}

/** Milliseconds in which what was handed in twice is taken once. */
const DUPLICATES_MS = 2 * 60 * 1000;
/** Milliseconds after which a dead letter that nobody has asked for is forgotten. */
const DEAD_MS = 30 * 24 * 60 * 60 * 1000;

const CONSUMER_MISSING = 10014;
const STREAM_MISSING = 10059;
/** An election swallows requests. */
const TRIES = 10;

/**
 * Makes the stream of the work with a consumer for each priority, and the stream of dead letters, where they are not there.
 *
 * @throws UserError when there is a stream of the name that is another one, or JetStream is not to be had
 */
export async function ensureStreams(nats: NatsConnection, settings: StreamSettings): Promise<JetStreamManager> {
  try {
    const manager = await patiently(() => jetstreamManager(nats));
    await ensureWork(manager, settings);
    await ensureDead(manager, settings);
    return manager;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`JetStream cannot keep ${settings.stream}: ${reasonOf(error)}`);
  }
}

async function ensureWork(manager: JetStreamManager, settings: StreamSettings): Promise<void> {
  const { stream, replicas, ackWaitMs, maxDeliver } = settings;
  const names = namesOf(stream);
  await ensureStream(manager, stream, names.allWork, RetentionPolicy.Workqueue, () => ({
    num_replicas: replicas,
    duplicate_window: nanos(DUPLICATES_MS),
  }));
  for (const priority of PRIORITIES) {
    const consumer = names.consumer(priority);
    const changeable = { ack_wait: nanos(ackWaitMs), max_deliver: maxDeliver, max_ack_pending: -1 };
    await patiently(async () => {
      if (await found(() => manager.consumers.info(stream, consumer), CONSUMER_MISSING)) {
        await manager.consumers.update(stream, consumer, changeable);
        return;
      }
      await manager.consumers.add(stream, {
        ...changeable,
        durable_name: consumer,
        filter_subject: names.work(priority),
        ack_policy: AckPolicy.Explicit,
      });
    });
  }
}

async function ensureDead(manager: JetStreamManager, { stream, replicas }: StreamSettings): Promise<void> {
  const { dead, advisories } = namesOf(stream);
  await ensureStream(manager, dead, advisories, RetentionPolicy.Limits, () => ({
    num_replicas: replicas,
    max_age: nanos(DEAD_MS),
  }));
  await patiently(async () => {
    if (await found(() => manager.consumers.info(dead, "dead-letters"), CONSUMER_MISSING)) return;
    await manager.consumers.add(dead, { durable_name: "dead-letters", ack_policy: AckPolicy.Explicit });
  });
}

async function ensureStream(
  manager: JetStreamManager,
  name: string,
  subject: string,
  retention: RetentionPolicy,
  more: () => object,
): Promise<void> {
  await patiently(async () => {
    const there = await found(() => manager.streams.info(name), STREAM_MISSING);
    if (there) assertOurs(there, subject, retention);
    else await manager.streams.add({ name, subjects: [subject], retention, storage: StorageType.File, ...more() });
  });
}

/** @throws UserError for a stream that somebody else has made */
function assertOurs({ config }: StreamInfo, subject: string, retention: RetentionPolicy): void {
  const wrong = [
    ...(config.retention === retention ? [] : [`its retention is ${config.retention}, not ${retention}`]),
    ...(config.subjects.join() === subject ? [] : [`its subjects are ${config.subjects.join(", ")}, not ${subject}`]),
  ];
  if (wrong.length === 0) return;
  throw new UserError(
    `NATS has another stream ${config.name}: ${wrong.join(", and ")}; choose another name with --nats-stream`,
  );
}

async function found<T>(ask: () => Promise<T>, missing: number): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === missing) return undefined;
    throw error;
  }
}

/** Asks again where nobody has answered: each request may be asked twice. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await ask();
    } catch (error) {
      const isUnanswered =
        error instanceof Error && /timeout|no responders|temporarily/i.test(`${error.name} ${error.message}`);
      if (!isUnanswered || left === 0) throw error;
      await delay(500);
    }
  }
}
