/** The secrets that a stack file counts the replacements of, and which keys of which Kubernetes Secrets hold each. */

export const SECRET_NAMES = [
  "encryptionKey",
  "internalApiToken",
  "postgresPassword",
  "noetlPassword",
  "natsPassword",
  "natsSystemPassword",
  "natsClusterPassword",
  "natsUsers",
  "natsSupercluster",
] as const;

export type SecretName = (typeof SECRET_NAMES)[number];

interface SecretFacts {
  /** What it is for. */
  title: string;
  /** Size and encoding of a generated one. */
  form: string;
  /** Matches `NAMESPACE/SECRET KEY` of the keys that hold it, or something made of it. */
  keys: RegExp;
}

const PASSWORD = "32 letters and digits (190 bits)";

export const SECRETS: Readonly<Record<SecretName, SecretFacts>> = {
  encryptionKey: {
    title: "seals credentials in the database",
    form: "base64 of 32 bytes",
    keys: /^noetl\/noetl-secret NOETL_ENCRYPTION_KEY$/,
  },
  internalApiToken: {
    title: "opens the server's internal API to the system pool",
    form: "32 bytes in hexadecimal digits",
    keys: /^noetl\/noetl-internal-api-token token$/,
  },
  postgresPassword: {
    title: "PostgreSQL administrator",
    form: PASSWORD,
    keys: /^postgres\/(postgres-secret POSTGRES_PASSWORD|noetl-schema PGPASSWORD)$/,
  },
  noetlPassword: {
    title: "the server's PostgreSQL role",
    form: PASSWORD,
    keys: /^(noetl\/noetl-secret NOETL_PASSWORD|noetl\/noetl-shards .*|postgres\/(postgres-secret|noetl-schema) NOETL_PASSWORD|postgres\/pgbouncer-users .*)$/,
  },
  natsPassword: {
    title: "NATS user noetl: server, workers, gateway",
    form: PASSWORD,
    keys: /^(noetl\/noetl-nats .*|nats\/nats-auth .*|nats\/noetl-streams password|nats-supercluster\/nats-cluster-.*-auth .*)$/,
  },
  natsSystemPassword: {
    title: "NATS user sys, for people who look after NATS",
    form: PASSWORD,
    keys: /^(nats\/nats-auth|nats-supercluster\/nats-cluster-.*-auth) /,
  },
  natsClusterPassword: {
    title: "between the servers of NATS",
    form: PASSWORD,
    keys: /^nats\/nats-auth /,
  },
  natsUsers: {
    title: "users of further NATS accounts",
    form: PASSWORD,
    keys: /^nats\/nats-auth /,
  },
  natsSupercluster: {
    title: "gateways, routes and tenants of the supercluster",
    form: PASSWORD,
    keys: /^nats-supercluster\//,
  },
};

/** A key of a Kubernetes Secret. */
export interface SecretPlace {
  namespace: string;
  secret: string;
  key: string;
}

/** The secrets that a key holds, alone or among others. */
export function secretsAt({ namespace, secret, key }: SecretPlace): SecretName[] {
  return SECRET_NAMES.filter((name) => SECRETS[name].keys.test(`${namespace}/${secret} ${key}`));
}
