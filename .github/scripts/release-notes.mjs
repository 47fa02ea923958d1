// What is new in a release, of CHANGELOG.md: `node release-notes.mjs v1.2.0`. Fails where the tag, the two manifests and the
// changes do not agree, before anything is published.
import { readFileSync } from "node:fs";

const [, , tag = ""] = process.argv;
const version = tag.replace(/^v/, "");
const problems = [];

if (!/^v\d+\.\d+\.\d+(-[\w.]+)?$/.test(tag)) problems.push(`tag '${tag}': not of the form v1.2.3`);
for (const file of ["package.json", "library/package.json", "library/schema.json"]) {
  const { version: written } = JSON.parse(readFileSync(file, "utf8"));
  if (written !== version) problems.push(`${file}: version ${written}, but the tag says ${version}`);
}
const changes = readFileSync("CHANGELOG.md", "utf8").split(/^## /m).slice(1);
const section = changes.find((text) => text.split(/\s/, 1)[0] === version);
if (section === undefined) problems.push(`CHANGELOG.md: no heading '## ${version}'; rename '## Unreleased'`);

if (section === undefined || problems.length > 0) {
  console.error(
    `no release:\n${problems.map((problem) => `  ${problem}`).join("\n")}\nCONTRIBUTING.md says how one is made`,
  );
  process.exitCode = 1;
} else {
  console.log(section.slice(section.indexOf("\n")).trim());
}
