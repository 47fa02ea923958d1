"use strict";
// What `npm run check` does: everything that needs no test, side by side, because the linter takes as long as all others
// together. What one says is printed when it is through; all are run, so that all problems are told at once. Where
// node_modules stays from one run to the next, only what changed is looked at.
const { spawn } = require("node:child_process");
const { availableParallelism } = require("node:os");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");
const CACHE = path.join(ROOT, "node_modules", ".cache", "check");

const types = (name, ...project) => [
  "typescript/bin/tsc",
  "--noEmit",
  "--incremental",
  "--tsBuildInfoFile",
  path.join(CACHE, `${name}.tsbuildinfo`),
  ...project,
];

/** The longest first. Each is a script in node_modules, or a path to one, and its arguments. */
const CHECKS = {
  lint: [path.join(__dirname, "lint.cjs"), path.join(CACHE, "linted.json")],
  types: types("types"),
  format: ["prettier/bin/prettier.cjs", "--check", ".", "--cache", "--cache-location", path.join(CACHE, "prettier")],
  unused: ["knip/bin/knip.js", "--no-progress"],
  "types of the map": types("map", "-p", "preview/map/browser"),
  "types of the dashboard": types("dashboard", "-p", "orchestrator/dashboard/browser"),
};

/** @returns whether it found nothing */
function run(name) {
  const [script, ...args] = CHECKS[name];
  const begin = Date.now();
  const child = spawn(process.execPath, [path.resolve(ROOT, "node_modules", script), ...args], { cwd: ROOT });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => said.push(text));
  return new Promise((resolve) => {
    child.once("close", (code) => {
      const seconds = Math.round((Date.now() - begin) / 1000);
      console.log(`${code === 0 ? "✓" : "✗"} ${name}  ${seconds} s`);
      if (code !== 0) process.stdout.write(Buffer.concat(said));
      resolve(code === 0);
    });
  });
}

async function main() {
  const waiting = Object.keys(CHECKS);
  let isWell = true;
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (!(await run(name))) isWell = false;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  process.exitCode = isWell ? 0 : 1;
}

void main();
