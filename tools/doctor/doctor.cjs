#!/usr/bin/env node
"use strict";
// `npm run doctor`: what this machine can run. Plain JavaScript that old versions of Node.js read, too, because it runs where
// nothing may be installed yet; everything else is in main.ts.
const path = require("path");

const NEEDED = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);

function end(problem, next) {
  if (process.argv.includes("--json")) {
    const found = [{ name: "Node.js and packages", state: "missing", needed: true, found: problem, next: next }];
    console.log(JSON.stringify({ ready: false, found: found }, null, 2));
  } else {
    console.error("error: " + problem + "\n  " + next);
  }
  process.exitCode = 1;
}

if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  end("this is Node.js " + process.versions.node, "install Node.js 20.19 or newer, 22 for example: https://nodejs.org");
} else {
  let tsx;
  try {
    tsx = require.resolve("tsx/cjs");
  } catch {
    end("the packages of this project are not installed", "npm ci");
  }
  if (tsx) {
    require(tsx);
    require(path.join(__dirname, "main.ts"));
  }
}
