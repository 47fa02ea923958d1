import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Sandbox, sandbox } from "./support/sandbox";

const MAIN = join(__dirname, "../../tools/main.ts");

let box: Sandbox;

beforeEach(() => {
  box = sandbox();
});

afterEach(() => {
  box.remove();
});

function run(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", MAIN, ...args], {
    env: box.env,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

describe("the tools command", () => {
  test("given --list --json, tells where each tool is, and fails when one is missing", () => {
    const path = box.command("etcd", "echo etcd Version: 3.6.20");

    const { code, out, err } = run("--list", "--json", "etcd", "kwok");

    expect(JSON.parse(out)).toStrictEqual([
      { found: true, name: "etcd", path, version: "3.6.20", source: "PATH" },
      { found: false, name: "kwok", reason: "not built; no Go toolchain on PATH (https://go.dev/dl, 1.26 or newer)" },
    ]);
    expect([code, err]).toStrictEqual([1, ""]);
  });

  test("given a tool that is there, one line and success", () => {
    const path = box.command("etcd", "echo etcd Version: 3.6.20");

    expect(run("etcd")).toStrictEqual({ code: 0, out: `etcd                     3.6.20  PATH  ${path}\n`, err: "" });
  });

  test.each([
    [
      ["toString"],
      "unknown tool: toString; known are pulumi, pulumi-language-nodejs, pulumi-language-python, pulumi-language-go, pulumi-sdk-go, etcd, kubectl, kube-apiserver, kube-controller-manager, kube-scheduler, kwok, nats-server, nats, jetstream-controller, kubeconform, kube-score, actionlint, keda-operator, keda-adapter",
    ],
    [["--fast"], "Unknown option '--fast'"],
  ])("given %j, says what is wrong", (args, problem) => {
    const { code, out, err } = run(...args);

    expect([code, out]).toStrictEqual([2, ""]);
    expect(err.startsWith(problem)).toBe(true);
    expect(err.endsWith("\nTry: npx tsx tools/main.ts --help\n")).toBe(true);
  });

  test("given --help, explains itself", () => {
    const { code, out } = run("--help");

    expect(code).toBe(0);
    expect(out.split("\n")[2]).toBe("Usage: npx tsx tools/main.ts [--list] [--json] [name ...]");
  });
});
