/**
 * Runs processes on behalf of another process, and ends them all when that one ends, however it ends.
 *
 * The other process holds the write end of this one's standard input, and the kernel closes it even after SIGKILL.
 * Every process started here leads a group of its own, so that its own children are ended too. The temporary folder
 * belongs to this process as well: it is made first and removed last.
 *
 * Requests, one JSON object a line:  { start: { name, command, arguments, environment, log } }
 *                                    { kill: { name, signal } }
 * Reports, likewise:                 { folder }
 *                                    { name, pid }            started
 *                                    { name, problem }        could not be started
 *                                    { name, code, signal }   ended
 *
 * It is plain JavaScript because it must start at once, without a compiler in between.
 */
const { spawn } = require("node:child_process");
const { closeSync, mkdtempSync, openSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

/** @type {Map<string, import("node:child_process").ChildProcess>} */
const running = new Map();
const folder = mkdtempSync(join(tmpdir(), process.argv[2]));
let ending = false;

function report(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function start({ name, command, arguments: args, environment, log }) {
  const output = openSync(log, "a");
  const child = spawn(command, args, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  if (child.pid !== undefined) {
    running.set(name, child);
    report({ name, pid: child.pid });
  }
  child.once("error", (error) => report({ name, problem: error.message }));
  child.once("exit", (code, signal) => {
    // The process is gone; what it has started may not be.
    kill(child, "SIGKILL");
    running.delete(name);
    report({ name, code, signal });
    if (ending) leaveWhenEmpty();
  });
}

function kill(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended meanwhile.
  }
}

function end() {
  ending = true;
  for (const child of running.values()) kill(child, "SIGKILL");
  leaveWhenEmpty();
}

function leaveWhenEmpty() {
  if (running.size > 0) return;
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

// No one may be left to read a report.
process.stdout.on("error", () => undefined);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const request = JSON.parse(line);
    if (request.start && !ending) start(request.start);
    if (request.kill && running.has(request.kill.name)) kill(running.get(request.kill.name), request.kill.signal);
  })
  .on("close", end);

report({ folder });
