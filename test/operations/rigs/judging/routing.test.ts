import { describe, expect, test } from "@jest/globals";
import { judgeRouting, type RoutingReading } from "../../../../operations/rigs/judging/routing";
import { wrong } from "./rows";

const event = (type: string, worker?: string) => ({
  type,
  step: "start",
  status: "",
  result: null,
  ...(worker !== undefined && { worker }),
});

function reading(more: Partial<RoutingReading> = {}): RoutingReading {
  return {
    segment: "system",
    path: "system/routing_test",
    step: "start",
    events: [event("command.issued"), event("command.claimed", "noetl-worker-system-pool-6d5f-x2x7k")],
    before: { system: 4, shared: 9 },
    after: { system: 5, shared: 9 },
    others: 0,
    workers: { system: ["noetl-worker-system-pool"], shared: ["noetl-worker-rust", "noetl-worker"] },
    ...more,
  };
}

describe("system-pool-routing", () => {
  test("given a delivery to its own consumer and to no other, finds nothing", () => {
    expect(wrong(judgeRouting(reading()))).toStrictEqual([]);
    const shared = reading({
      segment: "shared",
      path: "tests/fixtures/routing_test",
      events: [event("command.issued"), event("command.claimed", "noetl-worker-rust-7c9-abcde")],
      before: { system: 5, shared: undefined },
      after: { system: 5, shared: 1 },
    });
    expect(wrong(judgeRouting(shared))).toStrictEqual([]);
  });

  test.each<[string, Partial<RoutingReading>, string[]]>([
    [
      "a delivery to the shared consumer",
      {
        after: { system: 4, shared: 10 },
        events: [event("command.issued"), event("command.claimed", "noetl-worker-rust-7c9-abcde")],
      },
      [
        "system/routing_test: deliveries to the system consumer: 0",
        "system/routing_test: deliveries to the shared consumer: 1",
        "system/routing_test: who claimed its command: noetl-worker-rust-7c9-abcde",
      ],
    ],
    [
      "a delivery to both",
      { after: { system: 5, shared: 10 } },
      ["system/routing_test: deliveries to the shared consumer: 1"],
    ],
    [
      "a consumer that is not there",
      { after: { system: 5, shared: undefined } },
      ["system/routing_test: deliveries to the shared consumer: nothing"],
    ],
    [
      "more strays than others' commands",
      { after: { system: 5, shared: 12 }, others: 2 },
      ["system/routing_test: deliveries to the shared consumer: 3"],
    ],
    [
      "no command, and nobody who claims one",
      { events: [] },
      ["system/routing_test: commands issued: 0", "system/routing_test: who claimed its command: nobody"],
    ],
    [
      "a pod whose name only begins like that of the pool",
      { events: [event("command.issued"), event("command.claimed", "noetl-worker-system-pool-other-6d5f-x2x7k")] },
      ["system/routing_test: who claimed its command: noetl-worker-system-pool-other-6d5f-x2x7k"],
    ],
  ])("given %s, says so and nothing else", (_, more, expected) => {
    expect(wrong(judgeRouting(reading(more)))).toStrictEqual(expected);
  });

  test("given others' commands meanwhile, as many deliveries to the other consumer may be theirs", () => {
    const [, , strays] = judgeRouting(reading({ after: { system: 5, shared: 11 }, others: 2 }));
    expect(strays).toStrictEqual({
      what: "system/routing_test: deliveries to the shared consumer",
      expected: "at most the 2 of other executions",
      seen: "2",
      ok: true,
    });
  });
});
