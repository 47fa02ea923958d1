import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommanderError } from "commander";
import { previewCommand } from "../../../cli/commands/preview";
import { renderedFiles } from "../../../preview/manifests";
import { writeRendered } from "../../../preview/rendered-folder";
import { component, config, configMap, graph, object } from "../support";

const GRAPH = {
  ...graph(component("noetl:nats:NatsCluster", "nats", configMap("nats-config", { a: "1" }))),
  stack: "mine",
};

/** Runs the command on a hand-made stack. */
async function run(...args: string[]): Promise<string> {
  let text = "";
  const write = jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const load = jest.fn(() => Promise.resolve({ graph: GRAPH, config: config() }));
  try {
    await previewCommand(load)
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .parseAsync(args, { from: "user" });
  } finally {
    write.mockRestore();
  }
  return text;
}

describe("noetl-ops preview", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-preview-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("given a stack file, when called, then the tree is printed, and that there is nothing to compare with", async () => {
    const text = await run("--stack-file", "my.yaml");
    expect(text).toMatch(/^noetl mine {2}profile kind/);
    expect(text).toContain("└─ nats-config  ConfigMap");
    expect(text).toContain("nothing to compare with: there is no rendered/mine");
  });

  test("given --no-compare, when called, then no render is mentioned", async () => {
    expect(await run("--stack-file", "my.yaml", "--no-compare")).not.toContain("rendered/");
  });

  test.each([["--format", "json"], ["--json"]])("given %s %s, when called, then JSON is printed", async (...option) => {
    expect(JSON.parse(await run("--stack-file", "my.yaml", ...option))).toMatchObject({
      stack: "mine",
      difference: null,
    });
  });

  test("given --format yaml, when called, then the manifests are printed", async () => {
    expect(await run("--stack-file", "my.yaml", "--format", "yaml")).toMatch(/^---\napiVersion: v1\nkind: ConfigMap\n/);
  });

  test("given --format svg, when called, then a picture is printed", async () => {
    expect(await run("--stack-file", "my.yaml", "--format", "svg")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  test("given --out, when called twice, then the files are written once", async () => {
    const out = join(folder, "out");
    expect(await run("--stack-file", "my.yaml", "--out", out)).toBe(`wrote 1 file in ${out}\n`);
    expect(readdirSync(join(out, "nats"))).toEqual(["configmap-nats-config.yaml"]);
    expect(await run("--stack-file", "my.yaml", "--out", out)).toBe(`wrote 0 files in ${out}\n`);
  });

  test("given a change that destroys data, when called, then it is shown, and the exit code is 1", async () => {
    const before = graph(object({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "c" } }));
    writeRendered(folder, renderedFiles(before));
    expect(await run("--stack-file", "my.yaml", "--against", folder)).toContain("✗ error  volume-removed");
    expect(process.exitCode).toBe(1);
    process.exitCode = undefined;
    expect(await run("--stack-file", "my.yaml", "--no-compare")).not.toContain("volume-removed");
    expect(process.exitCode).toBeUndefined();
  });

  test("given --out of a folder whose data the new render would destroy, when called, then it is written, and told", async () => {
    const before = graph(object({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "c" } }));
    writeRendered(folder, renderedFiles(before));
    let errors = "";
    const write = jest.spyOn(process.stderr, "write").mockImplementation((chunk) => {
      errors += String(chunk);
      return true;
    });
    const text = await run("--stack-file", "my.yaml", "--out", folder);
    write.mockRestore();
    expect(text).toBe(`wrote 1 file, removed 1 in ${folder}\n`);
    expect(errors).toMatch(
      /^where the former render is deployed, this one would destroy data:\n1 error\n✗ error {2}volume-removed/,
    );
    expect(process.exitCode).toBeUndefined();
  });

  test("given --out of a folder with other files, when called, then it is refused", async () => {
    writeFileSync(join(folder, "mine.txt"), "");
    await expect(run("--stack-file", "my.yaml", "--out", folder)).rejects.toThrow(/not rendered here \(mine.txt\)/);
    expect(existsSync(join(folder, "nats"))).toBe(false);
  });

  test.each([["nowhere"], ["../kind"], [""]])(
    "given the unknown stack %j, when called, then the error names those there are",
    async (stack) => {
      await expect(run("--stack", stack)).rejects.toThrow(/^there is no stack '.*' \(there .*\); name one of them/);
    },
  );

  test.each([
    [["--format", "xml"], "commander.invalidArgument"],
    [["--stack", "kind", "--stack-file", "a.yaml"], "commander.conflictingOption"],
    [["--json", "--format", "yaml"], "commander.conflictingOption"],
    [["--out", "x", "--json"], "commander.conflictingOption"],
    [["--out", "x", "--against", "y"], "commander.conflictingOption"],
    [["--against", "x", "--no-compare"], "commander.conflictingOption"],
    [["--today", "tomorrow"], "commander.invalidArgument"],
    [["--today", "2026-02-30"], "commander.invalidArgument"],
    [["--bogus"], "commander.unknownOption"],
    [["kind"], "commander.excessArguments"],
  ])("given the arguments %j, when called, then it is wrong usage", async (args, code) => {
    const error = await run(...args).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CommanderError);
    expect(error).toMatchObject({ code });
  });
});
