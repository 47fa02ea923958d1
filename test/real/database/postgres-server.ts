import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/ports";
import { waitFor } from "../support/wait";

/** User and group that the server runs as when the tests run as root, which PostgreSQL refuses. */
const NOBODY = 65534;
const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

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
  const folder = mkdtempSync(join(tmpdir(), "noetl-postgres-"));
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, admin.password);
  if (identity.uid !== undefined)
    for (const path of [folder, passwordFile]) chownSync(path, identity.uid, identity.gid);
  const data = join(folder, "data");
  const init = spawnSync(
    join(programs, "initdb"),
    ["-D", data, "-U", admin.user, `--pwfile=${passwordFile}`, "--auth=scram-sha-256", "--no-sync", "-E", "UTF8"],
    { ...identity, encoding: "utf8", cwd: folder },
  );
  if (init.status !== 0) throw new Error(`initdb failed: ${init.stderr}`);

  const port = await freePort();
  const server = spawn(
    join(programs, "postgres"),
    ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-k", folder, ...args],
    { ...identity, cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  server.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const isReady = () => {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended:\n${log}`);
    const { status } = spawnSync(join(programs, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)]);
    return status === 0 || undefined;
  };
  await waitFor("PostgreSQL", isReady);
  return {
    port,
    programs,
    stop: async () => {
      if (server.exitCode === null) {
        server.kill("SIGINT");
        await once(server, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
