import { readdirSync, readFileSync } from "node:fs";

/**
 * Counts on Linux, where /proc tells of processes.
 *
 * @param text for example the path of a temporary folder
 * @returns ids of all living processes that have the text in their command line or in the environment they were
 * started with
 */
export function processesWith(text: string): number[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.filter((id) => read(id, "cmdline").includes(text) || read(id, "environ").includes(text)).map(Number);
}

/** Empty for a process that is gone, or belongs to someone else. */
function read(id: string, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, "utf8");
  } catch {
    return "";
  }
}
