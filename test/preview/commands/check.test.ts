import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { checkCommand } from "../../../cli/commands/check";
import type { Platform } from "../../../preview/checks";
import { config, env, graph, workload } from "../support";

function platform(image: string, variables: Record<string, string> = {}): Platform {
  return { graph: graph(workload({ container: { image, env: env(variables) } })), config: config() };
}
const GOOD = platform("a:1", { POSTGRES_MAX_CONNECTIONS: "10" });
const BAD = platform("a:latest");
const DOUBTFUL: Platform = {
  graph: graph(
    workload({ container: { image: "ghcr.io/noetl/server:3.39.3", livenessProbe: { httpGet: { path: "/healthz" } } } }),
  ),
  config: config(),
};

async function run(shown: Platform, ...args: string[]): Promise<{ text: string; exitCode: unknown }> {
  let text = "";
  const write = jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await checkCommand(() => Promise.resolve(shown)).parseAsync(["--stack-file", "my.yaml", ...args], { from: "user" });
  } finally {
    write.mockRestore();
  }
  return { text, exitCode: process.exitCode };
}

describe("noetl-ops check", () => {
  afterEach(() => {
    process.exitCode = undefined;
  });

  test("given a good stack, when checked, then it says so and the exit code is left alone", async () => {
    expect(await run(GOOD)).toEqual({ text: "kind\n  ✓ 10 rules, no findings\n", exitCode: undefined });
  });

  test("given an error, when checked, then the exit code is 1", async () => {
    const { text, exitCode } = await run(BAD);
    expect(text).toContain("✗ error  unpinned-images  Deployment app");
    expect(exitCode).toBe(1);
  });

  test("given a warning alone, when checked, then it is shown and the exit code is left alone", async () => {
    const { text, exitCode } = await run(DOUBTFUL);
    expect(text).toContain("! warning  probe-paths  Deployment app");
    expect(exitCode).toBeUndefined();
  });

  test("given --json, when checked, then stacks and findings are data, and an error still is exit code 1", async () => {
    const { text, exitCode } = await run(BAD, "--json");
    expect(JSON.parse(text)).toMatchObject([
      { stack: "kind", findings: [{ severity: "error", rule: "unpinned-images" }] },
    ]);
    expect(exitCode).toBe(1);
  });

  test("given --verbose, when checked, then every rule and the connection budget are shown", async () => {
    const { text } = await run(GOOD, "--verbose");
    expect(text.match(/^ {2}✓ [a-z-]+ +[A-Z/]/gm)).toHaveLength(10);
    expect(text).toContain(
      "connection budget\n    Deployment noetl/app: 1 × 10 = 10\n    in all 10 of 180 (200 max_connections − 20 reserved); 20 while updates roll\n",
    );
  });
});
