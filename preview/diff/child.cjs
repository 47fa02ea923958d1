"use strict";
// Runs the program of another revision: renders stack files, one after another, and answers each to the parent.
// Usage: child.cjs FOLDER, the folder that holds the program.
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const [folder] = process.argv.slice(2);
const { load } = require(path.join(folder, "bundle.cjs"));
const { loadPlatform } = load({
  name: "diff",
  entry: "preview/load-platform.ts",
  sources: ["components", "stacks", "preview"],
});
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "noetl-diff-"));
process.once("exit", () => fs.rmSync(scratch, { recursive: true, force: true }));

async function render({ id, stack, text, former, secretKey }) {
  const file = path.join(scratch, `Pulumi.${stack}.yaml`);
  fs.writeFileSync(file, text);
  try {
    const { graph, config } = await loadPlatform(file, { former, secretKey: Buffer.from(secretKey, "hex") });
    return { id, graph, config };
  } catch (error) {
    const message = String(error?.message ?? error).replaceAll(`${scratch}${path.sep}`, "");
    return { id, failure: { message, isConfig: Array.isArray(error?.problems) } };
  }
}

// Recordings share the SDK's global state: one at a time.
let last = Promise.resolve();
process.on("message", (job) => {
  last = last.then(async () => {
    const answer = await render(job);
    // The parent may have gone meanwhile.
    if (process.connected) process.send(answer);
  });
});
process.on("disconnect", () => process.exit());
