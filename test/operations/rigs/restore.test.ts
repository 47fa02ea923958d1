import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { differences } from "../../../operations/rigs/differences";
import { takenBack } from "../../../operations/rigs/restore";
import type { JsonObject } from "../../../preview/json";

const json = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JsonObject>;

describe("a change that is taken back", () => {
  test("while nobody else changes anything: all is as before", () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        expect(takenBack(before, after, after)).toEqual(before);
      }),
      { numRuns: 100 },
    );
  });

  test("when it was never made: all stays as it is", () => {
    fc.assert(
      fc.property(json, json, (before, now) => {
        expect(takenBack(before, before, now)).toEqual(now);
      }),
      { numRuns: 100 },
    );
  });

  test("twice: the second time changes nothing", () => {
    fc.assert(
      fc.property(json, json, (before, after) => {
        const once = takenBack(before, after, after);
        expect(takenBack(before, after, once)).toEqual(once);
      }),
      { numRuns: 100 },
    );
  });

  const container = (env: JsonObject[], image = "server:1"): JsonObject => ({
    spec: { containers: [{ name: "server", image, env }, { name: "proxy" }] },
  });
  const count = (value: string): JsonObject => ({ name: "NOETL_SHARD_COUNT", value });

  test("what others have changed meanwhile stays", () => {
    const before = container([count("1"), { name: "RUST_LOG", value: "info" }]);
    const after = container([{ name: "NOETL_SHARDS", value: "two" }, count("2"), { name: "RUST_LOG", value: "info" }]);
    const now = container(
      [{ name: "NOETL_SHARDS", value: "two" }, count("2"), { name: "RUST_LOG", value: "debug" }],
      "server:2",
    );

    expect(takenBack(before, after, now)).toEqual(
      container([count("1"), { name: "RUST_LOG", value: "debug" }], "server:2"),
    );
  });

  test("what others have made of the same place is overruled", () => {
    expect(takenBack(container([count("1")]), container([count("2")]), container([count("4")]))).toEqual(
      container([count("1")]),
    );
  });

  test("lists without names are one value", () => {
    expect(takenBack({ args: ["a"] }, { args: ["a", "b"] }, { args: ["a", "b", "c"] })).toEqual({ args: ["a"] });
  });
});

test("the places at which objects differ, without their values", () => {
  const before = { metadata: { labels: { app: "x" } }, spec: { list: [{ a: 1 }, { a: 2 }], more: [1] } };
  const now = { metadata: {}, spec: { list: [{ a: 1 }, { a: 3 }], more: [1, 2] } };

  expect(differences(before, now)).toEqual(["metadata.labels", "spec.list[1].a", "spec.more"]);
  expect(differences(before, before)).toEqual([]);
});
