"use strict";
// Makes firestore-agent.cjs: the whole agent in one file, which needs Node.js and nothing else.
//   node agents/firestore/build.cjs [FOLDER]   default: agents/firestore/dist
const path = require("node:path");
const { buildSync } = require("esbuild");

const folder = process.argv[2] ?? path.join(__dirname, "dist");

buildSync({
  entryPoints: [path.join(__dirname, "start.ts")],
  outfile: path.join(folder, "firestore-agent.cjs"),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "linked",
  logLevel: "warning",
  logLimit: 0,
});
