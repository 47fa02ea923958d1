import * as pulumi from "@pulumi/pulumi";
import type { SecretKey } from "../kubernetes/env";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { natsUrlWithUser, type NatsConnection } from "../nats/connection";
import type { SecretMaterial } from "../secrets/material";
import { kubernetesSecrets, type SecretProvider } from "../secrets/provider";

export interface RuntimeSecretsArgs {
  namespace: Namespace;
  material: SecretMaterial;
  nats: NatsConnection;
  /** DATABASE_URL. Default: none; the server then uses POSTGRES_* only. */
  databaseUrl?: pulumi.Input<string> | undefined;
  /** VAULT_TOKEN. Default: none. */
  vaultToken?: pulumi.Input<string> | undefined;
  /** NOETL_K8S_TOKEN. Default: none; the server then uses its pod's token. */
  kubernetesToken?: pulumi.Input<string> | undefined;
  /** DSNs of a database for each shard, and of the one for the rest. Default: none, all shards share one database. */
  shards?: { dsns: pulumi.Input<string>[]; clusterDsn: pulumi.Input<string> } | undefined;
  /** Where the values come from. Default: the program makes the Secrets of the values given here. */
  provider?: SecretProvider | undefined;
}

/** Where the NoETL pods find each secret value. Absent keys were not given. */
export interface RuntimeSecretKeys {
  encryptionKey: SecretKey;
  /** Password of the server's PostgreSQL role. */
  postgresPassword: SecretKey;
  internalApiToken: SecretKey;
  natsPassword: SecretKey;
  /** NATS URL with user and password in it, the only form the published server reads. */
  natsUrl: SecretKey;
  databaseUrl?: SecretKey;
  vaultToken?: SecretKey;
  kubernetesToken?: SecretKey;
  /** DSNs of all shards, by index. */
  shards?: SecretKey;
  /** DSN of the database for what belongs to no shard. */
  clusterDsn?: SecretKey;
}

/** A key of the Secret that holds most of them. */
const platformKey = (key: string): SecretKey => ({ secret: "noetl-secret", key });

/** Those that every platform has. */
export const PLATFORM_KEYS: RuntimeSecretKeys = {
  encryptionKey: platformKey("NOETL_ENCRYPTION_KEY"),
  postgresPassword: platformKey("NOETL_PASSWORD"),
  internalApiToken: { secret: "noetl-internal-api-token", key: "token" },
  natsPassword: { secret: "noetl-nats", key: "NATS_PASSWORD" },
  natsUrl: { secret: "noetl-nats", key: "NOETL_NATS_URL" },
};

/**
 * The Secrets that server and workers read, under the names the platform has always had: `noetl-secret`,
 * `noetl-internal-api-token`, `noetl-nats`; with a database for each shard also `noetl-shards`. The administrator's database password is not among them.
 */
export class RuntimeSecrets extends pulumi.ComponentResource {
  readonly keys: RuntimeSecretKeys;

  constructor(name: string, args: RuntimeSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:noetl:RuntimeSecrets", name, {}, opts);
    const { material, nats } = args;
    this.make("noetl-secret", args, {
      NOETL_ENCRYPTION_KEY: material.encryptionKey,
      NOETL_PASSWORD: material.noetlPassword,
      ...(args.databaseUrl !== undefined && { DATABASE_URL: args.databaseUrl }),
      ...(args.vaultToken !== undefined && { VAULT_TOKEN: args.vaultToken }),
      ...(args.kubernetesToken !== undefined && { NOETL_K8S_TOKEN: args.kubernetesToken }),
    });
    // A Secret of its own: the system worker pool may read this one and nothing else.
    this.make("noetl-internal-api-token", args, { token: material.internalApiToken });
    this.make("noetl-nats", args, { NATS_PASSWORD: nats.password, NOETL_NATS_URL: natsUrlWithUser(nats) });

    if (args.shards) {
      this.make("noetl-shards", args, {
        NOETL_SHARDS: pulumi.all(args.shards.dsns).apply((dsns) => dsns.join(",")),
        NOETL_CLUSTER_DSN: args.shards.clusterDsn,
      });
    }

    this.keys = {
      ...PLATFORM_KEYS,
      ...(args.databaseUrl !== undefined && { databaseUrl: platformKey("DATABASE_URL") }),
      ...(args.vaultToken !== undefined && { vaultToken: platformKey("VAULT_TOKEN") }),
      ...(args.kubernetesToken !== undefined && { kubernetesToken: platformKey("NOETL_K8S_TOKEN") }),
      ...(args.shards && {
        shards: { secret: "noetl-shards", key: "NOETL_SHARDS" },
        clusterDsn: { secret: "noetl-shards", key: "NOETL_CLUSTER_DSN" },
      }),
    };
    this.registerOutputs();
  }

  private make(
    name: string,
    { namespace, provider = kubernetesSecrets }: RuntimeSecretsArgs,
    stringData: Record<string, pulumi.Input<string>>,
  ): void {
    const metadata = { name, namespace: namespace.created, labels: labels({ app: "noetl", component: "secrets" }) };
    provider.secret(name, { metadata, namespace: namespace.name, stringData }, { parent: this });
  }
}
