"use strict";
// ESLint over the files that may say something new: those that changed, and all that import them in any number of steps,
// because rules that know types see what a file imports. ESLint's own cache looks at each file alone: it would call
// well what a fresh clone does not.
//
// Usage, in the repository: node tools/lint.cjs RECORD. The record says with what each file was found well; without it
// all are linted.
const { execFileSync, spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { preProcessFile } = require("typescript");

/** What is linted, and what all of it is linted with; `*` goes over folders. */
const LINTED = ["*.ts", "*.js", "*.cjs", "*.mjs"];
const SETTINGS = ["eslint.config.mjs", "rooms.json", "package-lock.json", "*tsconfig.json"];

/** Files of the working tree that git knows or would take. */
function found(patterns) {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", ...patterns];
  const names = execFileSync("git", args, { encoding: "utf8" }).split("\0");
  return [...new Set(names)].filter((name) => name !== "" && fs.existsSync(name));
}

const hashOf = (text) => createHash("sha256").update(text).digest("hex");
const isFile = (name) => fs.statSync(name, { throwIfNoEntry: false })?.isFile() === true;

/** A file's content as a hash, and the files of this repository that it imports. */
function read(name) {
  const text = fs.readFileSync(name, "utf8");
  const asked = /\.[cm]?[jt]s$/.test(name) ? preProcessFile(text, true, true).importedFiles : [];
  const imports = asked.flatMap(({ fileName }) => {
    if (!fileName.startsWith(".")) return [];
    const target = path.join(path.dirname(name), fileName);
    return [target, `${target}.ts`, path.join(target, "index.ts")].find(isFile) ?? [];
  });
  return { hash: hashOf(text), imports };
}

/** For each file, a hash of everything that a rule can see of it. */
function fingerprints(names) {
  const known = new Map();
  const of = (name) => known.get(name) ?? known.set(name, read(name)).get(name);
  const settings = found(SETTINGS).map((name) => of(name).hash);
  const all = names.map((name) => {
    const seen = new Set([name]);
    for (const one of seen) for (const other of of(one).imports) seen.add(other);
    const parts = [...seen].sort().map((one) => `${one} ${of(one).hash}`);
    return [name, hashOf([...settings, ...parts].join("\n"))];
  });
  return Object.fromEntries(all);
}

function main(record) {
  const well = fs.existsSync(record) ? JSON.parse(fs.readFileSync(record, "utf8")) : {};
  const now = fingerprints(found(LINTED));
  const stale = Object.keys(now).filter((name) => now[name] !== well[name]);
  if (stale.length > 0) {
    const args = ["node_modules/eslint/bin/eslint.js", "--max-warnings=0", "--no-warn-ignored", ...stale];
    const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
  }
  fs.mkdirSync(path.dirname(record), { recursive: true });
  fs.writeFileSync(record, JSON.stringify(now));
}

main(process.argv[2]);
