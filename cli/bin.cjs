#!/usr/bin/env node
"use strict";
const { load } = require("../bundle.cjs");

const sources = ["components", "stacks", "preview", "operations", "orchestrator", "cli"];

load({ name: "noetl-ops", entry: "cli/main.ts", sources })
  .main(process.argv.slice(2))
  .then((code) => {
    process.exitCode = code;
  });
