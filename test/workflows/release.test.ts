import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ROOT } from "../cli/support";
import { jobOf, runStep, workflow } from "./workflow";

const FILE = "release.yml";
const CHANGES = `# Changes

What is new.

## Unreleased

- Not yet.

## 0.1.0 (2026-11-21)

The first version.

- A platform.

## 0.0.1

- Nothing.
`;

/** Commands of a runner that say what they were asked, and make the files that later steps read. */
const COMMANDS = {
  npm: `echo "npm $*" >> "$ASKED"
case "$1" in
  pack) echo package > "$4/noetl-platform-0.1.0.tgz" ;;
  sbom) echo '{"bomFormat":"CycloneDX"}' ;;
esac`,
  gh: `echo "gh $*" >> "$ASKED"`,
};

/** A runner with a checkout of a tag. */
class Runner {
  readonly folder = mkdtempSync(join(tmpdir(), "noetl-release-"));
  readonly project = join(this.folder, "project");
  readonly env: Record<string, string>;

  constructor(tag: string) {
    mkdirSync(join(this.folder, "bin"));
    for (const [name, script] of Object.entries(COMMANDS)) {
      writeFileSync(join(this.folder, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    for (const file of ["package.json", "library/package.json", "library/schema.json", ".github/scripts"]) {
      mkdirSync(dirname(join(this.project, file)), { recursive: true });
      cpSync(join(ROOT, file), join(this.project, file), { recursive: true });
    }
    writeFileSync(join(this.project, "CHANGELOG.md"), CHANGES);
    this.env = {
      PATH: `${join(this.folder, "bin")}:${process.env.PATH ?? ""}`,
      ASKED: join(this.folder, "asked"),
      GITHUB_REF_NAME: tag,
    };
  }

  step(job: string, name: string): Promise<string> {
    return runStep(FILE, job, name, this);
  }

  /** What was asked of npm and gh. */
  asked(): string[] {
    return readFileSync(join(this.folder, "asked"), "utf8").trimEnd().split("\n");
  }

  read(file: string): string {
    return readFileSync(join(this.project, file), "utf8");
  }
}

describe("the release of a tag", () => {
  let runner: Runner;

  beforeEach(() => {
    runner = new Runner("v0.1.0");
  });

  afterEach(() => {
    rmSync(runner.folder, { recursive: true });
  });

  test("starts with tags alone; what runs the project may write nothing, and what may write runs none of it", () => {
    expect(workflow(FILE).on).toEqual({ push: { tags: ["v*"] } });
    expect(jobOf(FILE, "build").permissions).toEqual({ contents: "read" });
    const { permissions, environment, needs, steps } = jobOf(FILE, "publish");
    expect(permissions).toEqual({ contents: "write", "id-token": "write", attestations: "write" });
    expect([environment, needs]).toEqual(["release", "build"]);
    expect(steps.flatMap(({ uses = "" }) => (uses.startsWith("actions/checkout@") ? [uses] : []))).toEqual([]);
    expect(steps.flatMap(({ run: script = "" }) => script.match(/\b(node|npm \w+)\b/g) ?? [])).toEqual(["npm publish"]);
  });

  test("checks, tests, packs, lists what is in it, and publishes exactly what was packed", async () => {
    for (const name of ["Notes", "Install", "Check", "Test", "Pack", "List"]) await runner.step("build", name);
    for (const name of ["Publish on npm", "Publish on GitHub"]) await runner.step("publish", name);

    expect(runner.asked()).toEqual([
      "npm ci --ignore-scripts --no-audit --no-fund",
      "npm run check",
      "npm test",
      "npm pack ./library --pack-destination release",
      "npm install --package-lock-only --ignore-scripts --no-audit --no-fund",
      "npm sbom --package-lock-only --sbom-format cyclonedx --sbom-type library",
      "npm publish ./release/noetl-platform-0.1.0.tgz --provenance --access public --ignore-scripts",
      "gh release create v0.1.0 ./release/noetl-platform-0.1.0.tgz release/sbom.cdx.json --verify-tag --title v0.1.0 --notes-file release/notes.md",
    ]);
    expect(runner.read("release/notes.md")).toBe("The first version.\n\n- A platform.\n");
    expect(JSON.parse(runner.read("release/sbom.cdx.json"))).toEqual({ bomFormat: "CycloneDX" });
  });

  test("proves where the package was built and what is in it, both of the published file", () => {
    const proofs = jobOf(FILE, "publish").steps.filter(({ uses = "" }) => uses.startsWith("actions/attest@"));

    expect(proofs.map((step) => step.with)).toEqual([
      { "subject-path": "release/*.tgz" },
      { "subject-path": "release/*.tgz", "sbom-path": "release/sbom.cdx.json" },
    ]);
  });

  test("given a tag that neither manifests nor changes know, says all that is wrong and ends", async () => {
    runner.env.GITHUB_REF_NAME = "v0.2.0";

    await expect(runner.step("build", "Notes")).rejects.toMatchObject({
      code: 1,
      stderr: [
        "no release:",
        "  package.json: version 0.1.0, but the tag says 0.2.0",
        "  library/package.json: version 0.1.0, but the tag says 0.2.0",
        "  library/schema.json: version 0.1.0, but the tag says 0.2.0",
        "  CHANGELOG.md: no heading '## 0.2.0'; rename '## Unreleased'",
        "CONTRIBUTING.md says how one is made",
        "",
      ].join("\n"),
    });
  });

  test("given a tag that is no version, says so", async () => {
    runner.env.GITHUB_REF_NAME = "v1";

    await expect(runner.step("build", "Notes")).rejects.toMatchObject({
      stderr: expect.stringContaining("  tag 'v1': not of the form v1.2.3\n") as unknown,
    });
  });
});
