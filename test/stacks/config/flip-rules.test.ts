import { describe, expect, test } from "@jest/globals";
import { configOf, problem, problemsOf, stackText } from "./support";

const STREAMS = "noetl:streams: { mode: declared, by: bootstrap, also: [events] }";

describe("the flip", () => {
  test("given nothing, when read, then it is off", () => {
    expect(configOf(stackText("")).server.flip).toBe("off");
  });

  test.each(["shadow", "on"])("given %s with pods and a stream, when read, then nothing is wrong", (flip) => {
    expect(configOf(stackText(`noetl:server: { flip: ${flip} }\n${STREAMS}`)).server.flip).toBe(flip);
  });

  test.each([
    [
      "a system pool without pods",
      `noetl:server: { flip: on }\n${STREAMS}\nnoetl:systemPool: { replicas: 0 }`,
      problem(
        "5:25",
        "noetl:server.flip",
        '"on" leaves events to the materializer of the system pool, which has no pods, systemPool.replicas (line 7)',
        { allowed: "off, while systemPool.replicas is 0" },
      ),
    ],
    [
      "a stream that nobody declares",
      "noetl:server: { flip: shadow }",
      problem("5:25", "noetl:server.flip", '"shadow" needs stream noetl_events, which nobody declares', {
        allowed: "off, until the stream is declared",
        next: "set streams.mode to declared, and add events to streams.also",
      }),
    ],
    [
      "declared streams without that of events",
      "noetl:server: { flip: on }\nnoetl:streams: { mode: declared, by: nack }",
      problem("5:25", "noetl:server.flip", '"on" needs stream noetl_events, which nobody declares', {
        allowed: "off, until the stream is declared",
        next: "set streams.mode to declared, and add events to streams.also",
      }),
    ],
    [
      "databases of the shards",
      `noetl:server: { flip: on, shards: { count: 2, databases: perShard } }\n${STREAMS}`,
      problem(
        "5:25",
        "noetl:server.flip",
        '"on" would put the events of all shards into one database, but server.shards.databases has one for each',
        { allowed: "off, while server.shards.databases is perShard" },
      ),
    ],
    [
      "a stage that there is not",
      `noetl:server: { flip: half }\n${STREAMS}`,
      problem("5:25", "noetl:server.flip", '"half" is none of the choices', { allowed: "off, shadow, on" }),
    ],
  ])("given %s, when read, then it is told what and where", (_, lines, expected) => {
    expect(problemsOf(stackText(lines))).toEqual([expected]);
  });
});
