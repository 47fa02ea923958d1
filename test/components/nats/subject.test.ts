import { expect, test } from "@jest/globals";
import { covers } from "../../../components/nats/subject";

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
