import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Pool } from "pg";
import { ensureTool } from "../../../tools/find";
import { postgresPrograms, startPostgres } from "../database/postgres-server";
import { freePort } from "../support/ports";
import { startSupervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";
import type { JsonObject } from "./json";
import type { Address } from "./place";
import type { Select } from "./tools";

const SQL = join(__dirname, "..", "..", "..", "components", "database", "sql");
/** Logins of the platform, which a test gives it. */
export interface Logins {
  /** Of PostgreSQL's administrator. */
  admin: { user: string; password: string };
  postgres: { user: string; password: string };
  nats: { user: string; password: string };
}

/** A PostgreSQL and a NATS server for a platform. */
export interface Backing {
  postgres: Address;
  nats: Address;
  /** Of NATS. */
  monitoring: Address;
  /** Asks a database, as the administrator. */
  query(statement: string, database?: string): Promise<JsonObject[]>;
  /** Runs what a worker's DuckDB would. */
  select: Select;
  /** Makes a database with the platform's schema, as the schema Job does. */
  makeDatabases(...names: string[]): Promise<void>;
  stop(): Promise<void>;
}

/** Why they cannot run here; undefined when they can. */
export function backingImpossible(): string | undefined {
  return postgresPrograms() === undefined
    ? "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    : undefined;
}

/** Starts both, with the schema in the database `noetl`. */
export async function startBacking({ admin, postgres, nats }: Logins): Promise<Backing> {
  const programs = postgresPrograms();
  const tool = await ensureTool("nats-server");
  if (programs === undefined) throw new Error("PostgreSQL is not installed");
  if (!tool.found) throw new Error(tool.reason);
  const [server, supervisor] = await Promise.all([
    startPostgres(programs, admin, ["-c", "max_connections=200", "-c", "fsync=off"]),
    startSupervisor("noetl-nats-"),
  ]);
  const [port, monitoring] = [await freePort(), await freePort()];
  const conf = join(supervisor.folder, "nats.conf");
  writeFileSync(conf, natsConf(port, monitoring, join(supervisor.folder, "jetstream"), nats), { mode: 0o600 });
  await supervisor.start({ name: "nats-server", command: tool.path, arguments: ["-c", conf] });
  await waitFor("nats-server", () =>
    fetch(`http://127.0.0.1:${monitoring}/healthz`).then(
      ({ status }) => (status === 200 ? true : undefined),
      () => undefined,
    ),
  );

  const pools = new Map<string, Pool>();
  const poolOf = (database: string): Pool => {
    const pool = pools.get(database) ?? new Pool({ ...admin, host: "127.0.0.1", port: server.port, database, max: 3 });
    pools.set(database, pool);
    return pool;
  };
  const query = async (statement: string, database = "noetl") =>
    (await poolOf(database).query<JsonObject>(statement)).rows;
  const makeDatabases = async (...names: string[]): Promise<void> => {
    const env = {
      PATH: `${programs}:${process.env.PATH ?? ""}`,
      ...{ PGHOST: "127.0.0.1", PGPORT: String(server.port), PGUSER: admin.user, PGPASSWORD: admin.password },
      ...{ NOETL_DATABASE: names.join(" "), NOETL_USER: postgres.user, NOETL_PASSWORD: postgres.password },
    };
    const job = spawn("sh", [join(SQL, "bootstrap.sh")], { env, stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    job.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(job, "close")) as [number | null];
    if (code !== 0) throw new Error(`bootstrap.sh: ${errors}`);
  };
  await makeDatabases("noetl");
  return {
    postgres: { host: "127.0.0.1", port: server.port },
    nats: { host: "127.0.0.1", port },
    monitoring: { host: "127.0.0.1", port: monitoring },
    query,
    // DuckDB's name of the type; everything else of the fixtures' queries is the same to both.
    select: (statement) => query(statement.replaceAll(/::DOUBLE\b(?! PRECISION)/gi, "::DOUBLE PRECISION")),
    makeDatabases,
    stop: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      await Promise.all([server.stop(), supervisor.stop()]);
    },
  };
}

/** As the platform's own, as far as accounts go. */
function natsConf(port: number, monitoring: number, store: string, { user, password }: Logins["nats"]): string {
  return [
    `server_name: nats-0`,
    `listen: "127.0.0.1:${port}"`,
    `http: "127.0.0.1:${monitoring}"`,
    `jetstream: { store_dir: ${JSON.stringify(store)} }`,
    `accounts: { NOETL: { jetstream: true, users: [{ user: ${JSON.stringify(user)}, password: ${JSON.stringify(password)} }] } }`,
  ].join("\n");
}
