import { parseShardDsn } from "../../../components/database/shards";
import { UserError } from "../../../stacks/errors";
import type { RigContext } from "../context";
import type { Platform } from "../platform";
import type { Endpoint } from "../reach";
import type { Evidence } from "../rig";
import { MAINTENANCE, withLogin } from "../sql";

/** A login that is tried. The password never leaves it. */
interface Login {
  /** Whose it is: `user noetl, as Secret noetl/noetl-secret has it`. */
  what: string;
  endpoint: Endpoint;
  user: string;
  password: string;
  database: string;
  accepted: boolean;
}

/** The instance of the cluster, and the pooler before it. */
const POSTGRES: Endpoint = { kind: "Service", name: "postgres", namespace: "postgres", port: 5432 };
const POOLER: Endpoint = { kind: "Service", name: "pgbouncer", namespace: "postgres", port: 5432 };

/** Logs in to PostgreSQL, and to its pooler, as everybody of the platform does, and once with another password. */
export async function postgresLogins(context: RigContext): Promise<Evidence[]> {
  const ways = waysOf(context.platform);
  if (ways.length === 0) {
    context.note("no login of PostgreSQL was tried: the instance is not in the cluster, and has no pooler there");
    return [];
  }
  const evidence: Evidence[] = [];
  for (const login of [...(await platformLogins(context, ways)), ...(await shardLogins(context, ways))]) {
    evidence.push(await tryLogin(context, login));
  }
  return evidence;
}

function waysOf({ config: { postgres, pgbouncer } }: Platform): Endpoint[] {
  return [...(postgres.mode === "inCluster" ? [POSTGRES] : []), ...(pgbouncer ? [POOLER] : [])];
}

async function platformLogins({ reach, platform }: RigContext, ways: readonly Endpoint[]): Promise<Login[]> {
  const { namespace, config } = platform;
  const { user, database, adminUser } = config.postgres;
  const server = { namespace, name: "noetl-secret", key: "NOETL_PASSWORD" };
  const schema = { namespace: "postgres", name: "noetl-schema" };
  const logins = await Promise.all(
    [
      { user, database, secret: server },
      { user, database, secret: { ...schema, key: "NOETL_PASSWORD" } },
    ].map(async ({ secret, ...login }) => {
      const password = await reach.secret(secret);
      return ways.map((endpoint) => ({
        ...login,
        endpoint,
        password,
        accepted: true,
        what: whose(login.user, secret),
      }));
    }),
  );
  const strangers = ways.map((endpoint) => ({
    what: `user ${user} with another password`,
    endpoint,
    user,
    password: "not-the-password",
    database,
    accepted: false,
  }));
  // The pooler knows no administrator.
  const secret = { ...schema, key: "PGPASSWORD" };
  const admins = ways.includes(POSTGRES)
    ? [
        {
          what: whose(adminUser, secret),
          endpoint: POSTGRES,
          user: adminUser,
          password: await reach.secret(secret),
          database: MAINTENANCE,
          accepted: true,
        },
      ]
    : [];
  return [...logins.flat(), ...admins, ...strangers];
}

/** As the server logs in where each shard has a database. */
async function shardLogins({ reach, platform }: RigContext, ways: readonly Endpoint[]): Promise<Login[]> {
  if (platform.config.server.shards.databases !== "perShard") return [];
  const secret = { namespace: platform.namespace, name: "noetl-shards" };
  const [shards, cluster] = await Promise.all([
    reach.secret({ ...secret, key: "NOETL_SHARDS" }),
    reach.secret({ ...secret, key: "NOETL_CLUSTER_DSN" }),
  ]);
  return [...shards.split(","), cluster].flatMap((dsn, index) => {
    const parsed = parseShardDsn(dsn);
    const what = `DSN ${index} of Secret ${secret.namespace}/${secret.name}`;
    if (typeof parsed === "string") throw new UserError(`${what} ${parsed}`);
    const endpoint = ways.find(({ name, namespace }) => parsed.host.startsWith(`${name}.${namespace}.`));
    if (endpoint === undefined) return [];
    const { user, password, database } = parsed;
    return [{ what: `${what}, database ${database}`, endpoint, user, password, database, accepted: true }];
  });
}

function whose(user: string, { namespace, name, key }: { namespace: string; name: string; key: string }): string {
  return `user ${user}, as Secret ${namespace}/${name} has it in ${key}`;
}

async function tryLogin(
  { reach }: RigContext,
  { what, endpoint, database, accepted, ...login }: Login,
): Promise<Evidence> {
  let seen = "logs in";
  try {
    await withLogin(reach, { endpoint, ...login }, database, ({ query }) => query("SELECT 1"));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    seen = `is refused: ${error.message}`;
  }
  const expected = accepted ? "logs in" : "is refused";
  return { what: `${endpoint.name}: ${what}`, expected, seen, ok: seen.startsWith(expected) };
}
