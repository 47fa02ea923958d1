import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { diffStacks, type StackDiff } from "../../../preview/diff/diff";
import { Repository } from "../../../preview/diff/git";
import { Sides } from "../../../preview/diff/sides";
import { namedSources, sourceOf, sourceText } from "../../../preview/diff/sources";
import { Project, PROGRAM, rendered } from "./project";

let project: Project;
const commits: Record<string, string> = {};

beforeAll(() => {
  project = new Project();
  const commit = (tag: string): void => {
    commits[tag] = project.commit(tag);
  };
  project.stack("kind", { one: 1, two: { a: "x", b: "y" } });
  commit("first");
  project.stack("kind", { one: 1, two: { a: "x", b: "z" }, three: 3 });
  commit("edited");
  project.stack("gke", { one: 1 });
  commit("with-gke");
  project.write({ "bundle.cjs": PROGRAM.replace("VERSION", "2") });
  commit("new-program");
  project.stack("kind", { one: 2, throws: true });
  project.write({ "rendered/kind/noetl/configmap-one.yaml": rendered("kind", "one", "1") });
  commit("throwing");
  project.write({ "package-lock.json": JSON.stringify({ packages: { "node_modules/a": { version: "2.0.0" } } }) });
  commit("other-dependencies");
  project.git("rm", "-r", "--quiet", "rendered");
  commit("nothing-rendered");
  project.write({ "package-lock.json": "{}", "bundle.cjs": "throw new Error('not this one')" });
});

afterAll(() => {
  project.remove();
});

const repository = (): Promise<Repository> => Repository.open(project.folder);

async function diff(before: string, after: string, stacks: string[] = [], stackFile?: string): Promise<StackDiff[]> {
  const [old, now] = await namedSources(before, after, repository);
  const sides = new Sides({ project: project.folder, cache: project.cache, repository, stackFile });
  try {
    return await diffStacks({
      before: await sides.open(old),
      after: await sides.open(now),
      names: { before: await sourceText(old, repository), after: await sourceText(now, repository) },
      stacks,
      today: "2026-11-21",
    });
  } finally {
    sides.close();
  }
}

/** What a comparison says, in a few words. */
function inShort(diffs: StackDiff[]) {
  return diffs.map(({ stack, report, notes, problem }) => ({
    stack,
    resources: report?.resources.map(({ change, name, edits = [] }) => [change, name, ...edits].join(" ")) ?? problem,
    notes,
  }));
}

const short = (tag: string): string => `${tag} (${commits[tag]?.slice(0, 7) ?? ""})`;

describe("two revisions", () => {
  test("given an edit of the stack file, then each resource names the keys that changed it", async () => {
    expect(inShort(await diff("first", "edited"))).toEqual([
      { stack: "kind", resources: ["changed two two.b", "added three three"], notes: [] },
    ]);
  });

  test("given the other way round, then what came goes", async () => {
    const [{ report } = { report: undefined }] = await diff("edited", "first");

    expect(report?.resources.map(({ change, name }) => `${change} ${name}`)).toEqual(["removed three", "changed two"]);
    expect({ before: report?.before, after: report?.after, same: report?.same }).toEqual({
      before: short("edited"),
      after: short("first"),
      same: 1,
    });
  });

  test("given the same revision, then nothing differs", async () => {
    expect(inShort(await diff("edited", "edited"))).toEqual([{ stack: "kind", resources: [], notes: [] }]);
  });

  test("given another program, then the program is what did it", async () => {
    expect(inShort(await diff("with-gke", "new-program", ["gke"]))).toEqual([
      { stack: "gke", resources: ["changed one program"], notes: [] },
    ]);
  });

  test("given a stack that one side lacks, then everything is new, and it says so", async () => {
    expect(inShort(await diff("edited", "with-gke"))).toEqual([
      { stack: "gke", resources: ["added one"], notes: [`${short("edited")} has no stack gke: everything is new`] },
      { stack: "kind", resources: [], notes: [] },
    ]);
  });

  test("given a stack that only the other side lacks, then everything goes, and it says so", async () => {
    const [gke] = inShort(await diff("with-gke", "edited"));
    expect(gke).toEqual({
      stack: "gke",
      resources: ["removed one"],
      notes: [`${short("edited")} has no stack gke: everything goes`],
    });
  });

  test("given a program that throws, then its committed render stands in, and the other stacks are compared", async () => {
    expect(inShort(await diff("new-program", "throwing"))).toEqual([
      { stack: "gke", resources: [], notes: [] },
      {
        stack: "kind",
        resources: ["removed three", "removed two", "changed one"],
        notes: [
          `${short("throwing")} is not rendered anew but read from its committed rendered/kind, because its program cannot be run: no such thing`,
        ],
      },
    ]);
  });

  test("given other dependencies, then its committed render stands in", async () => {
    const [kind] = await diff("throwing", "other-dependencies", ["kind"]);
    expect(kind?.notes[1]).toBe(
      `${short("other-dependencies")} is not rendered anew but read from its committed rendered/kind, because it has other dependencies than are installed`,
    );
  });

  test("given no committed render either, then it says what is wrong, and compares the rest", async () => {
    expect(inShort(await diff("edited", "nothing-rendered", ["kind"]))).toEqual([
      {
        stack: "kind",
        resources: `${short("nothing-rendered")}: it has other dependencies than are installed; and it has no rendered/kind to compare with instead`,
        notes: [],
      },
    ]);
  });

  test("given a stack that neither has, then it names those there are", async () => {
    await expect(diff("edited", "with-gke", ["prod"])).rejects.toThrow(
      `there is no stack 'prod' on either side: ${short("edited")} has kind; ${short("with-gke")} has gke, kind\nnext: name one of them with --stack`,
    );
  });

  test("given a stack file from elsewhere, then both programs render it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-diff-test-"));
    try {
      const file = join(folder, "mine.yaml");
      writeFileSync(file, JSON.stringify({ config: { mine: 1 } }));
      expect(inShort(await diff("with-gke", "new-program", [], file))).toEqual([
        {
          stack: "mine",
          resources: ["changed mine program"],
          notes: ["with-gke", "new-program"].map(
            (tag) => `${short(tag)} has no ${file}: the file as it is now is rendered on both sides`,
          ),
        },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("given a range, then as git reads it", async () => {
    project.git("branch", "side", "first");
    const sources = async (range: string) =>
      (await namedSources(range, undefined, repository)).map((source) =>
        source.kind === "revision" ? source.revision.commit : source.kind,
      );

    expect(await sources("first..edited")).toEqual([commits.first, commits.edited]);
    expect(await sources("edited...side")).toEqual([commits.first, commits.first]);
    expect(await sources("first..")).toEqual([commits.first, commits["nothing-rendered"]]);
    expect(await sources("first")).toEqual([commits.first, "tree"]);
  });
});

describe("names", () => {
  test("given an unknown revision, then it names branches", async () => {
    await expect(sourceOf("nowhere", repository)).rejects.toThrow(
      "there is no revision 'nowhere', and no file or folder of that name\nnext: name a commit, a tag or a branch (main, side), or get it with git fetch",
    );
  });

  test("given a shallow clone that lacks it, then it says how to get it", async () => {
    const clone = mkdtempSync(join(tmpdir(), "noetl-shallow-"));
    try {
      project.git("clone", "--quiet", "--depth=1", "--no-tags", `file://${project.folder}`, clone);
      await expect(sourceOf("HEAD~1", () => Repository.open(clone))).rejects.toThrow(
        "there is no revision 'HEAD~1', and no file or folder of that name; this clone is shallow and may lack it\n" +
          "next: git fetch --unshallow; in GitHub Actions, actions/checkout with fetch-depth: 0",
      );
    } finally {
      rmSync(clone, { recursive: true });
    }
  });

  test("given no git checkout, then it says what can be compared without", async () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-plain-"));
    try {
      await expect(Repository.open(folder)).rejects.toThrow(
        `${folder} is no git checkout, so it has no revisions\nnext: compare with a folder instead, for example: noetl-ops diff rendered/kind`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("given a folder without a render, then it says how to write one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-diff-"));
    symlinkSync("nowhere", join(folder, "link"));
    try {
      await expect(sourceOf(`${folder}/`, repository)).rejects.toThrow(
        `${folder}/ holds no render\nnext: write one there: noetl-ops preview --stack kind --out ${join(folder, "kind")}`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("given a dirty tree, then it is named", async () => {
    expect(await sourceText({ kind: "tree" }, repository)).toBe(
      "the working tree (uncommitted: bundle.cjs, package-lock.json)",
    );
  });
});
