import { closeSync, fdatasync, openSync, rmSync, write } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** Appends of 300 bytes a second, one write and one sync for 32 of them: what the disk allows. */
export async function floor(folder: string, count: number): Promise<number> {
  const path = join(folder, "floor");
  const file = openSync(path, "w");
  const data = Buffer.alloc(32 * 300, "x");
  const start = performance.now();
  for (let at = 0; at < count; at += 32) {
    await promisify(write)(file, data);
    await promisify(fdatasync)(file);
  }
  closeSync(file);
  rmSync(path);
  return (count / (performance.now() - start)) * 1000;
}
