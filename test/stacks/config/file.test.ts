import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readStackFile } from "../../../stacks/config/stack-file";
import { problemsIn, stackText } from "./support";

let folder = "";
const inFolder = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-files-"));
  writeFileSync(inFolder("Pulumi.kind.yaml"), stackText(""));
  writeFileSync(inFolder("Pulumi.gke-eu.yaml"), stackText(""));
  writeFileSync(inFolder("my stack.yaml"), stackText(""));
  writeFileSync(inFolder("Pulumi.binary.yaml"), Buffer.from([0xff, 0xfe, 0x6b, 0]));
  writeFileSync(inFolder("Pulumi.huge.yaml"), "#".repeat(2 ** 20 + 1));
  mkdirSync(inFolder("empty"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("reading a stack file", () => {
  test.each([
    ["Pulumi.kind.yaml", "kind"],
    ["Pulumi.gke-eu.yaml", "gke-eu"],
    ["my stack.yaml", "my-stack"],
  ])("given %s, when read, then the stack is %s and settings left out have their defaults", (name, stack) => {
    const settings = readStackFile(inFolder(name));
    expect(settings).toMatchObject({
      stack,
      file: inFolder(name),
      config: { profile: "kind", nats: { storage: "8Gi" }, workerPools: [] },
    });
  });

  test("given a file that does not exist, when read, then the files beside it are named, and the nearest", () => {
    const expected = {
      path: inFolder("Pulumi.kid.yaml"),
      message: "there is no such file",
      allowed: ["binary", "gke-eu", "huge", "kind"].map((stack) => inFolder(`Pulumi.${stack}.yaml`)).join(", "),
      suggestion: inFolder("Pulumi.kind.yaml"),
    };
    expect(problemsIn(() => readStackFile(inFolder("Pulumi.kid.yaml")))).toEqual([expected]);
  });

  test.each<[string, string, string, string]>([
    [
      "a folder without stack files",
      "empty/Pulumi.kind.yaml",
      "there is no such file",
      "a file Pulumi.<stack>.yaml; FOLDER/empty has none",
    ],
    [
      "a folder that does not exist",
      "away/Pulumi.kind.yaml",
      "there is no such file",
      "a file Pulumi.<stack>.yaml; FOLDER/away has none",
    ],
    ["a directory", "empty", "is a directory", "a file Pulumi.<stack>.yaml; FOLDER/empty has none"],
    ["a binary file", "Pulumi.binary.yaml", "is not a text file", "YAML in UTF-8"],
    ["a huge file", "Pulumi.huge.yaml", "has 1048577 bytes, too many for a stack file", "at most 1 MiB"],
  ])("given %s, when read, then the message says so", (_, name, message, allowed) => {
    const path = inFolder(name);
    expect(problemsIn(() => readStackFile(path))).toEqual([
      { path, message, allowed: allowed.replace("FOLDER", folder) },
    ]);
  });

  test("given a file without permission to read, when read, then the message says so, unless nothing is forbidden", () => {
    const path = inFolder("Pulumi.kind.yaml");
    chmodSync(path, 0o000);
    const problems = problemsIn(() => readStackFile(path));
    chmodSync(path, 0o644);
    const isRoot = process.getuid?.() === 0;
    expect(problems).toEqual(
      isRoot ? [] : [{ path, message: "cannot be read: permission denied", allowed: "a readable file" }],
    );
  });
});
