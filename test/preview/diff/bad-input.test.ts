import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { diffStacks, type StackDiff } from "../../../preview/diff/diff";
import { formatDiff } from "../../../preview/diff/format-text";
import { Repository } from "../../../preview/diff/git";
import { Sides, type Side } from "../../../preview/diff/sides";
import { namedSources, sourceOf } from "../../../preview/diff/sources";
import { plain } from "../../../preview/style";
import { Project, rendered } from "./project";

jest.setTimeout(60_000);

const WITHOUT = "next: compare with a folder instead, for example: noetl-ops diff rendered/kind";

let project: Project;
let folder: string;

beforeAll(() => {
  project = new Project();
  project.stack("kind", { one: 1 });
  project.stack("gke", { one: 1 });
  project.commit("first");
  project.stack("kind", { one: 1, throws: true });
  project.stack("gke", { one: 2 });
  project.commit("throwing");
  // Not the program of the revisions.
  project.write({ "bundle.cjs": "" });
  folder = mkdtempSync(join(tmpdir(), "noetl-bad-input-"));
});

afterAll(() => {
  project.remove();
  rmSync(folder, { recursive: true, force: true });
});

const repository = (): Promise<Repository> => Repository.open(project.folder);

/** Writes a render of stacks, each of one ConfigMap. @returns its folder */
function render(name: string, stacks: Record<string, string>): string {
  for (const [stack, value] of Object.entries(stacks)) {
    const file = join(folder, name, stack, "noetl", "configmap-one.yaml");
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, rendered(stack, "one", value));
  }
  return join(folder, name);
}

async function compared(before: string, after: string, stacks: string[] = []): Promise<string> {
  const [old, now] = await namedSources(before, after, repository);
  const sides = new Sides({ project: project.folder, cache: project.cache, repository });
  try {
    return shown(
      await diffStacks({
        before: await sides.open(old),
        after: await sides.open(now),
        names: { before: "BEFORE", after: "AFTER" },
        stacks,
        today: "2026-11-21",
      }),
    );
  } finally {
    sides.close();
  }
}

const shown = (diffs: StackDiff[]): string => formatDiff(diffs, plain);

describe("a repository", () => {
  test("given no git, then it says so, and what can be compared without", async () => {
    const { PATH } = process.env;
    process.env.PATH = folder;
    try {
      await expect(repository()).rejects.toThrow(
        new Error(`a revision can only be read with git, which is not installed\n${WITHOUT}`),
      );
    } finally {
      process.env.PATH = PATH;
    }
  });

  test.each(["HEAD", "main"])(
    "given no commit yet, when %s is named, then there is nothing to compare with",
    async (name) => {
      const empty = new Project();
      try {
        await expect(sourceOf(name, () => Repository.open(empty.folder))).rejects.toThrow(
          new Error(`the repository has no commit yet, so there is nothing to compare with\n${WITHOUT}`),
        );
      } finally {
        empty.remove();
      }
    },
  );

  test.each(["", " "])("given '%s' for a name, then it says what that comes from", async (name) => {
    await expect(sourceOf(name, repository)).rejects.toThrow(
      new Error(
        "the name of a side is empty: perhaps a variable that is not set\n" +
          "next: name a revision, a stack file or a folder with a render",
      ),
    );
  });

  test("given no branch, as where a commit was checked out alone, then none is offered", async () => {
    const detached = new Project();
    try {
      detached.commit("only");
      detached.git("checkout", "--quiet", "--detach");
      detached.git("branch", "--quiet", "--delete", "--force", "main");
      await expect(sourceOf("nowhere", () => Repository.open(detached.folder))).rejects.toThrow(
        "there is no revision 'nowhere', and no file or folder of that name\nnext: name a commit, a tag or a branch",
      );
    } finally {
      detached.remove();
    }
  });

  test("given histories without a common commit, then it says how to compare them all the same", async () => {
    project.git("checkout", "--quiet", "--orphan", "other");
    project.commit("orphan");
    await expect(namedSources("first...orphan", undefined, repository)).rejects.toThrow(
      new Error(
        "first and orphan have no commit in common\nnext: compare them as they are: noetl-ops diff first orphan",
      ),
    );
  });
});

describe("stacks", () => {
  test("given none in common, then it says what each side has", async () => {
    const sides = [render("two", { gke: "1", kind: "1" }), render("three", { prod: "1", test: "1" })] as const;
    await expect(compared(...sides)).rejects.toThrow(
      new Error(
        "the sides have no stack in common: BEFORE has gke, kind; AFTER has prod, test\n" +
          "next: name a file on each side, for example: noetl-ops diff Pulumi.kind.yaml my.yaml",
      ),
    );
  });

  test("given a file of the render that is no YAML, then it is named, and the rest is compared", async () => {
    const [old, now] = [render("whole", { kind: "1" }), render("broken", { kind: "2" })];
    writeFileSync(
      join(now, "kind", "noetl", "configmap-two.yaml"),
      rendered("kind", "two", "").replace("data:", "data: ["),
    );
    const text = await compared(old, now);
    expect(text).toContain(`  note: ${now}: noetl/configmap-two.yaml cannot be read and is left out:`);
    expect(text).toContain("~ ConfigMap noetl/one");
  });
});

describe("a program that throws", () => {
  test("in a revision without a committed render, then it says so, and the other stacks are compared", async () => {
    expect(await compared("first", "throwing")).toBe(`gke  BEFORE → AFTER
  +0 ~1 -0  0 the same

  Updated in place
  ~ ConfigMap noetl/one  by one
      nothing in the program reads it
      data.value  1 → 2

kind
  throwing (${project.git("rev-parse", "throwing").slice(0, 7)}): its program cannot be run: no such thing; and it has no rendered/kind to compare with instead
`);
  });

  test("in the working tree, then it says so, and the other stacks are compared", async () => {
    const graph = (stack: string) => ({ graph: { project: "noetl", stack, resources: [] }, notes: [] });
    const side = (stack: Side["stack"]): Side => ({ stacks: ["gke", "kind"], isOne: false, stack });
    const diffs = await diffStacks({
      before: side((stack) => Promise.resolve(graph(stack))),
      after: side((stack) =>
        stack === "kind" ? Promise.reject(new TypeError("x is not a function")) : Promise.resolve(graph(stack)),
      ),
      names: { before: "HEAD", after: "the working tree" },
      stacks: [],
      today: "2026-11-21",
    });

    expect(shown(diffs)).toBe(`gke  HEAD → the working tree
  no difference

kind
  the working tree: the program throws: x is not a function
  next: noetl-ops preview --stack kind shows where
`);
  });
});
