/** How the values of the platform's Secrets are called in a store such as Secret Manager or Vault. */

/** Where one key of a Kubernetes Secret is kept. */
export interface StoreEntry {
  /** Key of the Kubernetes Secret. */
  key: string;
  /** Name in the store. */
  entry: string;
  /** Name of the file, where a store is mounted. */
  file: string;
}

/** Names that the platform has always had; several Secrets share what must be the same in all of them. */
const KNOWN: Readonly<Record<string, Omit<StoreEntry, "key">>> = {
  "noetl-secret/NOETL_ENCRYPTION_KEY": { entry: "noetl-encryption-key", file: "encryption-key" },
  "noetl-secret/NOETL_PASSWORD": { entry: "noetl-postgres-password", file: "postgres-password" },
  "noetl-internal-api-token/token": { entry: "noetl-internal-api-token", file: "token" },
  "noetl-nats/NATS_PASSWORD": { entry: "noetl-nats-password", file: "nats-password" },
  "noetl-nats/NOETL_NATS_URL": { entry: "noetl-nats-url", file: "nats-url" },
  "postgres-secret/NOETL_PASSWORD": { entry: "noetl-postgres-password", file: "postgres-password" },
  "postgres-secret/POSTGRES_PASSWORD": { entry: "noetl-superuser-password", file: "superuser-password" },
  "noetl-schema/NOETL_PASSWORD": { entry: "noetl-postgres-password", file: "postgres-password" },
  "noetl-schema/PGPASSWORD": { entry: "noetl-superuser-password", file: "superuser-password" },
};

const CLASSES: Readonly<Record<string, string>> = {
  "noetl-secret": "noetl-server-secrets",
  "postgres-secret": "pgbouncer-db-secrets",
};

/** The entries behind a Secret, in the order of its keys. */
export function entriesOf(secret: string, keys: readonly string[]): StoreEntry[] {
  return keys.map((key) => {
    const file = key.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    const name = secret.startsWith("noetl-") ? secret : `noetl-${secret}`;
    return { key, ...(KNOWN[`${secret}/${key}`] ?? { entry: `${name}-${file}`, file }) };
  });
}

/** Name of the SecretProviderClass behind a Secret: as the platform's own manifests call them. */
export function classOf(secret: string): string {
  return CLASSES[secret] ?? secret;
}
