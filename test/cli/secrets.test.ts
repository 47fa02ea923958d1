import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ran } from "./ran";

const STACK = `config:
  noetl:profile: kind # the laptop
  noetl:cluster: { context: kind-noetl }

  noetl:postgres:
    mode: inCluster

  noetl:secrets:
    # ours, from before
    encryptionKey:
      secure: v1:canary-cipher-text
`;

describe("noetl-ops secrets", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-secrets-"));
    file = join(folder, "Pulumi.dev.yaml");
    writeFileSync(file, STACK);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const rotate = (...args: string[]) => ran(["secrets", "rotate", ...args, "--stack-file", file]);

  test("given a stack, when listed, then each secret has its places and readers, and no value is shown", async () => {
    const { status, stdout } = await ran(["secrets", "list", "--json", "--stack-file", file]);

    expect(status).toBe(0);
    const secrets = JSON.parse(stdout) as { name: string; source: string; readers: unknown[]; places: unknown[] }[];
    expect(secrets.map(({ name, source }) => `${name} ${source}`)).toStrictEqual([
      "encryptionKey given",
      "internalApiToken generated",
      "postgresPassword generated",
      "noetlPassword generated",
      "natsPassword generated",
      "natsSystemPassword generated",
    ]);
    expect(secrets.filter(({ places }) => places.length === 0)).toStrictEqual([]);
    expect(secrets.find(({ name }) => name === "natsSystemPassword")?.readers).toStrictEqual([
      { workload: "StatefulSet nats/nats", effect: "reloads" },
    ]);
    expect(secrets.find(({ name }) => name === "noetlPassword")?.readers).toStrictEqual([
      { workload: "Deployment noetl/noetl-server-rust", effect: "restarts" },
      { workload: expect.stringMatching(/^Job postgres\/noetl-schema-/), effect: "runs again" },
    ]);
    expect(stdout).not.toContain("canary");
  });

  test("given a secret, when rotated, then its count is raised and every other byte stays", async () => {
    const first = await rotate("natsPassword");

    expect({ status: first.status, stderr: first.stderr }).toStrictEqual({ status: 0, stderr: "" });
    expect(first.stdout).toContain("+     rotations:");
    expect(first.stdout).toContain("+       natsPassword: 1");
    const added = "    rotations:\n      natsPassword: 1\n";
    expect(readFileSync(file, "utf8")).toBe(`${STACK}${added}`);
    expect(readdirSync(folder)).toStrictEqual(["Pulumi.dev.yaml"]);

    expect((await rotate("natsPassword")).status).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(`${STACK}${added.replace("1", "2")}`);
  });

  test("given --dry-run, when rotated, then the impact is shown and nothing is written", async () => {
    const { status, stdout } = await rotate("noetlPassword", "--dry-run", "--json");

    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: "noetlPassword", rotations: 1, written: false });
    expect(readFileSync(file, "utf8")).toBe(STACK);
  });

  test.each([
    ["natsPasword", "there is no secret 'natsPasword'\ndid you mean natsPassword?\nallowed: encryptionKey, "],
    ["natsClusterPassword", "this stack has no secret 'natsClusterPassword'\nallowed: encryptionKey, "],
    ["vaultToken", "there is no secret 'vaultToken'\nallowed: encryptionKey, "],
    ["constructor", "there is no secret 'constructor'\nallowed: encryptionKey, "],
  ])("given %s, when rotated, then it says which there are", async (name, message) => {
    const { status, stdout, stderr } = await rotate(name);

    expect({ status, stdout }).toStrictEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(readFileSync(file, "utf8")).toBe(STACK);
  });

  test("given the encryption key, when rotated, then it is refused until all is sealed under the new one", async () => {
    const refused = await rotate("encryptionKey");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("without the old key nothing sealed under it can be read again");
    expect(refused.stderr).toContain("run this command again with --yes-i-reencrypted");
    expect(readFileSync(file, "utf8")).toBe(STACK);

    expect((await rotate("encryptionKey", "--yes-i-reencrypted")).status).toBe(0);
    expect(readFileSync(file, "utf8")).toContain("encryptionKey: 1");
  });

  test("given a generated encryption key, when rotated all the same, then no row can be sealed under it yet", async () => {
    const generated = STACK.slice(0, STACK.indexOf("  noetl:secrets"));
    writeFileSync(file, generated);

    const { status, stderr } = await rotate("encryptionKey", "--yes-i-reencrypted");

    expect(status).toBe(1);
    expect(stderr).toContain("a generated key is made by pulumi up");
    expect(readFileSync(file, "utf8")).toBe(generated);
  });
});
