import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process, told in such a way that no other one is taken for it, also not one that gets its number later. */
export interface ProcessMark {
  pid: number;
  host: string;
  /** `boot/ticks`: the start of the machine, and that of the process after it; `unknown` where the system does not tell. */
  started: string;
  /** The installation of the system: machines of one name differ in it. Not in every container. */
  machine?: string;
  /** The space in which its number counts: containers have one each. */
  namespace?: string;
}

/** The mark of a process of this machine. */
export function markOf(pid: number): ProcessMark {
  const machine = read("/etc/machine-id");
  return {
    pid,
    host: hostname(),
    started: statusOf(pid)?.started ?? "unknown",
    ...(machine !== undefined && machine !== "" && { machine }),
    ...namespace(),
  };
}

/** Whether the very process that is meant is alive; undefined when nobody can tell from here. */
export function isAlive(mark: ProcessMark): boolean | undefined {
  const self = markOf(process.pid);
  if (mark.host !== self.host) return undefined;
  if (bootOf(mark) !== bootOf(self)) {
    // A machine that has started again has none of its processes left; of the same name alone may be another one.
    return mark.machine !== undefined && mark.machine === self.machine ? false : undefined;
  }
  if (mark.namespace !== undefined && mark.namespace !== self.namespace) return undefined;
  if (!existsProcess(mark.pid)) return false;
  if (mark.started === "unknown") return true;
  const status = statusOf(mark.pid);
  // One that has ended and that nobody has asked about is still listed, and holds nothing.
  return status?.started === mark.started && !status.hasEnded;
}

/** Whether a process of this number is to be seen here, whatever it is. */
export function existsProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function statusOf(pid: number): { started: string; hasEnded: boolean } | undefined {
  const boot = read("/proc/sys/kernel/random/boot_id");
  const stat = read(`/proc/${pid}/stat`);
  if (boot === undefined || stat === undefined) return undefined;
  // The name before it may have blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = ""] = fields;
  return { started: `${boot}/${fields[19] ?? ""}`, hasEnded: state === "Z" || state === "X" };
}

function namespace(): { namespace?: string } {
  try {
    return { namespace: readlinkSync("/proc/self/ns/pid") };
  } catch {
    return {};
  }
}

function bootOf({ started }: ProcessMark): string {
  return started.split("/")[0] ?? started;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
