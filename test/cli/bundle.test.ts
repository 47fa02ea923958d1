import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

describe("noetl-ops, started from its sources", () => {
  let project: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "noetl-bundle-"));
    mkdirSync(join(project, "cli"));
    mkdirSync(join(project, "node_modules"));
    // A copy: packages are cached beside it.
    cpSync("node_modules/esbuild", join(project, "node_modules/esbuild"), { recursive: true });
    symlinkSync(resolve("node_modules/@esbuild"), join(project, "node_modules/@esbuild"));
    for (const file of ["bundle.cjs", "cli/bin.cjs", "package-lock.json"]) cpSync(file, join(project, file));
    writeFileSync(join(project, "index.ts"), "");
  });
  afterEach(() => {
    rmSync(project, { recursive: true });
  });

  function run(source: string, cwd = project) {
    writeFileSync(join(cwd, "cli/main.ts"), source);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["cli/bin.cjs"], { cwd, encoding: "utf8" });
    return { status, stdout, stderr };
  }

  /** Installs a package that exports a word, as npm does. */
  function install(name: string, word: string): void {
    const folder = join(project, "node_modules", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "index.js"), `exports.word = "${word}";`);
    writeFileSync(join(project, "node_modules/.package-lock.json"), `${name} ${word}`);
  }

  const SAYING = (...names: string[]): string => {
    const imports = names.map((name) => `import { word as ${name} } from "${name}";\n`);
    return `${imports.join("")}export const main = async () => { console.log(${names.join()}); return 0; };`;
  };

  /** Bundles of packages, each with the packages that it holds. */
  function bundles(): unknown[] {
    const cache = join(project, "node_modules/.cache/noetl-ops");
    const files = readdirSync(cache).filter((file) => /^packages-.*\.cjs$/.test(file));
    return files.map((file): unknown =>
      JSON.parse(/^\/\/(.*)/.exec(readFileSync(join(cache, file), "utf8"))?.[1] ?? ""),
    );
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

  it("uses the packages that are installed now, not those that were", () => {
    install("greeting", "hello");
    expect(run(SAYING("greeting"))).toEqual({ status: 0, stdout: "hello\n", stderr: "" });
    install("greeting", "hi");
    expect(run(SAYING("greeting"))).toEqual({ status: 0, stdout: "hi\n", stderr: "" });
  });

  it("bundles a package once for all programs that borrow it, and adds to the bundle what another one needs", () => {
    install("greeting", "hello");
    install("name", "Ann");
    run(SAYING("greeting"));
    expect(bundles()).toEqual([["greeting"]]);
    expect(run(SAYING("greeting", "name"))).toEqual({ status: 0, stdout: "hello Ann\n", stderr: "" });
    expect(bundles()).toEqual([["greeting", "name"]]);

    const other = join(project, "other");
    for (const folder of ["cli", "node_modules"]) mkdirSync(join(other, folder), { recursive: true });
    for (const file of ["bundle.cjs", "cli/bin.cjs", "package-lock.json", "index.ts"]) {
      cpSync(join(project, file), join(other, file));
    }
    symlinkSync(join(project, "node_modules/esbuild"), join(other, "node_modules/esbuild"));
    // Whatever is in the folder now is not looked at.
    writeFileSync(join(project, "node_modules/name/index.js"), "!");
    expect(run(SAYING("name"), other)).toEqual({ status: 0, stdout: "Ann\n", stderr: "" });
    expect(bundles()).toEqual([["greeting", "name"]]);
  });
});
