import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { noetlOps } from "./support";

describe("noetl-ops graph", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-graph-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test("given a file to write, writes what it would print", () => {
    const out = join(folder, "kind.svg");
    expect(noetlOps(["graph", "--format", "svg", "--out", out])).toEqual({
      status: 0,
      stdout: `wrote ${out}\n`,
      stderr: "",
    });
    expect(readFileSync(out, "utf8")).toMatch(
      /^<svg [^]*<title id="noetl-graph-title">The platform noetl kind<\/title>/,
    );
  });

  test("given a file that cannot be written, says so without a stack trace", () => {
    const out = join(folder, "none", "kind.svg");
    const { status, stdout, stderr } = noetlOps(["graph", "--out", out]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^error: cannot write .*ENOENT.*; name a file in a folder that exists\n$/);
  });

  test("given a format that there is none of, refuses it as wrong usage", () => {
    const { status, stderr } = noetlOps(["graph", "--format", "png"]);
    expect(status).toBe(2);
    expect(stderr).toContain("argument 'png' is invalid. Allowed choices are ");
  });
});
