import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import type { Json } from "../../preview/graph";
import { toYamlText } from "../../preview/yaml-text";

describe("YAML text", () => {
  test("given a manifest, when written, then names come first, other keys follow sorted, and lists keep their order", () => {
    const text = toYamlText({
      spec: { containers: [{ image: "nats:2.12", name: "nats", args: ["-c", "/etc/nats.conf"] }], empty: [], none: {} },
      metadata: { labels: { b: "2", a: "1" }, namespace: "nats", name: "nats" },
      kind: "Pod",
      apiVersion: "v1",
    });
    expect(text).toBe(`apiVersion: v1
kind: Pod
metadata:
  name: nats
  namespace: nats
  labels:
    a: "1"
    b: "2"
spec:
  containers:
    - name: nats
      args:
        - -c
        - /etc/nats.conf
      image: nats:2.12
  empty: []
  none: {}
`);
  });

  test.each([
    ["yes", '"yes"'],
    ["n", '"n"'],
    ["Off", '"Off"'],
    ["1e3", '"1e3"'],
    ["0777", '"0777"'],
    ["0x1F", '"0x1F"'],
    ["12:30:45", '"12:30:45"'],
    ["2026-06-06", '"2026-06-06"'],
    ["8082", '"8082"'],
    ["-.5", '"-.5"'],
    [".inf", '".inf"'],
    ["null", '"null"'],
    ["~", '"~"'],
    ["", '""'],
    ["<<", '"<<"'],
    ["=", '"="'],
    ["---", '"---"'],
    ["a: b", '"a: b"'],
    ["a #b", '"a #b"'],
    ["a:", '"a:"'],
    ["a ", '"a "'],
    ["*a", '"*a"'],
    ["tab\there", '"tab\\there"'],
    ["\u0085", '"\\u0085"'],
  ])(
    "given %j, which a YAML reader would take for something else, when written, then it is quoted",
    (value, written) => {
      expect(toYamlText({ value })).toBe(`value: ${written}\n`);
    },
  );

  test.each([
    "5Gi",
    "250m",
    "ghcr.io/noetl/server:3.39.3",
    "noetl.commands.>",
    "$SYS",
    "<secret>",
    "--config",
    "a#b",
    "naïve",
  ])("given %j, when written, then it stays unquoted", (value) => {
    expect(toYamlText({ value })).toBe(`value: ${value}\n`);
  });

  test.each([
    ["a\nb\n", "value: |\n  a\n  b\n"],
    ["a\nb", "value: |-\n  a\n  b\n"],
    ["a\n\nb\n\n", "value: |+\n  a\n\n  b\n\n"],
    ["  a\nb\n", "value: |2\n    a\n  b\n"],
    ["\na\n", "value: |2\n\n  a\n"],
    ["a\n \nb", 'value: "a\\n \\nb"\n'],
    ["a\r\nb", 'value: "a\\r\\nb"\n'],
    ["\n", 'value: "\\n"\n'],
  ])("given the lines %j, when written, then a literal block holds them where one can", (value, written) => {
    expect(toYamlText({ value })).toBe(written);
  });

  const text = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom("a", "b", " ", "\n", "\t", ":", "#", "-", "'", '"', "1", ".", "e", "|"),
      maxLength: 14,
    }),
    fc.constantFrom(
      "true",
      "No",
      "1_000",
      "0o17",
      "+12e03",
      "1:20",
      "2001-12-14t21:59:43.10-05:00",
      "0b1",
      "-",
      "?",
      "- a",
      "!!str a",
    ),
  );
  const { value: anything } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((number) => number + 0),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        tie("value"),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }));

  test.each(["1.2", "1.1"] as const)(
    "given any JSON value, when written and read as YAML %s, then it is the same value",
    (version) => {
      fc.assert(
        fc.property(anything, (value) => {
          expect(parse(toYamlText(value), { version, schema: version === "1.1" ? "yaml-1.1" : "core" })).toEqual(value);
        }),
        { numRuns: 300 },
      );
    },
  );
});
