import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { join } from "node:path";
import { OwnProcesses } from "./own-processes";

/** Milliseconds that the CLI may take to end once it is asked to, before it is asked again and then killed. */
const PATIENCE = 20_000;

/** How hard it is asked: at the first interrupt it gives up in order, at the second one at once. */
const ASKED: readonly NodeJS.Signals[] = ["SIGINT", "SIGINT", "SIGKILL"];

/** The processes that update a stack for us. */
export class OwnUpdates {
  readonly processes: OwnProcesses;

  /** @param cache folder for what outlives a run @param file of the stack */
  constructor(cache: string, file: string) {
    const stack = createHash("sha256").update(file).digest("hex").slice(0, 16);
    this.processes = new OwnProcesses(join(cache, "updates", stack));
  }

  /** Does something that starts the CLI. @param signal ends the CLI, also where it is only about to start */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const running = new Map<ChildProcess, () => void>();
    const onChild = (message: unknown): void => {
      const { process: child } = message as { process: ChildProcess };
      child.once("spawn", () => {
        this.processes.note(child.pid ?? 0);
        running.set(child, signal.aborted ? end(child) : () => undefined);
      });
      child.once("exit", () => {
        running.get(child)?.();
        running.delete(child);
      });
    };
    const onAbort = (): void => {
      for (const child of running.keys()) running.set(child, end(child));
    };
    subscribe("child_process", onChild);
    signal.addEventListener("abort", onAbort);
    try {
      return await work();
    } finally {
      unsubscribe("child_process", onChild);
      signal.removeEventListener("abort", onAbort);
    }
  }
}

/** Asks a process to end until it does. @returns what ends the asking */
function end(child: ChildProcess, [signal, ...harder] = ASKED): () => void {
  child.kill(signal);
  if (harder.length === 0) return () => undefined;
  let cease = (): void => {
    clearTimeout(timer);
  };
  const timer = setTimeout(() => (cease = end(child, harder)), PATIENCE);
  return () => {
    cease();
  };
}
