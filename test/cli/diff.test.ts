import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { ran } from "./ran";

jest.setTimeout(120_000);

const HINT = "next: noetl-ops diff --help\n";

let folder: string;

/** Writes a small stack file. @returns its path */
function stack(name: string, natsPassword: string, more = ""): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    `config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
  noetl:secrets: { natsPassword: { secure: "${natsPassword}" } }
${more}`,
  );
  return file;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-diff-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("noetl-ops diff --live", () => {
  test.each([
    ["no stack", [], "error: option '--live' needs one --stack or a --stack-file\n"],
    [
      "two stacks",
      ["--stack", "kind", "--stack", "gke"],
      "error: option '--live' needs one --stack or a --stack-file\n",
    ],
    ["two sides", ["main", "HEAD", "--stack", "kind"], "error: option '--live' compares with one side only\n"],
  ])("given %s, then it is wrong usage", async (_, args, message) => {
    expect(await ran(["diff", "--live", ...args])).toEqual({ status: 2, stdout: "", stderr: `${message}${HINT}` });
  });

  test("given no kubeconfig, then it says so", async () => {
    const file = join(folder, "none");
    expect(await ran(["diff", "--live", "--stack-file", stack("a.yaml", "v1:a:b"), "--kubeconfig", file])).toEqual({
      status: 1,
      stdout: "",
      stderr: `error: the kubeconfig cannot be read: ENOENT: no such file or directory, open '${file}'\nnext: name another one in KUBECONFIG or --kubeconfig\n`,
    });
  });

  test("given no cluster that answers, then it says which, and what to try", async () => {
    const file = join(folder, "kubeconfig");
    const [cluster, user] = [{ server: "https://127.0.0.1:1", "insecure-skip-tls-verify": true }, {}];
    writeFileSync(
      file,
      JSON.stringify({
        clusters: [{ name: "c", cluster }],
        users: [{ name: "u", user }],
        contexts: [{ name: "kind-noetl", context: { cluster: "c", user: "u" } }],
      }),
    );
    expect(await ran(["diff", "--live", "--stack-file", stack("a.yaml", "v1:a:b"), "--kubeconfig", file])).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "error: the API server https://127.0.0.1:1 does not answer: connect ECONNREFUSED 127.0.0.1:1\n" +
        "next: kubectl --context kind-noetl version\n",
    });
  });
});

describe("noetl-ops diff", () => {
  test("given a secret that was encrypted anew, then it is taken for another value, and who reads it is told", async () => {
    const { status, stdout } = await ran(["diff", stack("old.yaml", "v1:a:b"), stack("new.yaml", "v1:c:d")]);

    expect(status).toBe(0);
    expect(stdout).toContain("note: encrypted anew: noetl:secrets.natsPassword; taken for other values");
    expect(stdout).not.toContain("unseen");
    expect(stdout.replaceAll(/<secret [0-9a-f]{12}>/g, "<secret N>")).toContain(
      `  ~ Secret nats/nats-auth  by noetl:secrets.natsPassword
      StatefulSet nats takes it over without a restart, once the files follow (about a minute)
      stringData["passwords.conf"]  <secret N> → <secret N>
`,
    );
  });

  test("given a side with mistakes, then all are told, and the exit code is 1", async () => {
    const file = stack("wrong.yaml", "v1:a:b", "  noetl:serverr: {}\n  noetl:keda: 1\n");
    const { status, stdout, stderr } = await ran(["diff", stack("a.yaml", "v1:a:b"), file]);

    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toContain(`${file}: 2 problems\n`);
    expect(stdout).toContain("noetl:serverr");
    expect(stdout).toContain("noetl:keda");
  });
});
