import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { ensureTool } from "../../../tools/find";
import { noetlOps } from "../../cli/support";
import { describeUnless } from "../stacks/requirements";
import { engineImpossible } from "./requirements";

/*
 * `noetl-ops config set --secret` with the real Pulumi: what it stores, Pulumi reads again, and the rest of the file is as it was.
 */

const BEFORE = `# the laptop

config:
  noetl:profile: kind # a comment

  noetl:cluster: { context: kind-noetl }
  noetl:postgres:
    mode: inCluster
`;
const SECRETS = ["canary-first", "canary-second with 'quotes' and $signs"] as const;

describeUnless(engineImpossible(), "a secret of a stack file", () => {
  let folder: string;
  let file: string;
  let pulumi: string;
  let env: Record<string, string>;

  const runPulumi = (...args: string[]) =>
    execFileSync(pulumi, args, { cwd: folder, env: { PATH: process.env.PATH, ...env }, encoding: "utf8" });
  const setSecret = (input: string) =>
    noetlOps(["config", "set", "--secret", "secrets.natsPassword", "--stack-file", file, "--pulumi", pulumi], {
      env,
      input,
    });
  const stored = () =>
    runPulumi("config", "get", "--path", "noetl:secrets.natsPassword", "--stack", "dev", "--config-file", file);

  beforeAll(async () => {
    const tool = await ensureTool("pulumi");
    if (!tool.found) throw new Error(tool.reason);
    pulumi = tool.path;
    folder = mkdtempSync(join(tmpdir(), "noetl-secret-"));
    file = join(folder, "Pulumi.dev.yaml");
    writeFileSync(join(folder, "Pulumi.yaml"), "name: noetl\nruntime: nodejs\n");
    mkdirSync(join(folder, "state"));
    env = {
      HOME: folder,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "canary-passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    runPulumi("stack", "init", "dev", "--non-interactive");
    writeFileSync(file, BEFORE);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(SECRETS)("given %j on the input, then Pulumi reads it from the file, and nobody else can", (secret) => {
    const { status, stdout, stderr } = setSecret(`${secret}\n`);

    expect([status, stderr]).toEqual([0, ""]);
    expect(stored()).toBe(`${secret}\n`);
    expect(stdout + readFileSync(file, "utf8")).not.toContain("canary");
  });

  it("given two values one after another, then the file holds the last, and all that it held before", () => {
    expect(readFileSync(file, "utf8")).toMatch(
      new RegExp(
        `^${BEFORE}\n  noetl:secrets:\n    natsPassword:\n      secure: v1:[^\n]+\nencryptionsalt: v1:[^\n]+\n$`,
      ),
    );
  });

  it("given a stack that the backend does not know, then Pulumi's reason is shown, and nothing is written", () => {
    const other = join(folder, "Pulumi.other.yaml");
    writeFileSync(other, BEFORE);
    const { status, stdout, stderr } = noetlOps(
      ["config", "set", "--secret", "secrets.natsPassword", "--stack-file", other, "--pulumi", pulumi],
      { env, input: "canary-third\n" },
    );

    expect(status).toBe(1);
    expect(stderr).toMatch(/Pulumi has not encrypted the secret, and nothing was written:\n {2}error: .*other/);
    expect(stdout + stderr).not.toContain("canary");
    expect(readFileSync(other, "utf8")).toBe(BEFORE);
  });
});
