import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { RECIPES } from "../../tools/catalog";
import { ROOT } from "../cli/support";
import { isInContext, stages, valuesOf } from "./dockerfile";

const STAGES = stages();
const last = STAGES.at(-1);

describe("the image of the orchestrator", () => {
  test("is made from images that are named to the version, Node.js by digest, and Pulumi as the real tests run it", () => {
    const made = STAGES.map(({ name }) => name);
    const bases = STAGES.map(({ from }) => from).filter((from) => !made.includes(from));
    expect(bases).toEqual([
      expect.stringMatching(/^docker\.io\/library\/node:\d+\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^docker\.io\/pulumi\/pulumi-base:\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?$/),
    ]);
    const { version } = RECIPES.pulumi;
    expect(bases[1]).toContain(`:${version.replace(/^v/, "")}`);
  });

  test("is nobody's process, with a first one that takes care of orphans", () => {
    expect(valuesOf(last, "USER")).toEqual(["65534:65534"]);
    const [entry = "[]"] = valuesOf(last, "ENTRYPOINT");
    expect(JSON.parse(entry)).toEqual(["/usr/bin/tini", "-s", "--", "node", "/app/cli/bin.cjs"]);
    expect(STAGES.flatMap((stage) => valuesOf(stage, "ADD"))).toEqual([]);
  });

  test("installs no more than it needs, and keeps no lists and caches", () => {
    const runs = STAGES.flatMap((stage) => valuesOf(stage, "RUN"));
    for (const run of runs.filter((one) => one.includes("apt-get install"))) {
      expect(run).toContain("--no-install-recommends");
      expect(run).toContain("rm -rf /var/lib/apt/lists/*");
    }
    expect(runs.filter((run) => /npm (ci|install)/.test(run))).toEqual([
      "npm ci --omit=dev --no-audit --no-fund && npm cache clean --force",
    ]);
    expect(runs.join("\n")).not.toMatch(/curl|wget|chmod 777|sudo/);
  });

  test("takes in what is committed of these folders and files, and nothing that may hold a secret", () => {
    const tracked = execFileSync("git", ["-C", ROOT, "ls-tree", "--name-only", "HEAD"], { encoding: "utf8" });
    const names = tracked.split("\n").filter(Boolean);
    const outside = [".git", ".env", "node_modules", "docs", "test", "tools", "bench", "agents", "data", "tokens.yaml"];
    expect(outside.filter(isInContext)).toEqual([]);
    const needed = ["package.json", "package-lock.json", "bundle.cjs", "index.cjs", "index.ts", "Pulumi.yaml"];
    expect(
      [...needed, "cli", "components", "operations", "orchestrator", "preview", "rendered", "stacks"].filter(
        (one) => !isInContext(one),
      ),
    ).toEqual([]);
    expect(names.filter((name) => /^Pulumi\..*yaml$/.test(name) && !isInContext(name))).toEqual([]);
  });

  test("has a provider for each of Pulumi's packages that the program uses", () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const providers = Object.keys(dependencies)
      .filter((name) => name.startsWith("@pulumi/") && !["@pulumi/pulumi", "@pulumi/policy"].includes(name))
      .map((name) => name.replace("@pulumi/", ""));
    const plugins = valuesOf(
      STAGES.find(({ name }) => name === "plugins"),
      "RUN",
    ).join();
    expect(/for name in ([a-z ]+);/.exec(plugins)?.[1]?.split(" ")).toEqual(providers.sort());
  });
});
