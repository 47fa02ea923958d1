import { describe, expect, test } from "@jest/globals";
import { jetStreamOf } from "../../stacks/streams";
import { configOf, pool, stackText } from "./config/support";

const POOL = `noetl:workerPools:\n${pool("a")}`;

describe("jetStreamOf", () => {
  test("given nothing declared, then it is what the workers will make", () => {
    const { streams, buckets } = jetStreamOf(configOf(stackText(POOL)));
    expect(streams).toMatchObject([
      {
        name: "NOETL_COMMANDS",
        maxAge: 0,
        consumers: [{ name: "noetl_worker_pool_system" }, { name: "a", ackWait: 30 }],
      },
    ]);
    expect(buckets).toStrictEqual([]);
  });

  test("given declared streams, then it is what is declared, with the defaults of the settings", () => {
    const { streams, buckets } = jetStreamOf(
      configOf(stackText(`${POOL}\nnoetl:streams: { mode: declared, by: nack }`)),
    );
    expect(streams).toStrictEqual([
      {
        name: "NOETL_COMMANDS",
        subjects: ["noetl.commands", "noetl.commands.>"],
        storage: "file",
        retention: "limits",
        discard: "old",
        maxAge: 3600,
        duplicateWindow: 120,
        replicas: 1,
        consumers: [
          {
            name: "noetl_worker_pool_system",
            filterSubject: "noetl.commands.system.>",
            ackWait: 960,
            maxDeliver: 1000,
            maxAckPending: 64,
          },
          { name: "a", filterSubject: "noetl.commands.a.>", ackWait: 960, maxDeliver: 1000, maxAckPending: 64 },
        ],
      },
    ]);
    expect(buckets).toStrictEqual([]);
  });

  test.each([
    [1, 1],
    [3, 3],
    [5, 3],
  ])("given %d servers, then everything declared has %d copies", (servers, copies) => {
    const lines = `noetl:nats: { replicas: ${servers} }\n${POOL}\nnoetl:streams: { mode: declared, by: nack, also: [events, gateway] }`;
    const { streams, buckets } = jetStreamOf(configOf(stackText(lines)));
    expect(new Set([...streams, ...buckets].map(({ replicas }) => replicas))).toStrictEqual(new Set([copies]));
  });

  test.each([
    ["events", ["NOETL_COMMANDS", "noetl_events"], []],
    ["coherence", ["NOETL_COMMANDS"], ["noetl_chain_heads", "noetl_exec_descriptors"]],
    ["gateway", ["NOETL_COMMANDS"], ["sessions", "requests"]],
  ])("given also %s, then it is there, too", (extra, expectedStreams, expectedBuckets) => {
    const lines = `noetl:streams: { mode: declared, by: bootstrap, also: [${extra}] }`;
    const { streams, buckets } = jetStreamOf(configOf(stackText(lines)));
    expect(streams.map(({ name }) => name)).toStrictEqual(expectedStreams);
    expect(buckets.map(({ name }) => name)).toStrictEqual(expectedBuckets);
  });
});
