import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { confText } from "../../../components/nats/conf-text";
import { ConfSyntaxError, readConf } from "../../../preview/nats/conf-reader";

describe("the reader of nats.conf", () => {
  test.each<[string, string, unknown]>([
    ["every separator", "a: 1\nb = 2\nc 3\nd:4; e=5, f 6", { a: "1", b: "2", c: "3", d: "4", e: "5", f: "6" }],
    [
      "blocks with and without a separator",
      "a { b: 1 }\nc: { d { e: 2 } }\nf{g: 3}",
      { a: { b: "1" }, c: { d: { e: "2" } }, f: { g: "3" } },
    ],
    ["a file in braces", "{ a: 1\n b: 2 }\n", { a: "1", b: "2" }],
    ["comments", "# a: 1\n// b: 2\nc: 3 # d\ne: 4 // f\n", { c: "3", e: "4" }],
    [
      "lists, also of blocks",
      "a: [1, 2]\nb: [\n  { c: 3 }\n  # no\n  { c: 4 }\n]\nd: []",
      { a: ["1", "2"], b: [{ c: "3" }, { c: "4" }], d: [] },
    ],
    [
      "URLs, which are no comments",
      "routes: [nats-route://a:6222\n nats://b:6222]",
      { routes: ["nats-route://a:6222", "nats://b:6222"] },
    ],
    ["texts in quotes", `a: "b # c, d }"\n"e f": 'g\\h'\ni: ""`, { a: "b # c, d }", "e f": "g\\h", i: "" }],
    ["escapes", String.raw`a: "b\"c\\d\n\t\x41"`, { a: 'b"c\\d\n\tA' }],
    ["variables as they are", "server_name: $POD_NAME", { server_name: "$POD_NAME" }],
    ["includes by their files", 'include "a.conf"\ninclude ./b.conf', { include: ["a.conf", "./b.conf"] }],
    ["a key twice by its last value", "a: 1\na: 2", { a: "2" }],
    ["nothing", " \n# only a comment", {}],
  ])("given %s, when read, then it is an object", (_, text, expected) => {
    expect(readConf(text)).toEqual(expected);
  });

  test.each([
    ["a block that does not end", "a: 1\nb {\n  c: 2\n", "line 2: a block that begins here does not end"],
    ["a list that does not end", "a: [1, 2\n", "line 1: a list that begins here does not end"],
    ["a text that does not end", '\na: "b', "line 2: a text that begins here does not end"],
    ["a brace too many", "a: 1\n}\n", 'line 2: unexpected "}"'],
    ["a key without a value", "a {\n  b:\n}", "line 3: no value of b"],
  ])("given %s, when read, then the error tells the line", (_, text, message) => {
    expect(() => readConf(text)).toThrow(
      new ConfSyntaxError(message.replace(/^line \d+: /, ""), Number(/\d+/.exec(message)?.[0])),
    );
    expect(() => readConf(text)).toThrow(message);
  });

  test("given whatever the renderer writes, when read, then it is what was written", () => {
    const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/).filter((name) => name !== "include");
    const leaf = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.nat(), fc.boolean());
    const block = fc.letrec<{ block: object; value: unknown }>((tie) => ({
      block: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(leaf, { maxLength: 3 }), tie("block")),
    })).block;
    const asText = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(asText)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, asText(item)]))
          : String(value);
    fc.assert(
      fc.property(block, (conf) => {
        expect(readConf(confText(conf))).toEqual(asText(conf));
      }),
    );
  });
});
