import { describe, expect, test } from "@jest/globals";
import {
  coherenceBuckets,
  commandStreams,
  consumerOf,
  eventStream,
  gatewayBuckets,
  MADE_BY_WORKERS,
  type CommandSource,
} from "../../../components/nats/streams";

const SHARED: CommandSource = {
  stream: "NOETL_COMMANDS",
  subject: "noetl.commands",
  consumer: "noetl_worker_pool_shared",
  filterSubject: "noetl.commands.shared.>",
};
const SYSTEM: CommandSource = {
  ...SHARED,
  consumer: "noetl_worker_pool_system",
  filterSubject: "noetl.commands.system.>",
};
const LIMITS = { ackWait: 30, maxDeliver: -1, maxAckPending: 1000 };

describe("commandStreams", () => {
  test("given no pools, then there are no streams", () => {
    expect(commandStreams([], MADE_BY_WORKERS)).toStrictEqual([]);
  });

  test("given pools that share stream and consumers, then each is there once", () => {
    expect(commandStreams([SHARED, SYSTEM, SHARED], MADE_BY_WORKERS)).toStrictEqual([
      {
        name: "NOETL_COMMANDS",
        subjects: ["noetl.commands", "noetl.commands.>"],
        storage: "file",
        retention: "limits",
        discard: "old",
        maxAge: 0,
        duplicateWindow: 120,
        replicas: 1,
        consumers: [
          { name: "noetl_worker_pool_shared", filterSubject: "noetl.commands.shared.>", ...LIMITS },
          { name: "noetl_worker_pool_system", filterSubject: "noetl.commands.system.>", ...LIMITS },
        ],
      },
    ]);
  });

  test("given pools of two streams, then each stream has its own consumers", () => {
    const other = { stream: "OTHER", subject: "other", consumer: SHARED.consumer, filterSubject: "other.>" };
    const streams = commandStreams([SHARED, other], MADE_BY_WORKERS);
    expect(streams.map(({ name, consumers }) => [name, ...consumers.map((one) => one.filterSubject)])).toStrictEqual([
      ["NOETL_COMMANDS", "noetl.commands.shared.>"],
      ["OTHER", "other.>"],
    ]);
    expect(consumerOf(streams, other).filterSubject).toBe("other.>");
  });

  test("given limits, then the stream and its consumers have them", () => {
    const limits = {
      storage: "memory",
      maxAge: 3600,
      duplicateWindow: 60,
      replicas: 3,
      ackWait: 960,
      maxDeliver: 1000,
      maxAckPending: 64,
    } as const;
    expect(commandStreams([SHARED], limits)).toMatchObject([
      {
        storage: "memory",
        maxAge: 3600,
        duplicateWindow: 60,
        replicas: 3,
        consumers: [{ ackWait: 960, maxDeliver: 1000, maxAckPending: 64 }],
      },
    ]);
  });
});

test("given a consumer that no stream has, when looked for, then that is an error", () => {
  expect(() => consumerOf(commandStreams([SHARED], MADE_BY_WORKERS), SYSTEM)).toThrow(
    "no consumer 'noetl_worker_pool_system' of a stream 'NOETL_COMMANDS'",
  );
});

test("the events stay a day, and each of their consumers gets all of them", () => {
  const consumer = (name: string) => ({ name, filterSubject: "noetl.events.>", ...LIMITS });
  expect(eventStream(3)).toStrictEqual({
    name: "noetl_events",
    subjects: ["noetl.events.>"],
    storage: "file",
    retention: "limits",
    discard: "old",
    maxAge: 86400,
    duplicateWindow: 120,
    replicas: 3,
    consumers: [consumer("noetl_projector"), consumer("noetl_materializer"), consumer("noetl_state_builder")],
  });
});

test("buckets have the names that server and gateway look for", () => {
  const bucket = (name: string, ttl: number) => ({ name, ttl, history: 1, storage: "file", replicas: 3 });
  expect([...coherenceBuckets(3), ...gatewayBuckets(3)]).toStrictEqual([
    bucket("noetl_chain_heads", 0),
    bucket("noetl_exec_descriptors", 0),
    bucket("sessions", 300),
    bucket("requests", 1800),
  ]);
});
