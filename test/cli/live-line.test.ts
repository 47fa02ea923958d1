import { describe, expect, test } from "@jest/globals";
import { LiveLine, progressText } from "../../cli/live-line";

/** What is written to a terminal, or to a pipe. */
function written(isTTY: boolean, use: (live: LiveLine) => void): string {
  let text = "";
  use(new LiveLine({ isTTY, columns: 12, write: (more) => (text += more) }));
  return text;
}

const some = (live: LiveLine): void => {
  live.replace("1 of 3");
  live.print("begun");
  live.replace("2 of 3, and a long rest");
  live.end();
  live.print("done");
};
const AGAIN = "\r\u001b[2K";

describe("lines that are followed", () => {
  test("on a terminal, the last one is written anew, cut to its width, and is gone at the end", () => {
    const first = `${AGAIN}1 of 3${AGAIN}begun\n${AGAIN}1 of 3`;
    expect(written(true, some)).toBe(`${first}${AGAIN}2 of 3, and${AGAIN}done\n`);
  });

  test("in a pipe, each is a line", () => {
    expect(written(false, some)).toBe("1 of 3\nbegun\n2 of 3, and a long rest\ndone\n");
  });

  test.each([
    [0, 4, "░░░░░░░░░░░░░░░░░░░░ 0 of 4"],
    [1, 4, "█████░░░░░░░░░░░░░░░ 1 of 4"],
    [4, 4, "████████████████████ 4 of 4"],
    [5, 4, "████████████████████ 5 of 4"],
    [0, 0, "░░░░░░░░░░░░░░░░░░░░ 0 of 0"],
  ])("given %i of %i, a bar shows how far it is", (done, total, text) => {
    expect(progressText(done, total, "")).toBe(text);
  });
});
