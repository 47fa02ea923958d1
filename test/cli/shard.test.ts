import { spawnSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import { ran } from "./ran";
import { noetlOps, ROOT } from "./support";

/** Runs `noetl-ops shard ARGS` with a text as its standard input. */
function withInput(input: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["cli/bin.cjs", "shard", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    input,
  });
  return { status, stdout, stderr };
}

const HINT = "next: noetl-ops shard --help\n";

describe("noetl-ops shard", () => {
  test("given several ids, also negative ones, says the shard of each", () => {
    expect(noetlOps(["shard", "320816801799737344", "-1", "--count", "4"])).toEqual({
      status: 0,
      stdout: "320816801799737344  shard 2 of 4\n                -1  shard 1 of 4\n",
      stderr: "",
    });
  });

  test("given --json, keeps every digit of an id", async () => {
    const { stdout } = await ran(["shard", "9223372036854775807", "--count", "1024", "--json"]);
    expect(JSON.parse(stdout)).toEqual([{ execution_id: "9223372036854775807", shard_count: 1024, shard_index: 780 }]);
  });

  test.each([[[]], [["-"]]])("given %j, reads ids from standard input", (args) => {
    expect(withInput("1\n\n 42\t325\n", "--count", "8", ...args).stdout).toBe(
      "  1  shard 5 of 8\n 42  shard 3 of 8\n325  shard 4 of 8\n",
    );
  });

  test("given words that are no ids, names all of them and where they stand, and exits with 1", () => {
    expect(withInput("1\nx 2\n9223372036854775808\n", "--count", "8")).toEqual({
      status: 1,
      stdout: "",
      stderr: [
        "error: these 2 are no execution ids:",
        "  standard input, line 2: 'x'",
        "  standard input, line 3: '9223372036854775808'",
        "allowed: whole numbers from -9223372036854775808 to 9223372036854775807, in decimal",
        "",
      ].join("\n"),
    });
  });

  test("given nothing to read, says so and exits with 1", () => {
    expect(withInput("\n", "--count", "8")).toEqual({
      status: 1,
      stdout: "",
      stderr: "error: standard input holds no execution id\n",
    });
  });

  test.each([
    [["1"], "error: required option '--count <n>' not specified"],
    [
      ["1", "--count", "0"],
      "error: option '--count <n>' argument '0' is invalid. Allowed: a whole number from 1 to 1024.",
    ],
    [
      ["1", "--count", "1025"],
      "error: option '--count <n>' argument '1025' is invalid. Allowed: a whole number from 1 to 1024.",
    ],
    [
      ["1", "--count", "1.5"],
      "error: option '--count <n>' argument '1.5' is invalid. Allowed: a whole number from 1 to 1024.",
    ],
    [
      ["--count", "4", "--range", "1-5"],
      "error: option '--range <a..b>' argument '1-5' is invalid. Allowed: two signed 64-bit ids with two points between them, such as 1..100000.",
    ],
    [
      ["--count", "4", "--range", "5..1"],
      "error: option '--range <a..b>' argument '5..1' is invalid. It ends before it begins; did you mean 1..5?",
    ],
    [
      ["--count", "4", "--range", "1..1000001"],
      "error: option '--range <a..b>' argument '1..1000001' is invalid. Allowed: at most 1000000 ids, not 1000001.",
    ],
    [["1", "--count", "4", "--range", "1..5"], "error: give either execution ids or --range, not both"],
    [["1", "--count", "4", "--format", "svg"], "error: --format svg shows a --range"],
  ])("given %j, says what is wrong and exits with 2", async (args, message) => {
    expect(await ran(["shard", ...args])).toEqual({ status: 2, stdout: "", stderr: `${message}\n${HINT}` });
  });

  test("given a range of negative ids, counts them for machines", async () => {
    const { stdout } = await ran(["shard", "--count", "2", "--range", "-4..-1", "--json"]);
    const { ids_by_shard: counts, ...rest } = JSON.parse(stdout) as { ids_by_shard: number[] };
    expect(rest).toEqual({ first: "-4", last: "-1", ids: 4, shard_count: 2 });
    expect(counts.reduce((a, b) => a + b)).toBe(4);
  });

  test("given --format svg, draws a picture", async () => {
    const { stdout } = await ran(["shard", "--count", "4", "--range", "1..100", "--format", "svg"]);
    expect(stdout).toMatch(/^<svg .*<\/svg>\n$/s);
  });
});
