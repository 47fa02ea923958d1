import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRendered, writeRendered } from "../../preview/rendered-folder";
import { UserError } from "../../stacks/errors";

const file = (name: string): string => `# urn:pulumi:kind::noetl::a:b:C::${name}\nname: ${name}\n`;

describe("a rendered folder", () => {
  let folder: string;
  let out: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-rendered-"));
    out = join(folder, "out");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("given no folder, when read, then there is nothing to compare with", () => {
    expect(readRendered(out)).toBeUndefined();
  });

  test("given a new folder, when written and read, then it holds the same files", () => {
    const files = new Map([
      ["cluster/a.yaml", file("a")],
      ["noetl/b.yaml", file("b")],
    ]);
    expect(writeRendered(out, files)).toEqual({ written: ["cluster/a.yaml", "noetl/b.yaml"], removed: [] });
    expect(readRendered(out)).toEqual(files);
  });

  test("given an earlier render, when written, then stale files and empty folders go and equal files stay untouched", () => {
    writeRendered(
      out,
      new Map([
        ["cluster/a.yaml", file("a")],
        ["noetl/b.yaml", file("b")],
        ["nats/c.yaml", file("c")],
      ]),
    );
    utimesSync(join(out, "cluster/a.yaml"), 1, 1);
    const next = new Map([
      ["cluster/a.yaml", file("a")],
      ["noetl/b.yaml", file("b2")],
      ["noetl/d.yaml", file("d")],
    ]);
    expect(writeRendered(out, next)).toEqual({ written: ["noetl/b.yaml", "noetl/d.yaml"], removed: ["nats/c.yaml"] });
    expect(readRendered(out)).toEqual(next);
    expect(readdirSync(out).sort()).toEqual(["cluster", "noetl"]);
    expect(statSync(join(out, "cluster/a.yaml")).mtimeMs).toBe(1000);
  });

  test.each([
    ["a file beside the folders", "README.md", "# mine\n"],
    ["a YAML file that was not rendered", "noetl/mine.yaml", "kind: Pod\n"],
    ["an empty YAML file", "noetl/empty.yaml", ""],
    ["another file among rendered ones", "noetl/notes.txt", "# urn:pulumi: not YAML\n"],
    ["a deeper folder", "noetl/deep/x.yaml", file("x")],
  ])("given %s, when written, then it is refused and nothing changes", (_, path, text) => {
    writeRendered(out, new Map([["noetl/a.yaml", file("a")]]));
    mkdirSync(join(out, path, ".."), { recursive: true });
    writeFileSync(join(out, path), text);
    expect(() => writeRendered(out, new Map())).toThrow(UserError);
    expect(() => writeRendered(out, new Map())).toThrow(
      /holds files that were not rendered here \((README\.md|noetl\/.*)\)/,
    );
    expect(readFileSync(join(out, "noetl/a.yaml"), "utf8")).toBe(file("a"));
  });

  test("given a symbolic link instead of a folder, when written, then it is not followed but refused", () => {
    mkdirSync(out);
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere/a.yaml"), file("a"));
    symlinkSync(join(folder, "elsewhere"), join(out, "noetl"));
    expect(() => writeRendered(out, new Map())).toThrow(/\(noetl\)/);
  });

  test("given what an interrupted write left behind, when written again, then it is gone", () => {
    mkdirSync(join(out, "noetl"), { recursive: true });
    writeFileSync(join(out, "noetl/.1234.noetl-tmp"), "# urn:pul");
    writeRendered(out, new Map([["noetl/a.yaml", file("a")]]));
    expect(readdirSync(join(out, "noetl"))).toEqual(["a.yaml"]);
  });

  test("given a file in place of the folder, when written, then it is refused", () => {
    writeFileSync(out, "mine");
    expect(() => writeRendered(out, new Map())).toThrow(/is a file, not a folder/);
  });
});
