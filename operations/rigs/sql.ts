import type * as Pg from "pg";
import { z } from "zod";
import { UserError } from "../../stacks/errors";
import type { Reach } from "./reach";

/** A PostgreSQL inside the cluster, and a login to it; the password itself is read when it is needed. */
export const sqlServerSchema = z.object({
  endpoint: z.object({ kind: z.enum(["Service", "Pod"]), name: z.string(), namespace: z.string(), port: z.number() }),
  user: z.string(),
  password: z.object({ namespace: z.string(), name: z.string(), key: z.string() }),
});

export type SqlServer = z.infer<typeof sqlServerSchema>;

/** A row, by the names of its columns; whole numbers of 64 bits are text. */
export type Row = Record<string, unknown>;

/** A session with a database. */
export interface Session {
  /** @returns the rows of the last statement. @throws UserError with what the server says, and never a value */
  query: (text: string, values?: readonly unknown[]) => Promise<Row[]>;
}

/** Milliseconds for a connection, and for one statement. */
const CONNECT = 15_000;
const STATEMENT = 120_000;

/**
 * Opens a session, and ends it when the work is done.
 *
 * @param work gets the session
 * @throws UserError when the database cannot be reached, or refuses
 */
export async function withDatabase<T>(
  reach: Reach,
  { endpoint, user, password }: SqlServer,
  database: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return withLogin(reach, { endpoint, user, password: await reach.secret(password) }, database, work);
}

/** The same with a password that is known. */
export async function withLogin<T>(
  reach: Reach,
  { endpoint, user, password }: Omit<SqlServer, "password"> & { password: string },
  database: string,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const forward = await reach.forward(endpoint);
  const where = `database ${database} (${endpoint.kind} ${endpoint.namespace}/${endpoint.name}, user ${user})`;
  const client = new (loadPg().Client)({
    host: "127.0.0.1",
    port: forward.port,
    user,
    password,
    database,
    ssl: false,
    application_name: "noetl-ops-verify",
    connectionTimeoutMillis: CONNECT,
    query_timeout: STATEMENT,
  });
  const abandon = (): void => void client.end().catch(() => undefined);
  reach.signal?.addEventListener("abort", abandon, { once: true });
  let lost: Error | undefined;
  // Without a listener a connection that breaks between two statements would end the process.
  client.on("error", (error: Error) => (lost = error));
  const problem = (error: unknown): UserError => {
    const said = error instanceof Error ? error.message || "no reason given" : String(error);
    return new UserError(`${where}: ${forward.problem() ?? lost?.message ?? said}`);
  };
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw problem(error);
  }
  try {
    return await work({
      query: async (text, values = []) => {
        try {
          // Several statements have several results.
          const results = [await client.query<Row>(text, [...values])].flat();
          return results.at(-1)?.rows ?? [];
        } catch (error) {
          throw problem(error);
        }
      },
    });
  } finally {
    reach.signal?.removeEventListener("abort", abandon);
    await client.end().catch(() => undefined);
  }
}

/** An identifier, quoted. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The database that every instance has, and from which others are made. */
export const MAINTENANCE = "postgres";

/** Whether an instance has a database. */
export async function hasDatabase(reach: Reach, server: SqlServer, database: string): Promise<boolean> {
  const rows = await withDatabase(reach, server, MAINTENANCE, ({ query }) =>
    query("SELECT 1 FROM pg_database WHERE datname = $1", [database]),
  );
  return rows.length > 0;
}

/** Drops a database, with whoever is connected; one that is not there is fine. */
export async function dropDatabase(reach: Reach, server: SqlServer, database: string): Promise<void> {
  await withDatabase(reach, server, MAINTENANCE, ({ query }) =>
    query(`DROP DATABASE IF EXISTS ${quoted(database)} WITH (FORCE)`),
  );
}

/** Loaded when a rig needs it: no other command shall start slower for it. */
function loadPg(): typeof Pg {
  // Code that V8 has cached cannot `import()`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("pg") as typeof Pg;
}
