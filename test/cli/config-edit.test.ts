import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ran } from "./ran";
import { noetlOps } from "./support";

const STACK = `# the laptop
config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }

  noetl:postgres:
    mode: inCluster
    storage: 5Gi   # small
`;

describe("noetl-ops config set, get and unset", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-config-"));
    file = join(folder, "Pulumi.dev.yaml");
    writeFileSync(file, STACK);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const config = (...args: string[]) => ran(["config", ...args, "--stack-file", file]);
  const text = () => readFileSync(file, "utf8");

  test("given several settings, when they are set, then the file has them and all that it had, and the output says what restarts", async () => {
    const { status, stdout } = await config("set", "postgres.storage", "8Gi", "server.rustLog", "debug");

    expect(status).toBe(0);
    expect(text()).toBe(`${STACK.replace("5Gi", "8Gi")}\n  noetl:server:\n    rustLog: debug\n`);
    expect(stdout).toContain("-     storage: 5Gi   # small\n+     storage: 8Gi   # small\n");
    expect(stdout).toContain("\n  Restarts\n  ~ Deployment noetl/noetl-server-rust\n");
    expect(stdout).toMatch(/wrote .*Pulumi\.dev\.yaml\nnext: review it, then run: pulumi up\n$/);
    expect(await config("get", "server.rustLog")).toMatchObject({ status: 0, stdout: "debug\n" });
  });

  test("given a setting, when it is taken out, then its default holds again", async () => {
    expect(await config("unset", "postgres.storage")).toMatchObject({ status: 0, stderr: "" });
    expect(text()).toBe(STACK.replace("    storage: 5Gi   # small\n", ""));
    const { stdout } = await config("get", "postgres.storage", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ path: "noetl:postgres.storage", origin: "default" });
  });

  test("given what the file says already, then nothing is written", async () => {
    const { status, stdout } = await config("set", "postgres.storage", "5Gi");
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^nothing to change: .*Pulumi\.dev\.yaml says so already\n$/),
    ]);
  });

  test.each([
    ["a key that is none", ["set", "server.replica", "2"], /nothing was written; .* would have: 1 problem/],
    [
      "a value that is none",
      ["set", "server.replicas", "many"],
      /noetl:server\.replicas: "many" is not a whole number/,
    ],
    ["a rule between settings", ["set", "postgres.mode", "external"], /nothing was written/],
    [
      "data at risk",
      ["set", "postgres.storage", "1Gi"],
      /would not hold together, and nothing was written\nnext: mend that, or give --force/,
    ],
    ["a secret in plain text", ["set", "secrets.natsPassword", "canary-plain"], /this secret is not encrypted/],
  ])("given %s, then it says so and writes nothing", async (_, args, message) => {
    const { status, stdout, stderr } = await config(...args);

    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stdout + stderr).not.toContain("canary");
    expect([text(), readdirSync(folder)]).toEqual([STACK, ["Pulumi.dev.yaml"]]);
  });

  test("given a danger that was accepted with --force, then it is written", async () => {
    expect(await config("set", "postgres.storage", "1Gi", "--force")).toMatchObject({ status: 0 });
    expect(text()).toBe(STACK.replace("5Gi", "1Gi"));
  });

  test("given --dry-run and --json, then the answer says what would change, and nothing is written", async () => {
    const { stdout } = await config("set", "postgres.storage", "8Gi", "--dry-run", "--json");

    expect(JSON.parse(stdout)).toMatchObject({
      changed: true,
      written: false,
      impact: { stack: "dev", resources: [{ kind: "StatefulSet", name: "postgres", change: "changed" }] },
      errors: [],
    });
    expect(text()).toBe(STACK);
  });

  test.each([
    [["set", "server.replicas"], /each path needs a value/],
    [["set", "--secret", "secrets.natsPassword", "canary-argument"], /a secret is no argument/],
    [["unset"], /missing required argument 'path'/],
  ])("given the wrong usage %j, then the exit code is 2", async (args, message) => {
    const { status, stderr } = await config(...args);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test("given no Pulumi, then a secret is not written, and the message says what is missing", () => {
    const { status, stderr } = noetlOps(["config", "set", "--secret", "secrets.natsPassword", "--stack-file", file], {
      input: "canary-secret\n",
      env: { PATH: "" },
    });

    expect([status, stderr]).toEqual([1, expect.stringMatching(/pulumi is not on the PATH\nnext: install Pulumi/)]);
    expect(text()).toBe(STACK);
  });

  test("given a Pulumi that refuses and repeats the secret, then the message does not", () => {
    const pulumi = join(folder, "pulumi");
    writeFileSync(pulumi, '#!/bin/sh\necho "error: no stack named dev: $(cat)" >&2\nexit 1\n');
    chmodSync(pulumi, 0o755);
    const { status, stderr } = noetlOps(
      ["config", "set", "--secret", "secrets.natsPassword", "--stack-file", file, "--pulumi", pulumi],
      { input: "canary-secret\n" },
    );

    expect(status).toBe(1);
    expect(stderr).toContain("nothing was written:\n  error: no stack named dev: <secret>\n");
    expect(text()).toBe(STACK);
  });
});
