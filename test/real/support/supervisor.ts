import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A process to run under a supervisor. */
export interface ProcessSpec {
  /** Unique among the supervisor's running processes; also names its log. */
  name: string;
  command: string;
  arguments: readonly string[];
  /** The whole environment of the process. @default PATH and HOME of this process */
  environment?: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process that a supervisor runs. */
export interface SupervisedProcess {
  name: string;
  pid: number;
  /** File that holds its output, also that of earlier processes of the same name; gone when the supervisor stops. */
  log: string;
  /** How it ended; undefined while it runs. */
  exit(): Exit | undefined;
  /** Sends a signal to it and to all that it started, and waits for its end. @default "SIGKILL" */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
}

/**
 * Runs processes that must not outlive this one. They end, and the folder is removed, when `stop` is called or when
 * this process ends: normally, by a crash, by a signal, even by SIGKILL.
 */
export interface Supervisor {
  /** Id of the supervisor's own process. */
  pid: number;
  /** An own temporary folder, the working folder of all processes. */
  folder: string;
  /** @throws Error when the command cannot be started */
  start(spec: ProcessSpec): Promise<SupervisedProcess>;
  /** Ends all processes and removes the folder. May be called more than once. */
  stop(): Promise<void>;
}

type Report = { folder: string } | ({ name: string } & ({ pid: number } | { problem: string } | Exit));

/**
 * Starts a supervisor, a small process of its own.
 *
 * @param prefix first part of the temporary folder's name
 */
export async function startSupervisor(prefix: string): Promise<Supervisor> {
  const child = spawn(process.execPath, [join(__dirname, "supervisor-process.cjs"), prefix], {
    // A group of its own: Ctrl-C in the terminal is for this process, whose end then tells the supervisor.
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const hold = holdOpen(child);
  const processes = new Map<string, Running>();
  const made = deferred<string>();
  const ended = deferred<undefined>();

  createInterface({ input: child.stdout }).on("line", (line) => {
    const report = JSON.parse(line) as Report;
    if ("folder" in report) made.resolve(report.folder);
    else processes.get(report.name)?.tell(report);
  });
  child.once("error", made.reject);
  child.once("exit", () => {
    // It leaves nothing behind, unless it was itself killed.
    for (const running of processes.values()) running.abandon();
    void made.promise.then((folder) => {
      rmSync(folder, { recursive: true, force: true });
    });
    ended.resolve(undefined);
  });

  const folder = await hold(made.promise);

  async function start(spec: ProcessSpec): Promise<SupervisedProcess> {
    const { name, command, environment = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" } } = spec;
    const log = join(folder, `${name}.log`);
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`cannot start ${name}: the supervisor has ended`);
    const running = runningProcess();
    processes.set(name, running);
    write(child, { start: { name, command, arguments: spec.arguments, environment, log } });
    const started = await hold(running.started);
    if ("problem" in started) throw new Error(`cannot start ${name}: ${started.problem}`);
    return {
      name,
      pid: started.pid,
      log,
      exit: () => running.exit(),
      kill: (signal = "SIGKILL") => {
        write(child, { kill: { name, signal } });
        return hold(running.ended);
      },
    };
  }

  async function stop(): Promise<void> {
    child.stdin.end();
    await hold(ended.promise);
  }

  return { pid: child.pid ?? 0, folder, start, stop };
}

/** What is known of a process that was asked for. */
interface Running {
  started: Promise<{ pid: number } | { problem: string }>;
  ended: Promise<Exit>;
  exit(): Exit | undefined;
  /** Takes a report about it. */
  tell(report: { pid: number } | { problem: string } | Exit): void;
  /** Ends it when there is no supervisor that could. */
  abandon(): void;
}

function runningProcess(): Running {
  const started = deferred<{ pid: number } | { problem: string }>();
  const ended = deferred<Exit>();
  let pid: number | undefined;
  let exit: Exit | undefined;
  const tell: Running["tell"] = (report) => {
    if ("code" in report) {
      exit = { code: report.code, signal: report.signal };
      ended.resolve(exit);
    } else {
      pid = "pid" in report ? report.pid : undefined;
      started.resolve(report);
    }
  };
  return {
    started: started.promise,
    ended: ended.promise,
    exit: () => exit,
    tell,
    abandon: () => {
      if (exit !== undefined) return;
      if (pid !== undefined) killGroup(pid);
      else tell({ problem: "the supervisor has ended" });
      tell({ code: null, signal: "SIGKILL" });
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

function write(child: ChildProcess, request: object): void {
  child.stdin?.write(`${JSON.stringify(request)}\n`);
}

/**
 * Lets this process end while its supervisor runs, but not while it waits for it.
 *
 * @returns a function that keeps this process alive until a promise is settled
 */
function holdOpen(child: ChildProcess): <T>(promise: Promise<T>) => Promise<T> {
  const handles = [child, child.stdin as Socket, child.stdout as Socket];
  let holders = 0;
  const release = (): void => {
    for (const handle of handles) handle.unref();
  };
  release();
  return async (promise) => {
    holders += 1;
    for (const handle of handles) handle.ref();
    try {
      return await promise;
    } finally {
      holders -= 1;
      if (holders === 0) release();
    }
  };
}

interface Deferred<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: Deferred<T>["resolve"];
  let reject!: Deferred<T>["reject"];
  const promise = new Promise<T>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}
