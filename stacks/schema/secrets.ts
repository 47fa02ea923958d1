import { z } from "zod";
import { natsUser, secret, whole } from "./fields";

/** How often a generated value has been replaced. */
function count() {
  return whole(0, 1_000_000).optional();
}

export const secretsSchema = z
  .strictObject({
    encryptionKey: secret()
      .optional()
      .describe("Key that seals credentials at rest: base64 of 32 bytes (NOETL_ENCRYPTION_KEY)."),
    internalApiToken: secret().optional().describe("Bearer token of /api/internal (NOETL_INTERNAL_API_TOKEN)."),
    postgresPassword: secret().optional().describe("Password of the PostgreSQL admin role."),
    noetlPassword: secret()
      .optional()
      .describe("Password of the server's PostgreSQL role (POSTGRES_PASSWORD of the server)."),
    natsPassword: secret().optional().describe("Password of NATS user `noetl` in account NOETL."),
    natsSystemPassword: secret().optional().describe("Password of NATS user `sys` in account $SYS."),
    natsClusterPassword: secret()
      .optional()
      .describe("Password that the servers of the NATS cluster know each other by."),
    natsUsers: z
      .array(
        z
          .strictObject({
            user: natsUser().describe("A user of `nats.accounts`."),
            password: secret().describe("The user's password; any text but a bcrypt hash."),
          })
          .describe("A user's password."),
      )
      .max(100)
      .optional()
      .describe("Passwords of users of `nats.accounts`, instead of generated ones."),
    databaseUrl: secret()
      .optional()
      .describe("Full connection URL that overrides POSTGRES_* (DATABASE_URL). Not read by server 3.39.3."),
    shardDsns: z
      .array(secret())
      .min(1)
      .max(64)
      .optional()
      .describe(
        "For `server.shards.databases: perShard`, the database of each shard when it is not on the instance of `postgres` (NOETL_SHARDS): `host=…;port=…;user=…;password=…;database=…`. Its tables are yours to make.",
      ),
    vaultToken: secret().optional().describe("Vault token (VAULT_TOKEN); prefer `server.keychain.vault.tokenFile`."),
    pagerDutyRoutingKey: secret().optional().describe("Key of the PagerDuty integration that `pager.pagerDuty` pages."),
    slackWebhookUrl: secret().optional().describe("Incoming webhook of the channel that `pager.slack` tells."),
    pulumiPassphrase: secret()
      .optional()
      .describe("Passphrase of the stacks that `orchestrator.pulumi` updates (PULUMI_CONFIG_PASSPHRASE)."),
    pulumiAccessToken: secret()
      .optional()
      .describe("Access token of its backend, where that is https (PULUMI_ACCESS_TOKEN)."),
    surrealdbPassword: secret().optional().describe("Password of `orchestrator.surrealdb.username`."),
    kubernetesToken: secret()
      .optional()
      .describe("API server token instead of the pod's own (NOETL_K8S_TOKEN), for tests."),
    protect: z
      .boolean()
      .default(true)
      .describe(
        "Whether Pulumi refuses to delete or replace the generated encryption key, the seed of the root that signs certificates, what it has written to Secret Manager, and on GKE the namespaces with volumes. Set it to false before `pulumi destroy`.",
      ),
    rotations: z
      .strictObject({
        encryptionKey: count().describe("Replacements of the encryption key; see docs/secrets.md before the first."),
        internalApiToken: count().describe("Replacements of the internal API token."),
        postgresPassword: count().describe("Replacements of the PostgreSQL administrator's password."),
        noetlPassword: count().describe("Replacements of the password of the server's PostgreSQL role."),
        natsPassword: count().describe("Replacements of the password of NATS user `noetl`."),
        natsSystemPassword: count().describe("Replacements of the password of NATS user `sys`."),
        natsClusterPassword: count().describe("Replacements of the password between the servers of NATS."),
        natsUsers: count().describe("Replacements of the passwords of the users of `nats.accounts`."),
        natsSupercluster: count().describe(
          "Replacements of the passwords of the supercluster: gateways, routes and tenants.",
        ),
      })
      .prefault({})
      .describe(
        "How often each secret has been replaced: a higher number generates a new value and restarts what reads it. `noetl-ops secrets rotate` raises it, and tells what happens.",
      ),
  })
  .prefault({})
  .describe(
    "Secret values to use instead of generated ones. Without them, passwords, key and token are random and stay in Pulumi's state.",
  );
