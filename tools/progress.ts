import type { Environment } from "./cache";

/** Where progress is written; `process.stderr` is one. */
export interface Terminal {
  write(text: string): unknown;
  isTTY?: boolean;
}

/** Tells how one piece of work goes. */
export interface Task {
  /** Replaces what the task is doing now, for example `waiting for process 12`. */
  now(doing: string): void;
  done(): void;
  failed(): void;
}

/** Starts telling about a piece of work. */
export type Progress = (name: string, doing: string) => Task;

const TERMINAL_INTERVAL = 1_000;
const PLAIN_INTERVAL = 30_000;

/**
 * Tells about work with its elapsed seconds: one line that is rewritten every second on a terminal, in colour unless
 * `NO_COLOR` is set; elsewhere a plain line at the start, at every change, every 30 seconds and at the end.
 */
export function progressOn(terminal: Terminal, env: Environment): Progress {
  const rewrites = terminal.isTTY === true;
  const colours = rewrites && (env.NO_COLOR ?? "") === "";
  const paint = (code: number, text: string): string => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const put = (line: string, last: boolean): void => {
    terminal.write(rewrites ? `\r\u001b[2K${line}${last ? "\n" : ""}` : `${line}\n`);
  };

  return (name, doing) => {
    const started = Date.now();
    let current = doing;
    const seconds = (): string => `${Math.round((Date.now() - started) / 1_000)} s`;
    const tell = (): void => {
      put(`${name}  ${current}  ${seconds()}`, false);
    };
    const timer = setInterval(tell, rewrites ? TERMINAL_INTERVAL : PLAIN_INTERVAL);
    timer.unref();
    const end = (line: string): void => {
      clearInterval(timer);
      put(line, true);
    };
    tell();
    return {
      now(next) {
        current = next;
        tell();
      },
      done() {
        end(`${name}  ${paint(32, "ready")}  ${seconds()}`);
      },
      failed() {
        end(`${name}  ${paint(31, "failed")}  ${seconds()}`);
      },
    };
  };
}

/** Progress for callers that report by other means. */
export const silent: Progress = () => ({ now: () => undefined, done: () => undefined, failed: () => undefined });
