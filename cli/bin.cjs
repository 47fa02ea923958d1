#!/usr/bin/env node
"use strict";
const { load } = require("../bundle.cjs");

const sources = ["components", "stacks", "preview", "operations", "orchestrator", "cli"];

try {
  load({ name: "noetl-ops", entry: "cli/main.ts", sources })
    .main(process.argv.slice(2))
    .then((code) => {
      process.exitCode = code;
    });
} catch (error) {
  if (error.name !== "BundleError") throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
