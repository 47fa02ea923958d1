import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  editsBetween,
  encryptedEdits,
  grouped,
  settingsOf,
  settingsText,
  withEdits,
} from "../../../preview/diff/edits";
import type { JsonObject } from "../../../preview/json";

const pools = (...names: string[]): JsonObject => ({
  "noetl:workerPools": names.map((name) => ({ name, replicas: name.length })),
});
const keys = (before: JsonObject, after: JsonObject): string[] =>
  grouped(editsBetween(before, after), 100).map(({ key }) => key);

test("given settings that differ, then each is told as deep as possible", () => {
  expect(
    keys(
      { "noetl:a": { b: 1, c: { d: 2, e: 3 } }, "noetl:gone": 1 },
      { "noetl:a": { b: 1, c: { d: 4, e: 3 } }, "noetl:new": 1 },
    ),
  ).toEqual(["noetl:a.c.d", "noetl:gone", "noetl:new"]);
});

test("given a list of named items, then an item that comes first does not change the others", () => {
  expect(keys(pools("a", "b"), pools("new", "a", "b"))).toEqual(["noetl:workerPools[0]"]);
  expect(keys(pools("a", "b"), pools("b"))).toEqual(["noetl:workerPools[0]"]);
});

test("given another order of named items, then the whole list is one edit", () => {
  expect(keys(pools("a", "b"), pools("b", "a"))).toEqual(["noetl:workerPools"]);
});

test("given many edits, then they are told by the beginnings of their keys", () => {
  const before = { "noetl:a": { b: { x: 1, y: 1 }, c: 1 }, "noetl:d": { e: 1, f: 1 } };
  const after = { "noetl:a": { b: { x: 2, y: 2 }, c: 2 }, "noetl:d": { e: 2, f: 2 } };
  const edits = editsBetween(before, after);

  expect(grouped(edits, 4).map(({ key }) => key)).toEqual(["noetl:a.b", "noetl:a.c", "noetl:d.e", "noetl:d.f"]);
  expect(grouped(edits, 1).map(({ key }) => key)).toEqual(["noetl:a", "noetl:d"]);
});

test("given an encrypted value, then it is one setting, whose value nobody tells", () => {
  const text = (secure: string): string => settingsText({ "noetl:secrets": { natsPassword: { secure } } });
  expect(encryptedEdits(text("v1:a:b"), text("v1:c:d"))).toEqual(["noetl:secrets.natsPassword"]);
  expect(encryptedEdits(text("v1:a:b"), text("v1:a:b"))).toEqual([]);
});

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean());
const items = fc.uniqueArray(fc.record({ name: fc.constantFrom("a", "b", "c", "d"), n: fc.integer() }), {
  selector: ({ name }) => name,
});
const settings = fc.dictionary(
  fc.constantFrom("noetl:a", "noetl:b", "noetl:c"),
  fc.oneof(leaf, items, fc.dictionary(fc.constantFrom("x", "y"), leaf)),
) as fc.Arbitrary<JsonObject>;

test("given any two sets of settings, then all edits together lead from one to the other, and back", () => {
  fc.assert(
    fc.property(settings, settings, (before, after) => {
      const edits = editsBetween(before, after);
      expect(sorted(withEdits(before, edits, "after"))).toEqual(sorted(after));
      expect(sorted(withEdits(after, edits, "before"))).toEqual(sorted(before));
      expect(editsBetween(after, after)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

/** An item may stand elsewhere among others that came or went. */
function sorted(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      Array.isArray(item) ? [...item].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : item,
    ]),
  );
}

test("given settings as text, then they read back", () => {
  const some = { "noetl:a": { b: [1, "x", true], c: { secure: "v1:x:y" } } };
  expect(settingsOf(settingsText(some), "Pulumi.kind.yaml")).toEqual(some);
});
