import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { confText, natsString, Size, size, Variable } from "../../../components/nats/conf-text";
import { TORTURE } from "./facts";

describe("natsString", () => {
  it.each([
    ["", '""'],
    ["plain", '"plain"'],
    ["12345", '"12345"'],
    ["it's", '"it\'s"'],
    ['"q"', '"\\"q\\""'],
    ["back\\slash", '"back\\\\slash"'],
    ["$x #y", '"$x #y"'],
    ["a\nb\rc\td", '"a\\nb\\rc\\td"'],
    ["\u0000\u001b\u007f", '"\\x00\\x1b\\x7f"'],
    ["\u0080é✓", '"\u0080é✓"'],
  ])("writes %j", (value, text) => {
    expect(natsString(value)).toBe(text);
  });

  // Whether nats-server reads the same string back, test/real/nats/conf.test.ts proves.
  const ONE_STRING = /^"(?:[^"\\\p{Cc}]|[\u0080-\u009f]|\\["\\nrt]|\\x[01][0-9a-f]|\\x7f)*"$/u;

  it("writes one line with nothing but known escapes, and different texts for different strings", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...TORTURE));
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(natsString(one)).toMatch(ONE_STRING);
        expect(natsString(one) === natsString(other)).toBe(one === other);
      }),
    );
  });
});

describe("size", () => {
  it.each([
    ["5Gi", 5368709120],
    ["5G", 5000000000],
    ["1.5Gi", 1610612736],
    ["1.1Gi", 1181116006],
    [1000, 1000],
  ])("reads %j as %d bytes, never more", (quantity, bytes) => {
    expect(size(quantity).bytes).toBe(bytes);
  });
});

describe("confText", () => {
  it.each([
    [{ a: "text" }, 'a: "text"\n'],
    [{ a: -1 }, "a: -1\n"],
    [{ a: true }, "a: true\n"],
    [{ a: undefined }, ""],
    [{ a: new Variable("POD_NAME") }, "a: $POD_NAME\n"],
    [{ a: size("5Gi") }, "a: 5368709120 # 5Gi\n"],
    [{ a: size("5G") }, "a: 5000000000\n"],
    [{ a: new Size(512) }, "a: 512\n"],
    [{ a: {} }, "a {\n}\n"],
    [{ a: { b: { c: 1 } } }, "a {\n  b {\n    c: 1\n  }\n}\n"],
    [{ a: [] }, "a: []\n"],
    [{ a: ["x", size("1Ki"), [1, 2]] }, 'a: [\n  "x"\n  1024\n  [1, 2]\n]\n'],
    [{ a: [{ b: "x", c: undefined, d: { e: 1 } }] }, 'a: [\n  { b: "x", d: { e: 1 } }\n]\n'],
    [{ $SYS: { a: 1 } }, '"$SYS" {\n  a: 1\n}\n'],
    [{ "a-b": 1 }, '"a-b": 1\n'],
    [{ a: { include: "x/y.conf" } }, 'a {\n  include "x/y.conf"\n}\n'],
  ])("writes %j", (block, text) => {
    expect(confText(block)).toBe(text);
  });

  it.each([
    ["a fraction", { a: 0.5 }, "whole number"],
    ["a number beyond exactness", { a: 2 ** 53 }, "whole number"],
    ["infinity", { a: Infinity }, "whole number"],
    ["a quote in a key", { 'a"b': 1 }, "cannot hold the key"],
    ["a line break in a key", { "a\nb": 1 }, "cannot hold the key"],
    ["a quote in an include", { include: 'x"' }, "plain relative path"],
    ["a block as include", { include: {} }, "plain relative path"],
  ])("refuses %s", (_case, block, message) => {
    expect(() => confText(block)).toThrow(message);
  });

  it("refuses a variable that nats.conf cannot name", () => {
    expect(() => new Variable("A B")).toThrow("not the name of a nats.conf variable");
  });
});
