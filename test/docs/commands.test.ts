import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ran } from "../cli/ran";
import { ROOT } from "../cli/support";
import { patternOf, stepsOf } from "./page";

/** Every page that shows commands with their output. */
const PAGES = [
  "README.md",
  "docs/data-safety.md",
  ...readdirSync(join(ROOT, "docs", "commands")).map((name) => `docs/commands/${name}`),
];

/** A command that a page shows, and what it prints. */
interface Example {
  command: string;
  output: string;
}

function examplesOf(page: string): Example[] {
  return stepsOf(page).flatMap((step) => (step.kind === "command" ? [step] : []));
}

/** Files that a page shows, which its commands then read. */
function filesOf(page: string): Map<string, string> {
  return new Map(stepsOf(page).flatMap((step) => (step.kind === "file" ? [[step.name, step.text]] : [])));
}

describe.each(PAGES.filter((page) => examplesOf(page).length > 0))("%s", (page) => {
  const files = filesOf(page);
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-docs-"));
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each(examplesOf(page))("$command", async ({ command, output }) => {
    const [program, ...args] = command.split(" ");
    expect(program).toBe("noetl-ops");
    const { stdout, stderr } = await ran(args.map((arg) => (files.has(arg) ? join(folder, arg) : arg)));
    // The page's files stand in a folder of the test's; relative to the project their path begins with `../`.
    const printed = `${stdout}${stderr}`.replaceAll(relative(ROOT, folder) + sep, "").replaceAll(folder + sep, "");
    expect(printed.trimEnd()).toMatch(patternOf(output));
  });
});

/** Pictures of the pages, and the commands that draw them; `npm run render` runs the same. */
const PICTURES: [name: string, command: string][] = [
  ["preview-kind", "preview --format svg"],
  ["graph-gke", "graph --stack gke --format svg"],
  ["nats-gke", "nats topology --stack gke --format svg"],
  ["network-gke", "network --stack gke --format svg"],
  ["simulate-day", "simulate scaling --stack gke --pattern day --format svg"],
];

test.each(PICTURES)("the picture %s is what %s draws today", async (name, command) => {
  const picture = join(ROOT, "docs", "images", `${name}.svg`);
  const committed = readFileSync(picture, "utf8");
  const { stdout } = await ran(command.split(" "));
  // Like a render: the new one takes the place of the old, and the test fails all the same.
  writeFileSync(picture, stdout);
  expect(committed).toBe(stdout);
});
