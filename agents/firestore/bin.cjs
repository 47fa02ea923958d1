#!/usr/bin/env node
"use strict";
// Runs the agent from a checkout; an image has the one file that build.cjs makes.
const { load } = require("../../bundle.cjs");

load({ name: "firestore-agent", entry: "agents/firestore/main.ts", sources: ["agents"] })
  .main(process.argv.slice(2))
  .then((code) => process.exit(code));
