import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { configCommand } from "../../../cli/commands/config";
import { DOCS_FILE, SCHEMA_FILE } from "../../../stacks/config/generated-files";
import { stackText } from "./support";

const ROOT = join(__dirname, "../../..");
let folder = "";
let output = { stdout: "", stderr: "" };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "config-command-"));
  writeFileSync(join(folder, "Pulumi.good.yaml"), stackText(""));
  writeFileSync(join(folder, "Pulumi.bad.yaml"), stackText("noetl:nats: { storage: 5 Gib }"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    jest.spyOn(process[name], "write").mockImplementation((text) => {
      output[name] += String(text);
      return true;
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs `noetl-ops config …`; errors that main() prints are thrown. */
function run(...args: string[]): { code: number; stdout: string; stderr: string } {
  configCommand().exitOverride().parse(args, { from: "user" });
  return { code: Number(process.exitCode ?? 0), ...output };
}

describe("noetl-ops config validate", () => {
  test("given no file, when run, then every stack of the project is valid", () => {
    const { code, stdout, stderr } = run("validate");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^(✓ Pulumi\.[\w-]+\.yaml\n)+$/);
  });

  test("given a good and a bad file, when run, then both are told of and the exit code is 1", () => {
    const [good, bad] = ["good", "bad"].map((name) => join(folder, `Pulumi.${name}.yaml`));
    const { code, stdout, stderr } = run("validate", "--stack-file", good ?? "", "--stack-file", bad ?? "");
    expect([code, stdout]).toEqual([1, `✓ ${good}\n`]);
    expect(stderr).toBe(
      [
        `${bad}: 1 problem`,
        "",
        '  5:26  noetl:nats.storage: "5 Gib" is not a size',
        "        allowed: a size in whole bytes such as 512Mi or 5Gi, more than 0 and at most 64Ti",
        "        did you mean: 5Gi",
        "\n",
      ].join("\n"),
    );
  });

  test("given --json, when run, then the result is data on stdout", () => {
    const file = join(folder, "Pulumi.bad.yaml");
    const { code, stdout } = run("validate", "--stack", "kind", "--stack-file", file, "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      { file: "Pulumi.kind.yaml", stack: "kind", problems: [] },
      {
        file,
        problems: [expect.objectContaining({ path: "noetl:nats.storage", line: 5, column: 26, suggestion: "5Gi" })],
      },
    ]);
  });

  test("given a stack that does not exist, when run, then those that do are named", () => {
    expect(() => run("validate", "--stack", "kid")).toThrow(
      /there is no stack 'kid' \(there are: gke, gke-base, kind\)/,
    );
  });
});

describe.each([
  ["schema", SCHEMA_FILE],
  ["docs", DOCS_FILE],
])("noetl-ops config %s", (name, file) => {
  const { path } = file;

  test("given nothing else, when run, then the committed file's text is printed", () => {
    expect(run(name)).toEqual({ code: 0, stdout: readFileSync(join(ROOT, path), "utf8"), stderr: "" });
  });

  test("given --check, when the committed file is up to date, then that is all", () => {
    expect(run(name, "--check")).toEqual({ code: 0, stdout: `✓ ${path}\n`, stderr: "" });
  });

  test("given --check, when the committed file is out of date, then the command to run is told", () => {
    jest.spyOn(file, "content").mockReturnValue("changed");
    expect(() => run(name, "--check")).toThrow(`${path} is out of date; run: noetl-ops config ${name} --write`);
  });
});
