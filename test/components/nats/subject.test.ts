import { expect, test } from "@jest/globals";
import { covers, overlaps } from "../../../components/nats/subject";

test.each([
  ["noetl.commands.>", "noetl.commands.shared.>", true],
  ["noetl.commands.>", "noetl.commands.shared.1", true],
  ["noetl.commands.>", "noetl.commands", false],
  ["noetl.commands", "noetl.commands", true],
  ["a.*", "a.b", true],
  ["a.*", "a.*", true],
  ["a.*", "a.>", false],
  ["a.*", "a.b.c", false],
  ["a.b", "a.*", false],
  [">", "anything.at.all", true],
])("%s covers %s: %s", (pattern, subjects, expected) => {
  expect(covers(pattern, subjects)).toBe(expected);
});

test.each([
  ["noetl.commands", "noetl.commands", true],
  ["noetl.commands", "noetl.commands.>", false],
  ["noetl.>", "noetl.commands", true],
  ["noetl.*", "noetl.commands", true],
  ["noetl.*.a", "noetl.events.>", true],
  ["noetl.*.a", "noetl.events.*", true],
  ["noetl.*.a", "noetl.*.b", false],
  ["a.b", "a.b.c", false],
  [">", "a", true],
])("%s overlaps %s: %s, and the other way round", (one, other, expected) => {
  expect([overlaps(one, other), overlaps(other, one)]).toEqual([expected, expected]);
});
