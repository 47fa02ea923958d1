import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** Milliseconds that the CLI may take to end once it is asked to, before it is asked again and then killed. */
const PATIENCE = 30_000;

/** How hard it is asked: at the first interrupt it gives up in order, at the second one at once. */
const ASKED: readonly NodeJS.Signals[] = ["SIGINT", "SIGINT", "SIGKILL"];

/**
 * The processes that update a stack for us. Each is noted in a folder, so that also a later run knows which ones were ours:
 * the number of a process alone proves nothing, because a lock may come from a container with the same host name.
 */
export class OwnUpdates {
  readonly #folder: string;

  /** @param cache folder for what outlives a run @param file of the stack */
  constructor(cache: string, file: string) {
    const stack = createHash("sha256").update(file).digest("hex").slice(0, 16);
    this.#folder = join(cache, "updates", stack);
  }

  /** Does something that starts the CLI. @param signal ends the CLI, also where it is only about to start */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const running = new Map<ChildProcess, () => void>();
    const onChild = (message: unknown): void => {
      const { process: child } = message as { process: ChildProcess };
      child.once("spawn", () => {
        this.#note(child.pid ?? 0);
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

  /** Whether all locks of a stack are left over from processes of ours. @param refusal what the CLI says of the locks */
  haveLeft(refusal: string): boolean {
    const [, count] = /locked by (\d+) lock/.exec(refusal) ?? [];
    const named = refusal.matchAll(/(\S+): created by \S+@(\S+) \(pid (\d+)\) at /g);
    // The text may say everything twice.
    const locks = [...new Map([...named].map(([, lock, host, pid = ""]) => [lock, { host, pid }])).values()];
    const areOurs = locks.every(
      ({ host, pid }) => host === hostname() && existsSync(join(this.#folder, pid)) && !isAlive(Number(pid)),
    );
    return areOurs && locks.length > 0 && locks.length === Number(count);
  }

  /** Forgets processes, none of which has left a lock. */
  forget(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #note(pid: number): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.#folder, String(pid)), "");
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
