import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../stacks/errors";
import { HEADER, type RenderedFiles } from "./manifests";

/** What a write did, by relative path. */
export interface WrittenFiles {
  /** Files that are new or have other contents than before. */
  written: string[];
  /** Stale files that are gone. */
  removed: string[];
}

/** An interrupted write leaves only such a file behind; the next one removes it. */
const TEMPORARY = /^\..*\.noetl-tmp$/;

/**
 * Makes a folder hold exactly these files. Each file is replaced at once (written aside, then renamed), so that a reader
 * never sees half of one; files that are right already are not touched, and stale ones go last.
 *
 * @throws UserError when the folder holds files that no render wrote; nothing is changed then.
 */
export function writeRendered(directory: string, files: RenderedFiles): WrittenFiles {
  const present = scan(directory);
  refuseForeign(directory, present.foreign);
  const written: string[] = [];
  for (const [path, text] of files) {
    if (present.rendered.has(path) && readFileSync(join(directory, path), "utf8") === text) continue;
    replaceFile(join(directory, path), text);
    written.push(path);
  }
  const removed = [...present.rendered].filter((path) => !files.has(path));
  for (const path of [...removed, ...present.temporary]) {
    rmSync(join(directory, path));
    removeIfEmpty(dirname(join(directory, path)));
  }
  return { written, removed };
}

/**
 * Reads what {@link writeRendered} wrote. Files of others in the folder are left out.
 *
 * @returns undefined when there is no such folder.
 */
export function readRendered(directory: string): Map<string, string> | undefined {
  if (!existsSync(directory)) return undefined;
  const files = new Map<string, string>();
  for (const path of [...scan(directory).rendered].sort()) files.set(path, readFileSync(join(directory, path), "utf8"));
  return files;
}

interface FolderContents {
  rendered: Set<string>;
  temporary: string[];
  foreign: string[];
}

/** Sorts what lies in a folder into ours and others'. Ours are two levels deep, and begin with the header. */
function scan(directory: string): FolderContents {
  const contents: FolderContents = { rendered: new Set(), temporary: [], foreign: [] };
  if (!existsSync(directory)) return contents;
  if (!statSync(directory).isDirectory())
    throw new UserError(`${directory} is a file, not a folder; name another folder`);
  for (const folder of readdirSync(directory, { withFileTypes: true })) {
    if (!folder.isDirectory()) contents.foreign.push(folder.name);
    else scanFolder(directory, folder.name, contents);
  }
  return contents;
}

function scanFolder(directory: string, folder: string, contents: FolderContents): void {
  for (const entry of readdirSync(join(directory, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isFile() && TEMPORARY.test(entry.name)) contents.temporary.push(path);
    else if (entry.isFile() && entry.name.endsWith(".yaml") && beginsWithHeader(join(directory, path))) {
      contents.rendered.add(path);
    } else contents.foreign.push(path);
  }
}

function beginsWithHeader(file: string): boolean {
  const handle = openSync(file, "r");
  try {
    const start = Buffer.alloc(HEADER.length);
    readSync(handle, start, 0, start.length, 0);
    return start.toString("latin1") === HEADER;
  } finally {
    closeSync(handle);
  }
}

function refuseForeign(directory: string, foreign: string[]): void {
  if (foreign.length === 0) return;
  const names = foreign.slice(0, 3).join(", ") + (foreign.length > 3 ? `, and ${foreign.length - 3} more` : "");
  throw new UserError(
    `${directory} holds files that were not rendered here (${names}); nothing was written. Name an empty or new folder, or remove them.`,
  );
}

function replaceFile(file: string, text: string): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `.${process.pid}.noetl-tmp`);
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function removeIfEmpty(folder: string): void {
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}
