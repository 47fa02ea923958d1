import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DRAFT, isAlive, withLock } from "./lock";

/**
 * Makes a folder once, however many processes ask for it at the same time: one fills a draft beside it, the others
 * wait. The folder appears whole or not at all; what a killed process left behind is removed.
 *
 * @param folder path of the folder
 * @param fill puts the content into an empty draft folder
 * @param onWait called with the id of the process that is filling it, when there is one
 */
export async function makeOnce(
  folder: string,
  fill: (draft: string) => Promise<void>,
  onWait: (pid: number) => void,
): Promise<void> {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  await withLock(
    `${folder}.lock`,
    async () => {
      if (!existsSync(folder)) await makeFrom(`${folder}${DRAFT}${process.pid}`, folder, fill);
    },
    onWait,
  );
}

async function makeFrom(draft: string, folder: string, fill: (draft: string) => Promise<void>): Promise<void> {
  removeAbandoned(folder);
  // This process may have the id of one that was killed.
  rmSync(draft, { recursive: true, force: true });
  try {
    mkdirSync(draft);
    await fill(draft);
    publish(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Drafts of the folder and of its lock. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(dirname(folder))) {
    const [start = "", owner] = name.split(DRAFT);
    if (owner === undefined || !start.startsWith(basename(folder)) || isAlive(Number.parseInt(owner, 10))) continue;
    rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}

function publish(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Another process may have published the same meanwhile (see withLock).
    if (!existsSync(folder)) throw error;
  }
}
