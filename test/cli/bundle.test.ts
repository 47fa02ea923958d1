import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

describe("noetl-ops, started from its sources", () => {
  let project: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "noetl-bundle-"));
    mkdirSync(join(project, "cli"));
    mkdirSync(join(project, "node_modules"));
    symlinkSync(resolve("node_modules/esbuild"), join(project, "node_modules/esbuild"));
    for (const file of ["bundle.cjs", "cli/bin.cjs", "package-lock.json"]) cpSync(file, join(project, file));
    writeFileSync(join(project, "index.ts"), "");
  });
  afterEach(() => {
    rmSync(project, { recursive: true });
  });

  function run(source: string) {
    writeFileSync(join(project, "cli/main.ts"), source);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["cli/bin.cjs"], { cwd: project, encoding: "utf8" });
    return { status, stdout, stderr };
  }

  it("runs what they say now, not what they said before", () => {
    const saying = (word: string): string => `export const main = async () => { console.log("${word}"); return 4; };`;
    expect(run(saying("one"))).toEqual({ status: 4, stdout: "one\n", stderr: "" });
    expect(run(saying("other"))).toEqual({ status: 4, stdout: "other\n", stderr: "" });
  });

  it("names a package that is not installed, and what to do about it, without a stack trace", () => {
    const { status, stderr } = run('import "not-installed";\nexport const main = async () => 0;\n');
    expect(status).toBe(1);
    expect(stderr).toContain('Could not resolve "not-installed"');
    expect(stderr).toMatch(/\nerror: cli\/main\.ts cannot be bundled, see above\. .*: npm ci\n$/);
    expect(stderr).not.toContain("    at ");
  });
});
