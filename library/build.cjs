"use strict";
// Compiles what `npm pack` packs: the components, what they are composed of, and the package for other languages.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");
const DIST = path.join(__dirname, "dist");
/** Files that components read when they run. */
const READ = ["components/database/sql", "components/noetl/make-streams.sh"];

fs.rmSync(DIST, { recursive: true, force: true });
// `npm run check` has checked the types.
execFileSync(
  process.execPath,
  [require.resolve("typescript/bin/tsc"), "-p", path.join(__dirname, "tsconfig.build.json"), "--noCheck"],
  {
    stdio: "inherit",
  },
);
for (const file of READ) fs.cpSync(path.join(ROOT, file), path.join(DIST, file), { recursive: true });
fs.copyFileSync(path.join(ROOT, "LICENSE"), path.join(__dirname, "LICENSE"));
