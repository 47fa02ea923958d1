/** A database that clients ask the pooler for, and where it really is. */
export interface PooledDatabase {
  /** Name for clients, and of the database on the instance. */
  name: string;
  host: string;
  port: number;
}

/** Everything that pgbouncer.ini says. Times are seconds. */
export interface PgBouncerSettings {
  databases: readonly PooledDatabase[];
  /** Port for clients, on all addresses. */
  port: number;
  /** File with users and passwords. */
  authFile: string;
  /** Users that may ask for statistics, and nothing else, in database `pgbouncer`. */
  statsUsers: readonly string[];
  /** Clients of one pod; those without a server connection wait. */
  maxClientConnections: number;
  poolSize: number;
  minPoolSize: number;
  reservePool: number;
  /** After how long a wait the reserve is used. */
  reservePoolTimeout: number;
  /** Server connections to one database. */
  perDatabase: number;
  /** How long a client waits for a server connection before it is sent away. */
  queryWaitTimeout: number;
  /** Age at which a server connection is replaced. */
  serverLifetime: number;
  /** Idle time after which a server connection is closed. */
  serverIdleTimeout: number;
  /** Encryption of server connections. `prefer` and `require` do not check who the server is. */
  serverTls: "disable" | "prefer" | "require";
}

/**
 * The text of pgbouncer.ini. Only settings that PgBouncer 1.18 and 1.24 both know: the former reads it in a test, the
 * latter is deployed.
 *
 * @see https://www.pgbouncer.org/config.html
 */
export function pgbouncerIni(settings: PgBouncerSettings): string {
  return [
    "[databases]",
    ...settings.databases.map(({ name, host, port }) => `${name} = host=${host} port=${port} dbname=${name}`),
    "",
    "[pgbouncer]",
    ...Object.entries(parameters(settings)).map(([name, value]) => `${name} = ${value}`.trimEnd()),
    "",
  ].join("\n");
}

function parameters(settings: PgBouncerSettings): Record<string, string | number> {
  return {
    listen_addr: "*",
    listen_port: settings.port,
    // No socket: nobody but clients over TCP asks, and the root file system is read-only.
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: settings.authFile,
    stats_users: settings.statsUsers.join(","),
    pool_mode: "transaction",
    // What drivers send at login and no pooled connection can hold: sqlx sends options, pq and JDBC extra_float_digits.
    ignore_startup_parameters: "extra_float_digits,options",
    max_client_conn: settings.maxClientConnections,
    default_pool_size: settings.poolSize,
    min_pool_size: settings.minPoolSize,
    reserve_pool_size: settings.reservePool,
    reserve_pool_timeout: settings.reservePoolTimeout,
    max_db_connections: settings.perDatabase,
    query_wait_timeout: settings.queryWaitTimeout,
    server_lifetime: settings.serverLifetime,
    server_idle_timeout: settings.serverIdleTimeout,
    server_tls_sslmode: settings.serverTls,
    // A line for each login would drown the errors; who is connected is a metric.
    log_connections: 0,
    log_disconnections: 0,
  };
}

/**
 * One line of userlist.txt. The password stands in plain text, because PgBouncer logs in to the server with it: a SCRAM
 * verifier would do only if it were the server's own, salt included, which Cloud SQL shows nobody.
 */
export function userlistLine(user: string, password: string): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return `${quoted(user)} ${quoted(password)}\n`;
}
