import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ran } from "./ran";
import { ROOT } from "./support";

describe("noetl-ops adopt", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-adopt-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** A kubeconfig with one context, whose API server is not there. */
  function kubeconfig(context: string): string {
    const file = join(folder, `${context}.json`);
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: context, context: { cluster: "c", user: "u" } }],
    };
    writeFileSync(file, JSON.stringify(config));
    return file;
  }

  test("given an API server that does not answer, says so and what to ask", async () => {
    expect(await ran(["adopt", "--kubeconfig", kubeconfig("kind-noetl")])).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "error: the API server https://127.0.0.1:1 does not answer: connect ECONNREFUSED 127.0.0.1:1\n" +
        "next: kubectl --context kind-noetl version\n",
    });
    expect(existsSync(join(ROOT, "adopt.kind.json"))).toBe(false);
  });

  test("given a kubeconfig of another cluster, touches it not", async () => {
    expect(await ran(["adopt", "--kubeconfig", kubeconfig("production")])).toEqual({
      status: 1,
      stdout: "",
      stderr:
        'error: the kubeconfig has no context "kind-noetl", which the stack names in noetl:cluster.context; it has: production\n' +
        "next: get the credentials of that cluster, or allow another context with --context NAME\n",
    });
  });

  test("given a context that the user allows, uses it", async () => {
    const { stderr } = await ran(["adopt", "--context", "production", "--kubeconfig", kubeconfig("production")]);
    expect(stderr).toContain("next: kubectl --context production version\n");
  });

  test("given both a stack and a stack file, is called wrongly", async () => {
    const { status, stderr } = await ran(["adopt", "--stack", "kind", "--stack-file", "x.yaml"]);
    expect({ status, first: stderr.split("\n")[0] }).toEqual({
      status: 2,
      first: "error: option '--stack-file <file>' cannot be used with option '--stack <name>'",
    });
  });
});
