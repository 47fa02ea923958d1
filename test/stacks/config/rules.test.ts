import { describe, expect, test } from "@jest/globals";
import { ALLOWED, configOf, pool, problem, problemsOf, stackText } from "./support";

interface Case {
  /** Lines from line 5 on; those of `postgres` stand on line 4. */
  lines?: string;
  postgres?: string;
}

const text = ({ lines = "", postgres = "mode: inCluster" }: Case) =>
  stackText(lines, { postgres: `noetl:postgres: { ${postgres} }` });
const SEALED = "{ secure: v1:x }";
const PASSWORDS = `noetl:secrets: { postgresPassword: ${SEALED}, noetlPassword: ${SEALED} }`;
const external = (name: string) => `run: pulumi config set --secret --path 'noetl:secrets.${name}'`;
const declared = (settings: string) =>
  `noetl:streams: { mode: declared, by: bootstrap, ${settings} }`.replace("by: bootstrap, by:", "by:");
const pools = (...lines: string[]) => ["noetl:workerPools:", ...lines].join("\n");

/** A supercluster: its topology on line 6, its clusters from line 8 on. */
const supercluster = (topology: string, ...clusters: string[]) =>
  [
    "noetl:natsSupercluster:",
    `  topology: ${topology}`,
    "  clusters:",
    ...clusters.map((cluster) => `    - ${cluster}`),
  ].join("\n");

describe("rules between settings", () => {
  test.each<[string, Case, ReturnType<typeof problem>[]]>([
    [
      "a connection pool whose minimum is above its maximum",
      { lines: "noetl:server:\n  pool:\n    max: 5\n    min: 6" },
      [
        problem("8:12", "noetl:server.pool.min", "6 is more than server.pool.max, 5 (line 7)", {
          allowed: "a whole number from 0 to 5",
        }),
      ],
    ],
    [
      "a minimum above the default maximum",
      { lines: "noetl:server:\n  pool:\n    min: 11" },
      [
        problem("7:12", "noetl:server.pool.min", "11 is more than server.pool.max, 10 (the default)", {
          allowed: "a whole number from 0 to 10",
        }),
      ],
    ],
    [
      "a shard that does not exist",
      { lines: "noetl:server:\n  shards: { count: 4, index: 4 }" },
      [
        problem("6:32", "noetl:server.shards.index", "there is no shard 4: server.shards.count is 4", {
          allowed: "a whole number from 0 to 3",
        }),
      ],
    ],
    [
      "other replicas than shards",
      { lines: "noetl:server:\n  replicas: 3\n  shards: { count: 2 }" },
      [
        problem(
          "6:15",
          "noetl:server.replicas",
          "3 replicas do not own one shard each of the 2 of server.shards.count (line 7)",
          { allowed: "1 or 2" },
        ),
      ],
    ],
    [
      "a file store that does not fit on its volume",
      { lines: "noetl:nats:\n  storage: 4Gi" },
      [
        problem("5:3", "noetl:nats.jetstream.file", "5Gi does not fit on the volume of 4Gi (line 6)", {
          allowed: "at most nats.storage, 4Gi; better four fifths of it",
        }),
      ],
    ],
    [
      "accounts that exist already",
      { lines: "noetl:nats:\n  accounts:\n    - { name: NOETL }\n    - { name: A }\n    - { name: A }" },
      [
        problem("7:17", "noetl:nats.accounts[0].name", '"NOETL" is an account that the platform has already', {
          allowed: "another name than $SYS and NOETL",
        }),
        problem("9:17", "noetl:nats.accounts[2].name", '"A" is the name of nats.accounts[1] already (line 8)', {
          allowed: "a name of its own for each account",
        }),
      ],
    ],
    [
      "users of two accounts, and of the platform",
      {
        lines:
          "noetl:nats:\n  accounts:\n    - { name: A, users: [alice, sys] }\n    - { name: B, users: [bob, alice] }",
      },
      [
        problem("7:35", "noetl:nats.accounts[0].users[1]", '"sys" is a user that the platform has already', {
          allowed: "another name",
        }),
        problem(
          "8:33",
          "noetl:nats.accounts[1].users[1]",
          '"alice" is a user of nats.accounts[0] already, and a login names no account (line 7)',
          { allowed: "each user once" },
        ),
      ],
    ],
    [
      "passwords of users that do not exist, or twice",
      {
        lines: `noetl:nats: { accounts: [{ name: A, users: [alice] }] }\nnoetl:secrets:\n  natsUsers:\n    - { user: alice, password: ${SEALED} }\n    - { user: bob, password: ${SEALED} }\n    - { user: alice, password: ${SEALED} }`,
      },
      [
        problem("9:17", "noetl:secrets.natsUsers[1].user", 'no account has a user "bob"', { allowed: "one of alice" }),
        problem(
          "10:17",
          "noetl:secrets.natsUsers[2].user",
          '"alice" has a password in secrets.natsUsers[0] already (line 8)',
          { allowed: "each user once" },
        ),
      ],
    ],
    [
      "one node port for two",
      { lines: "noetl:nats:\n  nodePorts: { client: 30422, monitoring: 30422 }" },
      [
        problem("6:45", "noetl:nats.nodePorts.monitoring", "30422 is the port of clients already", {
          allowed: "another port than nats.nodePorts.client",
        }),
      ],
    ],
    [
      "less room for a client than a message has",
      { lines: "noetl:nats:\n  maxPayload: 2Mi\n  extra: { maxPending: 1Mi }" },
      [
        problem("7:26", "noetl:nats.extra.maxPending", "1Mi is less than one message may have, 2Mi (line 6)", {
          allowed: "at least nats.maxPayload, 2Mi",
        }),
      ],
    ],
    [
      "two intervals of writing to the disk",
      { lines: "noetl:nats:\n  extra: { syncAlways: true, syncInterval: 1m }" },
      [
        problem("6:46", "noetl:nats.extra.syncInterval", "has no effect when every message is forced to the disk", {
          allowed: "no syncInterval with syncAlways: true",
        }),
      ],
    ],
    [
      "certificates from nowhere",
      { lines: "noetl:nats:\n  tls: { clients: optional }" },
      [
        problem("6:10", "noetl:nats.tls", "says no source of certificates", {
          allowed:
            "issuer for a certificate by cert-manager, secretName for one that exists, or platform: true for one of noetl:tls",
        }),
      ],
    ],
    [
      "certificates from two sources",
      { lines: "noetl:nats:\n  tls: { issuer: ca, secretName: mine }" },
      [
        problem("6:10", "noetl:nats.tls", "says several sources of certificates", {
          allowed:
            "issuer for a certificate by cert-manager, secretName for one that exists, or platform: true for one of noetl:tls",
        }),
      ],
    ],
    [
      "a server named like the namespace's own account",
      { lines: "noetl:server:\n  name: default" },
      [
        problem(
          "6:11",
          "noetl:server.name",
          '"default" is the name of the namespace\'s own ServiceAccount, which would get its rights',
          { allowed: "another name than default" },
        ),
      ],
    ],
    [
      "a worker pool named like the namespace's own account",
      { lines: pools(pool("default")) },
      [
        problem(
          "6:15",
          "noetl:workerPools[0].name",
          '"default" is the name of the namespace\'s own ServiceAccount, which would get its rights',
          { allowed: "another name than default" },
        ),
      ],
    ],
    [
      "a namespace given twice",
      {
        lines: "noetl:server:\n  keychain:\n    kubernetes:\n      namespaces:\n        - a\n        - b\n        - a",
      },
      [
        problem("11:13", "noetl:server.keychain.kubernetes.namespaces[2]", '"a" is in the list already (line 9)', {
          allowed: "each namespace once",
        }),
      ],
    ],
    [
      "two pools of one name",
      { lines: pools(pool("a"), pool("b"), pool("a")) },
      [
        problem(
          "8:7",
          "noetl:workerPools[2].sharesConsumer",
          "consumer a of stream NOETL_COMMANDS is that of workerPools[0] already: each would get a part of its commands (line 6)",
          { allowed: "true, if that is meant; or another segment or consumer" },
        ),
        problem("8:15", "noetl:workerPools[2].name", '"a" is the name of workerPools[0] already (line 6)', {
          allowed: "a name of its own",
        }),
      ],
    ],
    [
      "a pool named like the server",
      { lines: pools(pool("noetl-server-rust")) },
      [
        problem(
          "6:15",
          "noetl:workerPools[0].name",
          '"noetl-server-rust" is the name of server already (the default)',
          { allowed: "a name of its own" },
        ),
      ],
    ],
    [
      "a filter beside the stream",
      { lines: pools(pool("a", ", stream: S, subject: noetl.work")) },
      [
        problem(
          "6:59",
          "noetl:workerPools[0].filterSubject",
          '"noetl.commands.a.>" is not among the subjects of the stream, "noetl.work" and "noetl.work.>"',
          {
            allowed: "noetl.work or a subject that begins with noetl.work.",
          },
        ),
      ],
    ],
    [
      "pools that share a consumer but not its filter",
      {
        lines: pools(
          "  - { name: a, poolName: a, consumer: c, filterSubject: noetl.commands.a }",
          "  - { name: b, poolName: b, consumer: c, filterSubject: noetl.commands.b }",
        ),
      },
      [
        problem(
          "7:59",
          "noetl:workerPools[1].filterSubject",
          'consumer c of stream NOETL_COMMANDS is shared, but "noetl.commands.b" differs from "noetl.commands.a" of workerPools[0] (line 6)',
          {
            allowed: "noetl.commands.a, or another consumer",
          },
        ),
      ],
    ],
    [
      "pools that share a stream but not its subject",
      { lines: pools(pool("a"), "  - { name: b, poolName: b, consumer: b, filterSubject: x.b, subject: x }") },
      [
        problem(
          "7:73",
          "noetl:workerPools[1].subject",
          'stream NOETL_COMMANDS is shared, but "x" differs from "noetl.commands" of systemPool (the default)',
          { allowed: "noetl.commands, or another stream" },
        ),
      ],
    ],
    [
      "pools that share a consumer by their segment, and do not say so",
      {
        lines: pools(
          "  - { name: a, poolName: a, segment: shared }",
          "  - { name: b, poolName: b, runtime: python, image: 'ghcr.io/noetl/noetl:v2.35.9' }",
        ),
      },
      [
        problem(
          "7:7",
          "noetl:workerPools[1].sharesConsumer",
          "consumer noetl_worker_pool_shared of stream NOETL_COMMANDS is that of workerPools[0] already: each would get a part of its commands (line 6)",
          { allowed: "true, if that is meant; or another segment or consumer" },
        ),
      ],
    ],
    [
      "the system pool's consumer for something else",
      {
        lines: pools(
          "  - { name: a, poolName: a, consumer: noetl_worker_pool_system, filterSubject: noetl.commands.a }",
        ),
      },
      [
        problem(
          "6:82",
          "noetl:workerPools[0].filterSubject",
          'consumer noetl_worker_pool_system of stream NOETL_COMMANDS is shared, but "noetl.commands.a" differs from "noetl.commands.system.>" of systemPool (the default)',
          { allowed: "noetl.commands.system.>, or another consumer" },
        ),
      ],
    ],
    [
      "an ordinary pool for system commands, beside another for everything",
      {
        lines: pools(
          "  - { name: a, poolName: a, consumer: a, filterSubject: noetl.commands.system.> }",
          "  - { name: b, poolName: b, consumer: b, filterSubject: noetl.commands.> }",
        ),
      },
      ["noetl.commands.system.>", "noetl.commands.>"].map((filter, index) =>
        problem(
          `${6 + index}:59`,
          `noetl:workerPools[${index}].filterSubject`,
          `"${filter}" takes commands of segment system, which only noetl:systemPool can work on`,
          {
            allowed: "subjects without noetl.commands.system.>",
            next: "remove the pool if it was the system pool, and move its settings to noetl:systemPool",
          },
        ),
      ),
    ],
    [
      "a pool that does not say what it takes",
      { lines: pools("  - { name: a, poolName: a }") },
      [
        problem("6:7", "noetl:workerPools[0].consumer", "is missing: a pool of segment own says itself what it takes", {
          allowed: "a name such as noetl_worker_pool_gpu",
          next: "give it, or set segment: shared, subscription or python",
        }),
        problem(
          "6:7",
          "noetl:workerPools[0].filterSubject",
          "is missing: a pool of segment own says itself what it takes",
          {
            allowed: "a subject such as noetl.commands.gpu.>",
            next: "give it, or set segment: shared, subscription or python",
          },
        ),
      ],
    ],
    [
      "a Python pool set up like a Rust pool",
      {
        lines: pools(
          "  - { name: a, poolName: a, runtime: python, segment: shared, filterSubject: noetl.commands.a, segments: [python, python] }",
        ),
      },
      [
        problem("6:7", "noetl:workerPools[0].image", "ghcr.io/noetl/worker:5.40.3 is the Rust worker", {
          allowed: "an image with the Python worker, such as ghcr.io/noetl/noetl:v2.35.9",
        }),
        ...[
          ["6:57", "segment"],
          ["6:80", "filterSubject"],
        ].map(([at = "", key = ""]) =>
          problem(at, `noetl:workerPools[0].${key}`, "is nothing that a Python worker reads", {
            allowed: "no such key with runtime: python",
            next: "list the segments in segments",
          }),
        ),
        problem("6:117", "noetl:workerPools[0].segments[1]", '"python" is in the list already', {
          allowed: "each segment once",
        }),
      ],
    ],
    [
      "less time to stop than a command may take",
      { lines: `${pools(pool("a", ", commandTimeout: 600"))}\nnoetl:systemPool: { terminationGracePeriod: 20 }` },
      [
        problem(
          "6:7",
          "noetl:workerPools[0].terminationGracePeriod",
          "a pod is killed 210 s after it is told to stop, before a command of 600 s is done",
          { allowed: "at least 610: commandTimeout and 10 more" },
        ),
        problem(
          "7:47",
          "noetl:systemPool.terminationGracePeriod",
          "a pod is killed 20 s after it is told to stop, before a command of 180 s is done (the default)",
          { allowed: "at least 190: commandTimeout and 10 more" },
        ),
      ],
    ],
    [
      "one variable for two credentials",
      {
        lines:
          "noetl:systemPool:\n  keychain:\n    - { variable: A, secret: s, key: a }\n    - { variable: A, secret: s, key: b }",
      },
      [
        problem("8:21", "noetl:systemPool.keychain[1].variable", '"A" is in the list already (line 7)', {
          allowed: "each variable once",
        }),
      ],
    ],
    [
      "subscriptions named like other things",
      {
        lines:
          "noetl:subscriptions:\n  - { name: noetl-worker-system-pool, path: a }\n  - { name: default, path: b }\n  - { name: default, path: c }",
      },
      [
        problem(
          "6:15",
          "noetl:subscriptions[0].name",
          '"noetl-worker-system-pool" is the name of systemPool already (the default)',
          { allowed: "a name of its own" },
        ),
        problem(
          "7:15",
          "noetl:subscriptions[1].name",
          '"default" is the name of the namespace\'s own ServiceAccount, which would get its rights',
          { allowed: "another name than default" },
        ),
        problem("8:15", "noetl:subscriptions[2].name", '"default" is the name of subscriptions[1] already (line 7)', {
          allowed: "a name of its own",
        }),
      ],
    ],
    [
      "a heartbeat slower than the server waits",
      { lines: `noetl:server: { runtimeOfflineSeconds: 20 }\n${pools(pool("a", ", heartbeatInterval: 20"))}` },
      [
        problem(
          "7:98",
          "noetl:workerPools[0].heartbeatInterval",
          "a heartbeat every 20 s: the server takes a pool for offline after 20 s without one (line 5)",
          {
            allowed: "less than server.runtimeOfflineSeconds, 20",
          },
        ),
      ],
    ],
    [
      "all connections reserved",
      { postgres: "mode: inCluster, maxConnections: 20" },
      [
        problem(
          "4:3",
          "noetl:postgres.reservedConnections",
          "20 reserved connections leave none of the 20 of postgres.maxConnections",
          { allowed: "a whole number from 0 to 19" },
        ),
      ],
    ],
    [
      "databases that repeat each other",
      { postgres: "mode: inCluster, extraDatabases: [a, noetl, a]" },
      [
        problem("4:58", "noetl:postgres.extraDatabases[1]", '"noetl" is postgres.database already (the default)', {
          allowed: "databases besides postgres.database",
        }),
        problem("4:65", "noetl:postgres.extraDatabases[2]", '"a" is in the list already', {
          allowed: "each database once",
        }),
      ],
    ],
    [
      "the platform as administrator",
      { postgres: "mode: inCluster, user: demo" },
      [
        problem("4:44", "noetl:postgres.user", '"demo" is the administrator, postgres.adminUser (the default)', {
          allowed: "another role than postgres.adminUser",
        }),
      ],
    ],
    [
      "an external instance without its passwords",
      { postgres: "mode: external, host: db" },
      [
        problem(
          "1:1",
          "noetl:secrets.postgresPassword",
          'is missing: an external PostgreSQL has its own password for "postgres"',
          { allowed: ALLOWED.secret, next: external("postgresPassword") },
        ),
        problem(
          "1:1",
          "noetl:secrets.noetlPassword",
          'is missing: an external PostgreSQL has its own password for "noetl"',
          { allowed: ALLOWED.secret, next: external("noetlPassword") },
        ),
      ],
    ],
    [
      "a Vault token without Vault",
      { lines: `noetl:secrets: { vaultToken: ${SEALED} }` },
      [
        problem("5:32", "noetl:secrets.vaultToken", "is of no use without server.keychain.vault", {
          allowed: "no vaultToken, unless server.keychain.vault is set",
          next: "set server.keychain.vault.address, or run: pulumi config rm --path 'noetl:secrets.vaultToken'",
        }),
      ],
    ],
    [
      "an API token without the provider that uses it",
      { lines: `noetl:secrets: { kubernetesToken: ${SEALED} }` },
      [
        problem("5:37", "noetl:secrets.kubernetesToken", "is of no use without server.keychain.kubernetes", {
          allowed: "no kubernetesToken, unless server.keychain.kubernetes is set",
          next: "add server.keychain.kubernetes, or run: pulumi config rm --path 'noetl:secrets.kubernetesToken'",
        }),
      ],
    ],
    [
      "a memory store above the container's memory",
      { lines: "noetl:nats: { jetstream: { memory: 3Gi } }" },
      [
        problem("5:38", "noetl:nats.jetstream.memory", "3Gi is more than the memory limit of NATS, 2Gi (the default)", {
          allowed: "at most nats.resources.limits.memory, 2Gi",
        }),
      ],
    ],
    [
      "clusters of one name",
      { lines: supercluster("reference", "{ name: a, region: r }", "{ name: a, region: r }") },
      [
        problem(
          "9:17",
          "noetl:natsSupercluster.clusters[1].name",
          '"a" is the name of clusters[0] already: the cluster would lead to itself (line 8)',
          { allowed: "a name of its own for each cluster" },
        ),
      ],
    ],
    [
      "clusters whose names differ and whose domains do not",
      {
        lines: supercluster(
          "independent",
          "{ name: c, region: a-cluster-b }",
          "{ name: b-cluster-c, region: a }",
          "{ name: d, region: a, domain: one }",
          "{ name: e, region: a, domain: one }",
        ),
      },
      [
        problem(
          "9:9",
          "noetl:natsSupercluster.clusters[1]",
          '"tenant_default_org_default_region_a_cluster_b_cluster_c" is the JetStream domain of clusters[0] already (line 8)',
          { allowed: "clusters whose domains differ: another name, region or domain" },
        ),
        problem(
          "11:9",
          "noetl:natsSupercluster.clusters[3]",
          '"one" is the JetStream domain of clusters[2] already (line 10)',
          { allowed: "clusters whose domains differ: another name, region or domain" },
        ),
      ],
    ],
    [
      "different domains behind gateways",
      {
        lines: supercluster(
          "quorum",
          "{ name: a, region: r }",
          "{ name: b, region: r, domain: other }",
          "{ name: c, region: r }",
        ),
      },
      [
        problem(
          "9:39",
          "noetl:natsSupercluster.clusters[1].domain",
          'is in JetStream domain "other", clusters[0] in "tenant_default_org_default": joined by gateways, streams could be placed only in the domain of the meta leader (error 10005) (line 8)',
          { allowed: "the same domain for all clusters, or no domain at all" },
        ),
      ],
    ],
    [
      "a reference of three clusters",
      {
        lines: supercluster("reference", "{ name: a, region: r }", "{ name: b, region: r }", "{ name: c, region: r }"),
      },
      [
        problem("8:7", "noetl:natsSupercluster.clusters", "are 3 clusters, but the reference has two (line 6)", {
          allowed: "two clusters, or topology quorum or independent",
        }),
      ],
    ],
    [
      "a quorum of two clusters without tie-breaker",
      { lines: supercluster("quorum", "{ name: a, region: r }", "{ name: b, region: r }") },
      [
        problem(
          "8:7",
          "noetl:natsSupercluster.clusters",
          'without "a", 3 of 6 servers are left, and JetStream needs 4 (line 6)',
          {
            allowed:
              "three or more clusters, none with half of all servers; the third may be a single server (replicas: 1)",
          },
        ),
      ],
    ],
    [
      "a quorum of which one cluster is the half, and one of a single cluster",
      {
        lines: supercluster(
          "quorum",
          "{ name: a, region: r, replicas: 5 }",
          "{ name: b, region: r }",
          "{ name: c, region: r, replicas: 1 }",
        ),
      },
      [
        problem(
          "8:7",
          "noetl:natsSupercluster.clusters",
          'without "a", 4 of 9 servers are left, and JetStream needs 5 (line 6)',
          {
            allowed:
              "three or more clusters, none with half of all servers; the third may be a single server (replicas: 1)",
          },
        ),
      ],
    ],
    [
      "everything wrong with a supercluster at once",
      {
        lines: `${supercluster("independent", "{ name: a, region: r }", "{ name: a, region: s }")}\n${[
          "  hub: c",
          "  leafnodePort: 6222",
          "  tenants: [{ name: noetl }, { name: t }, { name: t }]",
          "  jetstream: { memory: 3Gi }",
          "  resources: { requests: { cpu: 2 } }",
        ].join("\n")}`,
      },
      [
        problem(
          "9:17",
          "noetl:natsSupercluster.clusters[1].name",
          '"a" is the name of clusters[0] already: the cluster would lead to itself (line 8)',
          { allowed: "a name of its own for each cluster" },
        ),
        problem("10:10", "noetl:natsSupercluster.hub", 'there is no cluster "c" (line 8)', { allowed: "a" }),
        problem(
          "11:19",
          "noetl:natsSupercluster.leafnodePort",
          "6222 is the port of the servers of a cluster already",
          { allowed: "a port other than 4222, 6222, 8222" },
        ),
        problem("12:23", "noetl:natsSupercluster.tenants[0].name", '"noetl" is a user of the platform', {
          allowed: "another name than sys and noetl",
        }),
        problem("12:53", "noetl:natsSupercluster.tenants[2].name", '"t" is the name of tenants[1] already', {
          allowed: "a name of its own for each tenant",
        }),
        problem(
          "13:26",
          "noetl:natsSupercluster.jetstream.memory",
          "3Gi is more than the memory limit of a server, 2Gi (the default)",
          { allowed: "at most natsSupercluster.resources.limits.memory, 2Gi" },
        ),
        problem(
          "14:35",
          "noetl:natsSupercluster.resources.requests.cpu",
          "2 is requested, more than the limit of 1 (the default)",
          { allowed: "at most 1" },
        ),
      ],
    ],
    [
      "a gateway port of clients",
      {
        lines: `${supercluster("reference", "{ name: a, region: r }", "{ name: b, region: r }")}\n  gatewayPort: 4222`,
      },
      [
        problem("10:18", "noetl:natsSupercluster.gatewayPort", "4222 is the port of clients already", {
          allowed: "a port other than 4222, 6222, 8222",
        }),
      ],
    ],
    [
      "shared buffers above the container's memory",
      { postgres: "mode: inCluster, sharedBuffers: 3Gi" },
      [
        problem(
          "4:53",
          "noetl:postgres.sharedBuffers",
          "3Gi is more than the memory limit of PostgreSQL, 2Gi (the default)",
          {
            allowed: "at most postgres.resources.limits.memory, 2Gi",
          },
        ),
      ],
    ],
    [
      "requests above limits, in every block",
      {
        postgres: "mode: inCluster, resources: { requests: { cpu: 1001m } }",
        lines: `noetl:nats: { resources: { requests: { memory: 3Gi } } }\nnoetl:server: { resources: { limits: { memory: 200Mi } } }\n${pools(pool("a", ", resources: { requests: { cpu: 1 } }"))}`,
      },
      [
        problem(
          "4:68",
          "noetl:postgres.resources.requests.cpu",
          "1001m is requested, more than the limit of 1 (the default)",
          {
            allowed: "at most 1",
          },
        ),
        problem(
          "5:50",
          "noetl:nats.resources.requests.memory",
          "3Gi is requested, more than the limit of 2Gi (the default)",
          {
            allowed: "at most 2Gi",
          },
        ),
        problem("6:19", "noetl:server.resources.requests.memory", "256Mi is requested, more than the limit of 200Mi", {
          allowed: "at most 200Mi",
        }),
        problem(
          "8:109",
          "noetl:workerPools[0].resources.requests.cpu",
          "1 is requested, more than the limit of 500m (the default)",
          {
            allowed: "at most 500m",
          },
        ),
      ],
    ],
    [
      "a subject that already means all below it",
      { lines: pools("  - { name: a, poolName: a, consumer: a, subject: n.>, filterSubject: n.b, stream: S }") },
      [
        problem(
          "6:53",
          "noetl:workerPools[0].subject",
          "\"n.>\" ends with '>', but the stream carries everything below its subject anyway",
          { allowed: "n" },
        ),
      ],
    ],
    [
      "two streams of one subject",
      { lines: pools(pool("a"), pool("b", ", stream: S2")) },
      [
        problem(
          "7:7",
          "noetl:workerPools[1].subject",
          'stream S2 would carry "noetl.commands" and what is below it, but stream NOETL_COMMANDS of systemPool carries some of that already (the default)',
          { allowed: "a subject that no other stream carries" },
        ),
      ],
    ],
    [
      "a stream of commands that would take the events, too",
      {
        lines: `${pools(pool("a", ", subject: noetl"))}\nnoetl:systemPool: { subject: noetl }\n${declared("also: [events]")}`,
      },
      [
        problem(
          "6:88",
          "noetl:workerPools[0].subject",
          'stream NOETL_COMMANDS would carry "noetl" and what is below it, but stream noetl_events carries some of that already (line 8)',
          { allowed: "a subject that no other stream carries" },
        ),
        problem(
          "7:32",
          "noetl:systemPool.subject",
          'stream NOETL_COMMANDS would carry "noetl" and what is below it, but stream noetl_events carries some of that already (line 8)',
          { allowed: "a subject that no other stream carries" },
        ),
      ],
    ],
    [
      "ids remembered for longer than their commands",
      { lines: declared("maxAge: 60") },
      [
        problem("5:3", "noetl:streams.duplicateWindow", "120 s is longer than a command stays, 60 s", {
          allowed: "a whole number from 1 to 60",
        }),
      ],
    ],
    [
      "more pods than commands at a time",
      { lines: `${pools(pool("a", ", replicas: 65"))}\n${declared("by: nack")}` },
      [
        problem(
          "7:3",
          "noetl:streams.maxAckPending",
          "64 is less than the 65 pods of consumer a of stream NOETL_COMMANDS: some would never get a command",
          { allowed: "a whole number from 65 to 1000000" },
        ),
      ],
    ],
    [
      "something made twice",
      { lines: declared("also: [events, events]") },
      [
        problem("5:66", "noetl:streams.also[1]", '"events" is in the list already', {
          allowed: "each of events, coherence and gateway once",
        }),
      ],
    ],
  ])("given %s, when read, then the numbers and the other setting are told", (_, given, expected) => {
    expect(problemsOf(text(given))).toEqual(expected);
  });

  test.each<[string, Case]>([
    ["a pool of equal bounds", { lines: "noetl:server: { pool: { max: 5, min: 5 } }" }],
    ["the last shard", { lines: "noetl:server: { shards: { count: 4, index: 3 } }" }],
    ["replicas without shards", { lines: "noetl:server: { replicas: 3 }" }],
    ["a replica a shard", { lines: "noetl:server: { replicas: 4, shards: { count: 4 } }" }],
    ["all machine ids in use", { lines: "noetl:server: { replicas: 1024 }" }],
    [
      "pools that share consumer and filter",
      {
        lines: pools(
          "  - { name: a, poolName: w, consumer: c, filterSubject: noetl.commands.a }",
          "  - { name: b, poolName: w, consumer: c, filterSubject: noetl.commands.a, sharesConsumer: true }",
        ),
      },
    ],
    [
      "a consumer name on two streams",
      {
        lines: pools(
          pool("a"),
          "  - { name: b, poolName: b, consumer: a, filterSubject: n.x, subject: n, stream: S2 }",
        ),
      },
    ],
    [
      "a filter of the stream's own subject",
      { lines: pools("  - { name: a, poolName: a, consumer: a, filterSubject: noetl.commands }") },
    ],
    [
      "a filter with a wildcard below the subject",
      { lines: pools("  - { name: a, poolName: a, consumer: a, filterSubject: noetl.commands.*.x }") },
    ],
    [
      "a subject with wildcards",
      { lines: pools("  - { name: a, poolName: a, consumer: a, stream: S, subject: n.*, filterSubject: n.b.c }") },
    ],
    [
      "declared streams whose limits just suffice",
      {
        lines: `${pools(pool("a", ", replicas: 62"))}\n${declared("also: [events, gateway, coherence], maxAge: 120, maxAckPending: 62")}`,
      },
    ],
    ["declared streams that keep commands for ever", { lines: declared("maxAge: 0, duplicateWindow: 86400") }],
    ["a reference", { lines: supercluster("reference", "{ name: a, region: r }", "{ name: b, region: r }") }],
    [
      "a quorum with a tie-breaker, and a domain of its own",
      {
        lines: supercluster(
          "quorum",
          "{ name: a, region: r, domain: one }",
          "{ name: b, region: r, domain: one }",
          "{ name: c, region: r, domain: one, replicas: 1 }",
        ),
      },
    ],
    ["one cluster alone", { lines: supercluster("independent", "{ name: a, region: r, replicas: 5 }") }],
    ["all but one connection reserved", { postgres: "mode: inCluster, maxConnections: 21" }],
    ["an external instance with passwords", { postgres: "mode: external, host: db", lines: PASSWORDS }],
    [
      "a Vault token with Vault",
      {
        lines: `noetl:server: { keychain: { vault: { address: 'http://v' } } }\nnoetl:secrets: { vaultToken: ${SEALED} }`,
      },
    ],
    [
      "an API token with its provider",
      { lines: `noetl:server: { keychain: { kubernetes: {} } }\nnoetl:secrets: { kubernetesToken: ${SEALED} }` },
    ],
    [
      "stores and requests that fill the limit",
      { lines: "noetl:nats: { jetstream: { memory: 2Gi }, resources: { requests: { memory: 2048Mi, cpu: 1000m } } }" },
    ],
  ])("given %s, when read, then nothing is wrong", (_, given) => {
    expect(() => configOf(text(given))).not.toThrow();
  });

  test.each([
    ["noetl.>", "noetl.commands.x", false],
    ["noetl", "noetl.commands.>", true],
    ["noetl.*", "noetl.commands.x", true],
    ["noetl.*", "noetl.>", false],
    ["noetl.a.*", "noetl.*.b", false],
    ["noetl.commands", "noetl.commandsx", false],
    ["noetl.commands", "noetl.>", false],
    ["noetl.commands", "*.commands", false],
  ])("given a stream of %s, when a pool takes %s, then that is fine: %s", (subject, filter, fine) => {
    const only = `  - { name: a, poolName: a, consumer: a, stream: S, subject: '${subject}', filterSubject: '${filter}' }`;
    const lines = `${pools(only)}\nnoetl:systemPool: { stream: T, subject: t }`;
    expect(problemsOf(text({ lines })).length).toBe(fine ? 0 : 1);
  });

  test("given a section with a mistake, when read, then rules that need it keep silent", () => {
    const found = problemsOf(
      text({
        lines: `noetl:server: { pool: { min: 11 }, port: 0 }\n${pools(pool("a"), pool("b", ", heartbeatInterval: 3600"), pool("default"), "  - { name: b, poolName: c, segment: shared }")}`,
      }),
    );
    expect(found.map(({ path }) => path)).toEqual(["noetl:server.port"]);
  });
});
