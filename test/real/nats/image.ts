import { execFile, spawnSync } from "node:child_process";
import { copyFile, link, mkdir, readdir, realpath, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What of the image the manifests run beside nats-server. */
const COMMANDS = ["sh", "wget", "sleep", "find", "sort", "xargs", "sha256sum", "cat"];

/** Why pods cannot run here; undefined when they can. */
export function podsImpossible(): string | undefined {
  const { status, error, stderr } = spawnSync("unshare", ["-Ur", "true"], { encoding: "utf8" });
  if (status !== 0) return `unprivileged user namespaces are not permitted: ${error?.message ?? stderr.trim()}`;
  if (spawnSync("busybox", ["true"]).status !== 0) return "no busybox, whose commands the image has";
  return undefined;
}

/** Fills a root file system with what the published image has: executables, and busybox for the hooks. */
export async function unpackImage(root: string, executables: readonly string[]): Promise<void> {
  const busybox = (await run("sh", ["-c", "command -v busybox"])).stdout.trim();
  for (const path of executables) await place(path, join(root, "bin", path.slice(path.lastIndexOf("/") + 1)));
  await place(busybox, join(root, "bin/busybox"));
  for (const library of await librariesOf(busybox)) await place(library, join(root, library));
  for (const command of COMMANDS) await symlink("busybox", join(root, "bin", command));
}

/** Every file below a folder, relative to it. */
export async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}

/** None for an executable that is linked statically. */
async function librariesOf(executable: string): Promise<string[]> {
  const { stdout } = await run("ldd", [executable]).catch(() => ({ stdout: "" }));
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}

/** A second name for the same file where that is possible, since there may be many pods. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const file = await realpath(from);
  await link(file, to).catch(() => copyFile(file, to));
}
