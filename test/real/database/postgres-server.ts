import { spawnSync } from "node:child_process";
import { chownSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../support/ports";
import { startSupervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";

/** PostgreSQL refuses to run as root: tests that do run it as nobody. */
export const NOBODY = 65534;
export const isRoot = process.getuid?.() === 0;
export const AS_NOBODY = isRoot ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"] : [];

/** The folder of PostgreSQL's programs, the newest version first; undefined when it is not installed. */
export function postgresPrograms(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, "bin")), ...(process.env.PATH ?? "").split(":")];
  return folders.find((folder) => existsSync(join(folder, "initdb")));
}

/** A PostgreSQL on the loopback network, in a temporary folder of its own. */
export interface PostgresServer {
  port: number;
  /** Programs of the same version, such as `psql`. */
  programs: string;
  stop(): Promise<void>;
}

/**
 * Starts a server as the official image does: with an administrator, password authentication, and these arguments.
 *
 * @param args of the rendered container
 */
export async function startPostgres(
  programs: string,
  admin: { user: string; password: string },
  args: string[],
): Promise<PostgresServer> {
  const supervisor = await startSupervisor("noetl-postgres-");
  const { folder } = supervisor;
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, admin.password);
  if (isRoot) for (const path of [folder, passwordFile]) chownSync(path, NOBODY, NOBODY);
  const data = join(folder, "data");
  const [first = "", ...rest] = [
    ...AS_NOBODY,
    ...[join(programs, "initdb"), "-D", data, "-U", admin.user, `--pwfile=${passwordFile}`],
    ...["--auth=scram-sha-256", "--no-sync", "-E", "UTF8"],
  ];
  const init = spawnSync(first, rest, { encoding: "utf8", cwd: folder });
  if (init.status !== 0) throw new Error(`initdb failed: ${init.stderr}`);

  const port = await freePort();
  const [command = "", ...serverArgs] = [
    ...AS_NOBODY,
    ...[join(programs, "postgres"), "-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"],
    ...args,
  ];
  const server = await supervisor.start({ name: "postgres", command, arguments: serverArgs });
  await waitFor("PostgreSQL", () => {
    if (server.exit()) throw new Error(`PostgreSQL ended:\n${readFileSync(server.log, "utf8")}`);
    return spawnSync(join(programs, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)]).status === 0 || undefined;
  });
  return { port, programs, stop: () => supervisor.stop() };
}
