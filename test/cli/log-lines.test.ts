import { expect, test } from "@jest/globals";
import { logTo } from "../../cli/log-lines";

test("entries of one turn are written together, a JSON object with the time a line; those of another turn apart", async () => {
  const written: string[] = [];
  const entry = logTo({ fd: -1, write: (text) => written.push(text) });
  entry({ event: "one" });
  entry({ event: "two", text: "a\nb" });
  expect(written).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  entry({ event: "three" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(written.map((text) => text.endsWith("\n"))).toEqual([true, true]);
  const lines = written.map((text) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { time: string }),
  );
  const time: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(lines).toEqual([
    [
      { time, event: "one" },
      { time, event: "two", text: "a\nb" },
    ],
    [{ time, event: "three" }],
  ]);
});
