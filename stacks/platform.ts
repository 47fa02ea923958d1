import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../components/database/connection";
import { DatabaseSchema } from "../components/database/schema";
import { dsnOf } from "../components/database/shards";
import { Namespaces } from "../components/kubernetes/namespaces";
import { NatsCluster } from "../components/nats/cluster";
import { JetStreamResources } from "../components/nats/jetstream-resources";
import type { JetStreamFacts } from "../components/nats/streams";
import { RuntimeSecrets } from "../components/noetl/runtime-secrets";
import { NoetlServer } from "../components/noetl/server";
import type { KeychainProviders } from "../components/noetl/server-env";
import type { SecretMaterial } from "../components/secrets/material";
import { certManagerOf } from "./cert-manager";
import { besideServer } from "./beside-server";
import { database } from "./database";
import { firestoreAgent } from "./firestore";
import { flight } from "./flight";
import { gcpProvider } from "./gcp";
import { infrastructure, type InfrastructureOutputs } from "./infrastructure";
import { monitoring } from "./monitoring";
import { namespacesOf } from "./namespaces";
import { natsExtra, natsTls } from "./nats";
import { networkPolicies } from "./network/policies";
import { dashboardsOf } from "./dashboards";
import { orchestratorOf } from "./orchestrator";
import { pagerOf } from "./pager";
import type { PlatformSpec } from "./profile";
import { ownShardDatabases } from "./schema/connections";
import { kedaOperatorOf } from "./scaling";
import { restartOnRotation } from "./rotations";
import { materialOf, secretProviderOf } from "./secret-provider";
import { jetStreamOf } from "./streams";
import { supercluster } from "./supercluster";
import { platformTls } from "./mutual-tls";
import { certificateAuthority } from "./tls";
import { IMAGES } from "./versions";
import { workers } from "./workers";

/** What a stack tells of itself: `pulumi stack output`. */
export type PlatformOutputs = Record<"serverUrl" | "natsUrl" | "postgresHost" | "schemaVersion", string>;

/**
 * The one composition: every environment is this function with another specification. Must run inside a Pulumi
 * program, under an engine or under the recorder of preview/.
 *
 * @param within.parent component that the platform is part of; default: none
 */
export function platform(
  spec: PlatformSpec,
  within: { parent?: pulumi.Resource } = {},
): PlatformOutputs | InfrastructureOutputs {
  if (spec.gcp?.layer === "infrastructure") return infrastructure(spec, spec.gcp);
  // Content changes in place: a ConfigMap that is deleted first would be missing to pods that start, and is nothing to reload.
  const inPlace = { enableConfigMapMutable: true, enableSecretMutable: true };
  const provider = new k8s.Provider("cluster", { context: spec.cluster.context, ...inPlace }, within);
  const opts = { ...within, providers: [provider, ...(spec.gcp ? [gcpProvider(spec, within)] : [])] };

  const namespaces = new Namespaces("namespaces", namespacesOf(spec), opts);
  networkPolicies(spec, namespaces, opts);
  const material = materialOf(spec, opts);
  const secrets = secretProviderOf(spec, opts);

  const authority = certificateAuthority(spec, { namespaces, operator: certManagerOf(spec, namespaces, opts) }, opts);
  const tls = platformTls(spec, authority, namespaces, opts);

  const nats = new NatsCluster(
    "nats",
    {
      ...spec.nats,
      namespace: namespaces.of("nats"),
      storage: { size: spec.nats.storage, storageClass: spec.traits.storageClass },
      accounts: spec.nats.accounts.map((account) => ({ ...account, jetstream: account.jetstream ?? false })),
      tls: natsTls(spec.nats, tls.nats),
      exporterImage: spec.nats.exporter ? IMAGES.natsExporter : undefined,
      extra: natsExtra(spec.nats),
      secrets,
      nodePorts:
        spec.nats.nodePorts ??
        (spec.traits.nodePorts && {
          client: spec.traits.nodePorts.natsClient,
          monitoring: spec.traits.nodePorts.natsMonitoring,
        }),
      passwords: {
        system: material.natsSystemPassword,
        noetl: material.natsPassword,
        users: material.natsUsers,
        cluster: material.natsClusterPassword,
      },
    },
    opts,
  );

  if (spec.natsSupercluster.topology !== "none") {
    supercluster(spec, spec.natsSupercluster, { namespaces, material, secrets }, opts);
  }

  const { direct, pooled } = database(spec, { namespaces, material, secrets }, opts);
  const schema = new DatabaseSchema(
    "noetl-schema",
    {
      namespace: namespaces.of("postgres"),
      // Advisory locks belong to a session, which a pooler does not keep.
      connection: direct.connection,
      proxy: direct.proxy,
      image: spec.postgres.image,
      adminPassword: material.postgresPassword,
      password: material.noetlPassword,
      extraDatabases: spec.postgres.extraDatabases,
      shardDatabases: ownShardDatabases(spec),
      secrets,
    },
    { ...opts, dependsOn: direct.made },
  );

  const { keys } = new RuntimeSecrets(
    "noetl-secrets",
    {
      namespace: namespaces.of("noetl"),
      material,
      nats: nats.connection,
      databaseUrl: spec.secrets.databaseUrl,
      vaultToken: spec.secrets.vaultToken,
      kubernetesToken: spec.secrets.kubernetesToken,
      shards: shardDsnsOf(spec, pooled, material),
      provider: secrets,
    },
    opts,
  );
  const jetStream = declaredStreams(spec);
  const resources =
    jetStream?.by === "nack"
      ? new JetStreamResources(
          "noetl-streams",
          { namespace: namespaces.of("nats"), nats: nats.connection, declared: jetStream.declared, secrets },
          { ...opts, dependsOn: [nats] },
        )
      : undefined;
  const restarting = { ...opts, transformations: [restartOnRotation("noetl", spec.secrets.rotations)] };
  const server = new NoetlServer(
    spec.server.name,
    {
      ...spec.server,
      settings: { ...spec.server, keychain: keychainOf(spec, namespaces) },
      tls: tls.server,
      namespace: namespaces.of("noetl"),
      database: pooled,
      nats: nats.connection,
      secrets: keys,
      nodePort: spec.traits.nodePorts?.server,
      postgresImage: spec.postgres.image,
      natsBoxImage: IMAGES.natsBox,
      streams: jetStream?.by === "bootstrap" ? jetStream.declared : undefined,
    },
    // An execution that begins before its stream is there never ends.
    { ...restarting, ...(resources && { dependsOn: [resources] }) },
  );
  besideServer(
    spec,
    {
      namespace: namespaces.of("noetl"),
      server: server.connection,
      nats: nats.connection,
      keys,
      gatewayTls: tls.gateway,
    },
    restarting,
  );
  firestoreAgent(spec, namespaces, opts);
  orchestratorOf(spec, { namespaces, secrets }, opts);
  const flightTrust = flight(
    spec,
    {
      namespace: namespaces.of("noetl"),
      authority,
      // It has no Auth Proxy of its own, and Cloud SQL is reached by nothing else.
      database: direct.proxy ? pooled : direct.connection,
      nats: nats.connection,
      secrets: keys,
    },
    opts,
  );
  workers(
    spec,
    {
      namespaces,
      server: server.connection,
      nats: nats.connection,
      secrets: keys,
      tls: tls.worker,
      flight: flightTrust,
      streams: jetStreamOf(spec).streams,
      operator: kedaOperatorOf(spec, namespaces, opts),
    },
    restarting,
  );
  pagerOf(spec, opts);
  dashboardsOf(spec, namespaces, opts);
  monitoring(spec, namespaces, { serverTls: tls.scrape }, opts);

  return {
    serverUrl: server.connection.url,
    natsUrl: nats.connection.url,
    postgresHost: pooled.host,
    schemaVersion: schema.version,
  };
}

/** What the stack declares of JetStream, and who makes it. */
function declaredStreams(spec: PlatformSpec): { by: "bootstrap" | "nack"; declared: JetStreamFacts } | undefined {
  return spec.streams.mode === "declared" ? { by: spec.streams.by, declared: jetStreamOf(spec) } : undefined;
}

/** The keychain providers, with the project and the namespaces that the server reads secrets of. */
function keychainOf({ server: { keychain }, gcp: own }: PlatformSpec, namespaces: Namespaces): KeychainProviders {
  const { kubernetes } = keychain;
  const gcp = keychain.gcp && { ...keychain.gcp, project: keychain.gcp.project ?? own?.project };
  if (!kubernetes) return { ...keychain, gcp, kubernetes };
  return {
    ...keychain,
    gcp,
    kubernetes: { ...kubernetes, namespaces: kubernetes.namespaces.map((name) => namespaces.find(name)) },
  };
}

/**
 * Where each shard's executions are, when not all in one database. What belongs to no shard stays in the server's own
 * database: the server reaches it by POSTGRES_* and by NOETL_CLUSTER_DSN, and takes both for the same.
 */
function shardDsnsOf(spec: PlatformSpec, database: DatabaseConnection, { noetlPassword }: SecretMaterial) {
  if (spec.server.shards.databases === "one") return undefined;
  const dsnFor = (name?: string): pulumi.Output<string> =>
    noetlPassword.apply((password) => dsnOf(database, password, name));
  return { dsns: spec.secrets.shardDsns ?? ownShardDatabases(spec).map(dsnFor), clusterDsn: dsnFor() };
}
