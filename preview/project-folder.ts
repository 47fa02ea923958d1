import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Name of this package in package.json. */
const PACKAGE = "noetl-platform";

/** The folder of this project: stack files and committed renders lie in it, wherever a command is called. */
export function projectFolder(start: string = __dirname): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && readFileSync(file, "utf8").includes(`"name": "${PACKAGE}"`)) return folder;
    if (folder === dirname(folder)) throw new Error(`${start} lies in no checkout of ${PACKAGE}`);
  }
}
