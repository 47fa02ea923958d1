import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** A process of some machine. */
export interface Process {
  pid: number;
  host: string;
  /** When it began, in the kernel's own clock, so that a later process of the same number is another one. */
  born?: string | undefined;
}

/** This process. */
export function thisProcess(): Process {
  const born = birthOf(process.pid);
  return { pid: process.pid, host: hostname(), ...(born !== undefined && { born }) };
}

/** Whether a process still runs; of another machine nobody here can tell, so that it counts as running. */
export function isAlive({ pid, host, born }: Process): boolean {
  if (host !== hostname()) return host !== "";
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return born === undefined || birthOf(pid) === born;
}

/** Where there is /proc; the 22nd field, counted after the name, which may hold blanks. */
function birthOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return undefined;
  }
}
