/* eslint-disable @typescript-eslint/no-unsafe-member-access,
   @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return --
   mutations write into manifests of any kind, and a wrong one makes its test fail */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { checkCommand } from "../../../cli/commands/check";
import { CHECKS, checksOf, type Platform } from "../../../preview/checks";
import { POLICIES } from "../../../preview/policies";
import { renderedFiles } from "../../../preview/manifests";
import { writeRendered } from "../../../preview/rendered-folder";
import { ConfigError } from "../../../stacks/config/problem";
import { mutated, type Inputs } from "../policies/good";
import { config, OPEN } from "../support";

/** A stack that keeps to every policy but for a change, of which no render is committed anywhere. */
function platform(name: string, change: (inputs: Inputs, container: Inputs) => void): Platform {
  const shown = mutated(name, (inputs) => {
    change(inputs, inputs.spec.template.spec.containers[0]);
  });
  return { graph: { ...shown, stack: "mine" }, config: config(OPEN) };
}
const GOOD = platform("Deployment shop", (_, { env }) => env.push({ name: "POSTGRES_MAX_CONNECTIONS", value: "10" }));
const BAD = platform("Deployment shop", (_, container) => (container.image = "a:latest"));
const DOUBTFUL = platform("Deployment shop", (_, container) => {
  container.image = "ghcr.io/noetl/server:3.39.3";
  container.livenessProbe.httpGet.path = "/healthz";
});

const claims = (storage: string): Platform =>
  platform("StatefulSet store", ({ spec }) => (spec.volumeClaimTemplates[0].spec.resources.requests.storage = storage));
const BEFORE = claims("2Gi");
const AFTER = claims("1Gi");

function run(shown: Platform, ...args: string[]): Promise<{ text: string; exitCode: unknown }> {
  return runOn(shown, "my.yaml", args);
}

async function runOn(shown: Platform, file: string, args: string[]): Promise<{ text: string; exitCode: unknown }> {
  let text = "";
  const write = jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await checkCommand(() => Promise.resolve(shown)).parseAsync(["--stack-file", file, ...args], { from: "user" });
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
    expect(await run(GOOD)).toEqual({
      text: "mine  no former render to compare with\n  ✓ no errors, no warnings\n",
      exitCode: undefined,
    });
  });

  test("given an error, when checked, then the exit code is 1", async () => {
    const { text, exitCode } = await run(BAD);
    expect(text).toContain("✗ error  unpinned-images  Deployment shop");
    expect(exitCode).toBe(1);
  });

  test("given a warning alone, when checked, then it is shown and the exit code is left alone", async () => {
    const { text, exitCode } = await run(DOUBTFUL);
    expect(text).toContain("! warning  probe-paths  Deployment shop");
    expect(exitCode).toBeUndefined();
  });

  test("given --json, when checked, then stacks and findings are data, and an error still is exit code 1", async () => {
    const { text, exitCode } = await run(BAD, "--json");
    expect(JSON.parse(text)).toMatchObject([
      { stack: "mine", comparedWith: null, findings: [{ severity: "error", rule: "unpinned-images" }] },
    ]);
    expect(exitCode).toBe(1);
  });

  test("given stacks of which one has a broken file, when checked, then the others are checked all the same", async () => {
    const written = { out: "", error: "" };
    const out = jest
      .spyOn(process.stdout, "write")
      .mockImplementation((chunk) => Boolean((written.out += String(chunk))));
    const error = jest
      .spyOn(process.stderr, "write")
      .mockImplementation((chunk) => Boolean((written.error += String(chunk))));
    const load = (file: string): Promise<Platform> =>
      file.endsWith("Pulumi.gke.yaml")
        ? Promise.reject(new ConfigError(file, [{ path: "noetl:natz", message: "unknown key" }]))
        : Promise.resolve(GOOD);
    try {
      await checkCommand(load).parseAsync(["--stack", "gke", "--stack", "kind"], { from: "user" });
    } finally {
      out.mockRestore();
      error.mockRestore();
    }
    expect(written.out).toMatch(/^mine {2}/);
    expect(written.error).toContain("noetl:natz");
    expect(process.exitCode).toBe(1);
  });

  test("given --verbose, when checked, then every rule and the connection budget are shown", async () => {
    const { text } = await run(GOOD, "--verbose");
    expect(text.match(/^ {2}✓ [a-z-]+ +[A-Z/]/gm)).toHaveLength(checksOf(GOOD).length);
    expect(text).toContain("– gcp-ranges                 not asked: this stack has nothing on Google Cloud\n");
    expect(checksOf(GOOD)).toEqual(CHECKS.filter(({ scope }) => scope === undefined));
    expect(text).toContain("\n  policies (docs/policies.md)\n    ✓ restricted-pods ");
    expect(text.match(/^ {4}✓ [a-z-]+ +[A-Z/]/gm)).toHaveLength(POLICIES.length);
    expect(text).toContain(
      "connection budget\n    Deployment web/shop: 2 × 10 = 20\n    in all 20 of 180 (200 max_connections − 20 reserved); 30 while updates roll\n",
    );
  });

  describe("compared with a former render", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "noetl-check-"));
      writeRendered(join(folder, "rendered", "mine"), renderedFiles(BEFORE.graph));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    const compared = (shown: Platform, ...args: string[]) => runOn(shown, join(folder, "Pulumi.mine.yaml"), args);

    test("given rendered/STACK beside the stack file, when data would be destroyed, then it is an error", async () => {
      const { text, exitCode } = await compared(AFTER);
      expect(text).toMatch(
        /^mine {2}compared with \S+rendered\/mine\n {2}1 error\n {2}✗ error {2}volume-shrunk {2}StatefulSet store\n/,
      );
      expect(exitCode).toBe(1);
    });

    test("given the render that is named, when nothing would be destroyed, then the exit code is left alone", async () => {
      const { text, exitCode } = await compared(BEFORE, "--against", join(folder, "rendered", "mine"), "--json");
      expect(JSON.parse(text)).toMatchObject([{ comparedWith: join(folder, "rendered", "mine"), findings: [] }]);
      expect(exitCode).toBeUndefined();
    });

    test("given a waiver, when its day is not over, then the finding is shown with the reason and is no error", async () => {
      const waivers = [{ rule: "volume-shrunk", reason: "the data was moved out", until: "2030-01-31" }];
      const waived = { ...AFTER, config: config({ ...OPEN, waivers }) };
      const { text, exitCode } = await compared(waived, "--today", "2030-01-31");
      expect(text).toContain(
        "✓ no errors, no warnings, 1 waived\n  ~ waived error  volume-shrunk  StatefulSet store\n",
      );
      expect(text).toContain("→ until 2030-01-31: the data was moved out\n");
      expect(exitCode).toBeUndefined();
    });

    test("given a waiver, when its day is over, then the error is back, and the waiver is told", async () => {
      const waivers = [{ rule: "volume-shrunk", reason: "the data was moved out", until: "2030-01-31" }];
      const { text, exitCode } = await compared(
        { ...AFTER, config: config({ ...OPEN, waivers }) },
        "--today",
        "2030-02-01",
      );
      expect(text).toContain("1 error, 1 warning\n  ✗ error  volume-shrunk  StatefulSet store\n");
      expect(text).toContain("! warning  waivers  noetl:waivers[0]\n");
      expect(exitCode).toBe(1);
    });

    test.each(["nowhere", "."])(
      "given %s as the former render, when it holds none, then the error tells how to get one",
      async (name) => {
        await expect(compared(AFTER, "--against", join(folder, name))).rejects.toThrow(
          /holds no render; write one there with: noetl-ops preview --stack-file \S+ --out /,
        );
      },
    );
  });
});
