import { spawnSync } from "node:child_process";
import { chownSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/ports";
import { startSupervisor, type Exit } from "../support/supervisor";
import { waitFor } from "../support/wait";
import { AS_NOBODY, isRoot, NOBODY } from "./postgres-server";

/** The program; undefined when it is not installed. */
export function pgbouncerProgram(): string | undefined {
  return ["/usr/sbin/pgbouncer", "/usr/local/bin/pgbouncer", "/usr/bin/pgbouncer"].find((path) => existsSync(path));
}

/** A PgBouncer on the loopback network. */
export interface PgBouncerServer {
  port: number;
  pid: number;
  log(): string;
  exit(): Exit | undefined;
  /** Writes another pgbouncer.ini and has it read (SIGHUP). */
  reload(ini: string): void;
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer with a rendered pgbouncer.ini. Only what lies elsewhere here is another: its own port, the instance's
 * address, and the path of the userlist.
 */
export async function startPgBouncer(
  program: string,
  files: { ini: string; userlist: string },
  instance: { programs: string; port: number },
): Promise<PgBouncerServer> {
  const supervisor = await startSupervisor("noetl-pgbouncer-");
  const port = await freePort();
  if (isRoot) chownSync(supervisor.folder, NOBODY, NOBODY);
  const path = (name: string) => join(supervisor.folder, name);
  const write = (name: string, text: string) => {
    writeFileSync(path(name), text);
    if (isRoot) chownSync(path(name), NOBODY, NOBODY);
  };
  const moved = (ini: string) =>
    ini
      .replace(/^listen_addr = .*$/m, "listen_addr = 127.0.0.1")
      .replace(/^listen_port = .*$/m, `listen_port = ${port}`)
      .replace(/^auth_file = .*$/m, `auth_file = ${path("userlist.txt")}`)
      .replaceAll(/host=\S+ port=\d+/g, `host=127.0.0.1 port=${instance.port}`);
  write("userlist.txt", files.userlist);
  write("pgbouncer.ini", moved(files.ini));

  const [command, ...args] = isRoot ? [...AS_NOBODY, program] : [program];
  const server = await supervisor.start({
    name: "pgbouncer",
    command,
    arguments: [...args, path("pgbouncer.ini")],
  });
  const log = () => readFileSync(server.log, "utf8");
  await waitFor("PgBouncer", () => {
    if (server.exit()) throw new Error(`PgBouncer ended:\n${log()}`);
    const ready = spawnSync(join(instance.programs, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)]);
    return ready.status === 0 || undefined;
  });
  return {
    port,
    pid: server.pid,
    log,
    exit: () => server.exit(),
    reload: (ini) => {
      write("pgbouncer.ini", moved(ini));
      process.kill(server.pid, "SIGHUP");
    },
    stop: () => supervisor.stop(),
  };
}
