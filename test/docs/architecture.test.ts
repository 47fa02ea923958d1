import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ROOT } from "../cli/support";
import { architecturePicture, FILE, rooms } from "../pictures/architecture";

const ROOMS = rooms();

/** Folders that hold TypeScript and are no rooms: nobody imports them. */
const OUTSIDE = ["bench", "test"];

describe("docs/architecture.md", () => {
  test("its picture is drawn of the rooms as they are", () => {
    const committed = readFileSync(FILE, "utf8");
    const drawn = architecturePicture(ROOMS);
    writeFileSync(FILE, drawn);
    expect(committed).toBe(drawn);
  });

  test("every folder with a program is a room, and every room is there", () => {
    const folders = readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() && entry.name !== "node_modules" && hasProgram(join(ROOT, entry.name)) ? [entry.name] : [],
    );
    expect(folders.filter((name) => !OUTSIDE.includes(name)).sort()).toEqual(Object.keys(ROOMS).sort());
  });

  test("no room imports itself, nor one that imports it", () => {
    for (const [name, { imports }] of Object.entries(ROOMS)) {
      expect(imports.filter((other) => other === name || ROOMS[other]?.imports.includes(name) !== false)).toEqual([]);
    }
  });

  test("says of every room what it is for", () => {
    const page = readFileSync(join(ROOT, "docs", "architecture.md"), "utf8");
    expect(Object.keys(ROOMS).filter((name) => !page.includes(`\`${name}/\``))).toEqual([]);
  });
});

function hasProgram(folder: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).some(
    (entry) =>
      (entry.isFile() && entry.name.endsWith(".ts")) || (entry.isDirectory() && hasProgram(join(folder, entry.name))),
  );
}
