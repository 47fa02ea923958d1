import { spawnSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import { version } from "../../package.json";
import { ran } from "./ran";
import { noetlOps, ROOT } from "./support";

describe("noetl-ops", () => {
  test("given --help, says what there is and succeeds", () => {
    const { status, stdout } = noetlOps(["--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: noetl-ops/);
    for (const command of ["preview", "check", "config", "shard"])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
  });

  test.each(["--version", "-V"])("given %s, says its own and that of Node.js", async (option) => {
    const stdout = `noetl-ops ${version}, Node.js ${process.version}\n`;
    expect(await ran([option])).toEqual({ status: 0, stdout, stderr: "" });
  });

  test.each([
    [["prewiew"], "error: unknown command 'prewiew'\n(Did you mean preview?)\nnext: noetl-ops --help"],
    [
      ["preview", "--stak", "kind"],
      "error: unknown option '--stak'\n(Did you mean --stack?)\nnext: noetl-ops preview --help",
    ],
    [
      ["preview", "--format", "xml"],
      "error: option '--format <format>' argument 'xml' is invalid. Allowed choices are tree, yaml, json, svg.\nnext: noetl-ops preview --help",
    ],
  ])("given %j, says what is wrong and exits with 2", (args, message) => {
    const { status, stdout, stderr } = noetlOps(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(`${message}\n`);
  });

  test("given no command, shows the help and exits with 2", () => {
    const { status, stderr } = noetlOps([]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Usage: noetl-ops/);
  });

  test("given a stack file that is not there, says so without a stack trace and exits with 1", () => {
    expect(noetlOps(["preview", "--stack", "kynd"])).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "error: there is no stack 'kynd' (there are: gke, gke-base, kind); name one of them, or a file with --stack-file\n",
    });
  });

  test("given a reader that has read enough, ends without a complaint", () => {
    const command = `"${process.execPath}" cli/bin.cjs preview --format json | head -c 1`;
    const { stdout, stderr } = spawnSync("sh", ["-c", command], { cwd: ROOT, encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: "{", stderr: "" });
  });

  test("in a pipe, prints no colour", () => {
    // eslint-disable-next-line no-control-regex -- the escape character is what colours begin with
    expect(noetlOps(["preview"]).stdout).not.toMatch(/\x1b/);
  });
});
