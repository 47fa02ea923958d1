import type { z } from "zod";
import type { platformSchema } from "../../../stacks/schema";
import { TORTURE } from "../../components/nats/facts";
import { GIVEN } from "./given-certificate";

/** A legal configuration at the edge of what the schema allows, as a user would write it, secrets decrypted. */
export interface Corner {
  /** Also the name of its stack. */
  name: string;
  /** Whether its accounts have rights that those of no shipped stack have. */
  inFull?: true;
  config: z.input<typeof platformSchema>;
}

const kind = { profile: "kind", cluster: { context: "kind-noetl" } } as const;
const gke = { profile: "gke", cluster: { context: "gke-production" } } as const;
const inCluster = { mode: "inCluster" } as const;
const gcp = { project: "noetl-production", region: "us-central1" } as const;

/** Everything that is something else to one of the readers of a password unless it is quoted. */
const NASTY = TORTURE.join("");
/** One line of it. */
const NASTY_LINE = TORTURE.filter((text) => !/[\r\n\0]/.test(text)).join("");
/** What nats-server would take for a date, a number or a boolean, of characters that need no encoding in a URL. */
const NASTY_IN_URL = "2026-01-01_5k.1.5~-1-true";

const PASSWORDS_OF_EXTERNAL = { postgresPassword: "admin", noetlPassword: "platform" };

/** A name of so many characters. */
function long(length: number, first = "n"): string {
  return `${first}${"0123456789".repeat(30)}`.slice(0, length);
}

/** Credentials for playbooks; a pod waits for its Secret, so this one is of the platform. */
const keychain = [{ variable: "K".repeat(128), secret: "noetl-nats", key: "NATS_PASSWORD" }];

/** The longest name of a workload. */
const NAME = 52;

const largest = { cpu: 1024, memory: "64Ti" };
const smallest = { cpu: "1m", memory: "1k" };

/** Whoever updates a platform hands out its roles. */
const ORCHESTRATED = { rule: "rbac-privileges", reason: "it updates the platform", until: "2999-12-31" };

export const CORNERS: readonly Corner[] = [
  {
    name: "sharded-without-metrics",
    config: {
      ...gke,
      postgres: inCluster,
      server: { replicas: 5, shards: { count: 5 }, metrics: false },
      workerPools: [pool("worker", { replicas: 2 })],
    },
  },
  {
    name: "database-per-shard",
    config: {
      ...gke,
      postgres: { ...inCluster, maxConnections: 1000 },
      server: { replicas: 3, shards: { count: 3, databases: "perShard" } },
      secrets: { noetlPassword: '\'$HOME` "x" %2Cä' },
      workerPools: [pool("worker")],
    },
  },
  {
    name: "shards-elsewhere",
    config: {
      ...kind,
      postgres: { mode: "external", host: "db.example.com" },
      server: { shards: { count: 64, index: 63, databases: "perShard" } },
      secrets: {
        ...PASSWORDS_OF_EXTERNAL,
        shardDsns: Array.from(
          { length: 64 },
          (_, shard) => `host=db-${shard}.example.com;port=5432;user=noetl;password=p4ss;database=${long(63, "d")}`,
        ),
      },
    },
  },
  {
    name: "pooled",
    config: {
      ...gke,
      postgres: { ...inCluster, maxConnections: 1000 },
      pgbouncer: { replicas: 20, poolSize: 2, exporter: false, resources: { requests: smallest, limits: largest } },
      server: { replicas: 3, shards: { count: 3, databases: "perShard" } },
    },
  },
  {
    name: "pooled-elsewhere",
    config: {
      ...kind,
      postgres: { mode: "external", host: "db.example.com", maxConnections: 500 },
      pgbouncer: { replicas: 1, serverTls: "require" },
      secrets: { ...PASSWORDS_OF_EXTERNAL, noetlPassword: NASTY_LINE },
    },
  },
  {
    name: "cloud-sql",
    config: {
      ...kind,
      gcp: {
        project: "p23456",
        region: "europe-west12",
        environment: "e",
        network: { mode: "existing", name: "n", subnetwork: "s" },
      },
      postgres: {
        mode: "cloudSql",
        tier: "db-f1-micro",
        reservedConnections: 0,
        maxConnections: 500,
        extraDatabases: [],
      },
      pgbouncer: { replicas: 20 },
    },
  },
  {
    name: "flip-on",
    config: {
      ...gke,
      postgres: inCluster,
      server: { replicas: 3, shards: { count: 3 }, flip: "on" },
      systemPool: { replicas: 2, stateBuilder: { durable: true } },
      streams: { mode: "declared", by: "bootstrap", also: ["events", "coherence"] },
    },
  },
  {
    name: "flip-shadow",
    config: {
      ...kind,
      postgres: inCluster,
      server: { flip: "shadow" },
      streams: { mode: "declared", by: "nack", also: ["events"] },
    },
  },
  {
    name: "secrets-by-gke",
    config: {
      ...gke,
      postgres: inCluster,
      gcp,
      nats: { replicas: 3, accounts: [{ name: "A", users: [long(32, "u")] }] },
      natsSupercluster: {
        topology: "independent",
        clusters: [{ name: "a", region: "r" }],
        tenants: [{ name: long(30, "t") }],
      },
      server: {
        replicas: 3,
        shards: { count: 3, databases: "perShard" },
        keychain: { gcp: { project: gcp.project }, kubernetes: { namespaces: ["noetl", "elsewhere"] } },
      },
      gateway: {},
      streams: { mode: "declared", by: "nack" },
      secretProvider: {
        kind: "gcp",
        projectNumber: 999_999_999_999_999,
        entries: [{ name: "noetl-nats-url", path: "projects/other-project/secrets/u/versions/12" }],
      },
      secrets: { protect: false, rotations: { natsPassword: 1_000_000, internalApiToken: 1 } },
      waivers: [{ rule: "data-protected", reason: "this corner is about to be destroyed", until: "2999-12-31" }],
    },
  },
  {
    name: "secrets-by-csi",
    config: { ...kind, postgres: inCluster, gcp, secretProvider: { kind: "gcp", projectNumber: 1, by: "csi" } },
  },
  {
    name: "secrets-by-operator",
    config: {
      ...kind,
      postgres: { mode: "external", host: "db.example.com" },
      gcp,
      secretProvider: { kind: "gcp", projectNumber: 1, by: "externalSecrets", create: true, refreshInterval: "1s" },
      secrets: PASSWORDS_OF_EXTERNAL,
    },
  },
  {
    name: "secrets-of-vault",
    config: {
      ...kind,
      postgres: inCluster,
      server: {
        keychain: {
          vault: {
            address: "http://vault.vault.svc:8200",
            namespace: "a/b",
            kvMount: "kv/deep",
            tokenFile: "/var/run/secrets/vault/token",
            filesSecret: "vault-files",
          },
        },
      },
      secretProvider: {
        kind: "vault",
        folder: "prod/noetl",
        authMount: "clusters/gke",
        role: long(128),
        caConfigMap: long(NAME, "c"),
        refreshInterval: "999999999h",
      },
    },
  },
  {
    name: "gateway",
    config: {
      ...kind,
      postgres: inCluster,
      server: { replicas: 3, shards: { count: 3 } },
      gateway: {
        replicas: 3,
        port: 1,
        publicUrl: "https://noetl.example.com/base",
        authBypass: true,
        pushIngress: true,
        corsOrigins: Array.from({ length: 100 }, (_, index) => `https://${long(63)}.example.com:${60000 + index}`),
        updatesSubjectPrefix: "noetl.events.",
        auth0: {
          domain: "tenant.eu.auth0.com",
          clientId: long(255),
          redirectUri: "https://app.example.com/login?a=b#c",
          audience: "https://api.example.com/ é",
        },
      },
    },
  },
  {
    name: "watched-by-google",
    config: {
      ...gke,
      postgres: inCluster,
      nats: { replicas: 3, exporter: true, extra: { poolSize: 1 } },
      gateway: {},
      subscriptions: [{ name: long(NAME, "s"), path: "a/b" }],
      workerPools: [pool("worker", { replicas: 1 })],
      keda: { install: true },
      monitoring: {
        kind: "gmp",
        certManager: { namespace: "certificates" },
        runbooks: "https://example.com/runbooks/",
        thresholds: { backlogWarning: 1, backlogCritical: 1_000_000_000, jetstreamPercent: 100, certificateDays: 365 },
        customRules: [
          {
            name: long(NAME, "r"),
            interval: "1d2h3m4s5ms",
            scope: "cluster",
            rules: [
              { record: "team:up:sum", expr: 'sum(\n  up{namespace="nats"} # all\n)' },
              {
                alert: "Team_1",
                expr: 'up{namespace=~"noetl|nats"} == 0 or noetl:consumer_lag > 1',
                for: "1w",
                severity: "critical",
                summary: "{{ $value }} é \"'",
                description: "d".repeat(2000),
                runbook: "https://example.com/a?b=c#d",
                labels: [{ name: "team", value: 'a: \'"b" #{{ $value }} é' }],
              },
            ],
          },
        ],
      },
    },
  },
  {
    name: "watched-by-operator",
    config: {
      ...kind,
      postgres: inCluster,
      nats: { exporter: true },
      monitoring: {
        kind: "prometheusOperator",
        kubeState: false,
        chosenBy: [{ name: "release", value: long(63, "m") }],
        customRules: [{ name: "mine", scope: "namespace", rules: [{ record: "mine:up", expr: "up" }] }],
      },
    },
  },
  {
    name: "nats-of-five",
    config: {
      ...gke,
      postgres: inCluster,
      nats: {
        replicas: 5,
        probes: "seed",
        spread: "required",
        accounts: [
          { name: long(64, "A"), users: [long(32, "u"), "a"], jetstream: { file: "1k", memory: "64Ti", streams: 1 } },
          { name: "_-" },
        ],
        tls: { issuer: long(NAME), issuerKind: "ClusterIssuer", clients: "optional" },
        exporter: true,
        extra: {
          maxConnections: 1,
          maxSubscriptions: 10_000_000,
          maxPending: "1Gi",
          writeDeadline: "1ms",
          pingInterval: "999999999h",
          syncAlways: true,
          compression: "s2_best",
          poolSize: 32,
        },
      },
      secrets: { natsClusterPassword: NASTY_LINE, natsUsers: [{ user: "a", password: NASTY_LINE }] },
    },
  },
  {
    name: "nats-of-three",
    config: {
      ...kind,
      postgres: inCluster,
      nats: {
        replicas: 3,
        tls: { secretName: "nats-certificates" },
        nodePorts: { client: 30000, monitoring: 32767 },
      },
    },
  },
  {
    name: "pager",
    config: {
      ...gke,
      gcp: { project: "noetl-production", region: "us-central1" },
      postgres: inCluster,
      pager: { pagerDuty: {}, slack: { channel: long(80, "#") }, alertmanager: { kind: "gmp", clusterName: long(63) } },
      secrets: { pagerDutyRoutingKey: long(32, "R"), slackWebhookUrl: "https://hooks.slack.com/services/T/B/x" },
    },
  },
  {
    name: "pager-of-an-operator",
    config: {
      ...kind,
      postgres: inCluster,
      pager: { slack: {}, alertmanager: { kind: "prometheusOperator", namespace: "monitoring", name: "main" } },
      secrets: { slackWebhookUrl: "https://hooks.slack.com/services/T/B/x" },
      nats: { exporter: true },
      dashboards: { namespace: "grafana" },
    },
  },
  {
    name: "mutual-tls-built-in",
    config: {
      ...kind,
      postgres: inCluster,
      tls: {
        mode: "builtIn",
        ca: { trusted: [{ generation: 1, issuedOn: "2026-11-21" }] },
        leaves: { issuedOn: "2026-11-21" },
      },
      server: { tls: "mutual", publicUrl: "https://203.0.113.7:8082" },
      nats: { tls: { platform: true, clients: "required" } },
      streams: { mode: "declared", by: "bootstrap" },
      gateway: {},
      workerPools: [pool("worker")],
      subscriptions: [{ name: "iot", path: "subscriptions/iot_sensor_stream" }],
    },
  },
  {
    name: "mutual-tls-by-cert-manager",
    config: {
      ...gke,
      postgres: inCluster,
      certManager: { install: false },
      tls: {
        mode: "certManager",
        // In the midst of a roll: init containers join two roots.
        ca: { generation: 2, trusted: [1, 2], kind: "ClusterIssuer", operatorNamespace: "noetl" },
        reloader: true,
      },
      server: { tls: "mutual", replicas: 3, shards: { count: 3 } },
      nats: { replicas: 3, tls: { platform: true, clients: "required" } },
      gateway: { replicas: 2 },
      workerPools: [pool("worker")],
      subscriptions: [{ name: "iot", path: "subscriptions/iot_sensor_stream" }],
    },
  },
  {
    name: "cert-manager-installed",
    config: {
      ...gke,
      postgres: inCluster,
      certManager: {
        install: true,
        namespace: "pki",
        replicas: 10,
        logLevel: 0,
        resources: { requests: smallest, limits: largest },
      },
      tls: { mode: "certManager", ca: { kind: "ClusterIssuer", operatorNamespace: "pki" } },
      server: { tls: "mutual" },
      nats: { tls: { platform: true } },
      monitoring: { kind: "gmp" },
    },
  },
  {
    name: "tls-without-client-certificates",
    config: {
      ...kind,
      postgres: inCluster,
      tls: { mode: "issuer", issuer: { name: "noetl" }, trustConfigMap: "roots" },
      server: { tls: "tls", publicUrl: "https://noetl.example.com" },
      nats: { tls: { platform: true, clients: "optional" } },
    },
  },
  {
    name: "longest-gateway",
    config: { ...gke, postgres: inCluster, gateway: { name: long(NAME, "g") } },
  },
  {
    name: "ollama-of-its-own",
    config: { ...kind, postgres: inCluster, ollamaBridge: { backend: {} } },
  },
  {
    name: "ollama-elsewhere",
    config: {
      ...gke,
      postgres: inCluster,
      ollamaBridge: { ollamaUrl: "https://ollama.example.com:11434/base", replicas: 2, port: 65535, timeout: 3600 },
    },
  },
  {
    name: "firestore-agent",
    config: {
      ...gke,
      gcp: { ...gcp, firestore: true },
      postgres: inCluster,
      firestoreAgent: { image: "registry.example.com/firestore-agent:1.0.0" },
      workerPools: [
        pool("worker", {
          keychain: [{ variable: "FIRESTORE_AGENT_TOKEN", secret: "noetl-firestore-agent", key: "token" }],
        }),
      ],
    },
  },
  {
    name: "firestore-of-others",
    config: {
      ...kind,
      gcp: { project: "noetl-production", region: "europe-west4", firestore: true },
      postgres: inCluster,
      firestoreAgent: {
        image: "registry.example.com/firestore-agent:1.0.0",
        replicas: 1,
        port: 65535,
        logLevel: "ERROR",
        database: long(63, "d"),
        create: false,
        location: "eur3",
        indexes: [{ collection: "stops", fields: [{ path: "a.b" }, { path: "tags", order: "contains" }] }],
      },
    },
  },
  {
    name: "orchestrator-with-pulumi-cloud",
    config: {
      ...gke,
      gcp,
      postgres: inCluster,
      monitoring: { kind: "gmp" },
      orchestrator: {
        image: "registry.example.com/orchestrator:1.0.0",
        allowStacks: ["gke*"],
        rate: 1_000_000,
        drain: 3600,
        tokens: [{ name: long(100, "n"), role: "viewer", sha256: "ab".repeat(32) }],
        oidc: {
          issuer: "https://sso.example.com/realms/a",
          audience: 'noetl "é"',
          roles: [{ value: "a=b", role: "admin" }],
        },
        pulumi: {
          backend: "https://api.pulumi.com",
          googleAccount: "orchestrator@noetl-production.iam.gserviceaccount.com",
          variables: [{ variable: "NATS_PASSWORD", secret: "noetl-nats", key: "NATS_PASSWORD" }],
        },
      },
      secrets: { pulumiPassphrase: NASTY_LINE, pulumiAccessToken: NASTY_LINE },
      waivers: [ORCHESTRATED],
    },
  },
  {
    name: "orchestrator-with-all-rights",
    config: {
      ...kind,
      postgres: inCluster,
      monitoring: { kind: "prometheusOperator" },
      orchestrator: {
        image: "registry.example.com/orchestrator:1.0.0",
        port: 1,
        statusPort: 65535,
        storage: "1k",
        concurrency: 100,
        drain: 0,
        oidc: { issuer: "http://dex.dex.svc:5556/dex", audience: "noetl" },
        pulumi: { backend: "file:///data/state", passphrase: false, rights: "clusterAdmin" },
        resources: { requests: smallest, limits: largest },
      },
      waivers: [ORCHESTRATED],
    },
  },
  {
    name: "many-orchestrators",
    config: {
      ...gke,
      gcp,
      postgres: inCluster,
      monitoring: { kind: "gmp" },
      orchestrator: {
        image: "registry.example.com/orchestrator:1.0.0",
        replicas: 3,
        surrealdb: {
          url: "wss://surrealdb.example.com",
          namespace: long(64),
          database: long(64, "d"),
          username: long(100, "u"),
          ca: GIVEN.ca,
        },
        tokens: [{ name: "ann", role: "admin", sha256: "ab".repeat(32) }],
        pulumi: { backend: "gs://states", passphrase: false },
      },
      secrets: { surrealdbPassword: NASTY_LINE },
      waivers: [ORCHESTRATED],
    },
  },
  {
    name: "last-shard",
    config: {
      ...kind,
      postgres: inCluster,
      server: { replicas: 1, shards: { count: 4, index: 3 }, machineId: 1023, healthApi: "seed" },
    },
  },
  {
    name: "external-postgres",
    config: {
      ...gke,
      postgres: {
        mode: "external",
        host: `${long(63)}.${long(63)}.${long(63)}.${long(61)}`,
        port: 65535,
        transactionPooling: true,
      },
      secrets: PASSWORDS_OF_EXTERNAL,
      workerPools: [pool("worker")],
    },
  },
  {
    name: "supercluster-reference",
    config: { ...kind, postgres: inCluster, natsSupercluster: { topology: "reference", clusters: clusters(2) } },
  },
  {
    name: "supercluster-quorum",
    config: {
      ...kind,
      postgres: inCluster,
      natsSupercluster: {
        topology: "quorum",
        clusters: clusters(3),
        gatewayPort: 65535,
        tenants: [{ name: "acme-eu" }, { name: long(30, "t"), memory: "1k", file: "64Ti", streams: 1, consumers: 1 }],
      },
    },
  },
  {
    name: "supercluster-independent",
    config: {
      ...kind,
      postgres: inCluster,
      natsSupercluster: {
        topology: "independent",
        tenant: long(30, "t"),
        org: long(30, "o"),
        clusters: [
          { name: long(30, "c"), region: long(30, "r"), zone: long(30, "z"), replicas: 1 },
          { name: "b", region: "b", replicas: 1, domain: long(64) },
        ],
        hub: "b",
        leafnodePort: 1,
        localSubjects: [],
        tenants: [{ name: "a" }],
      },
    },
  },
  {
    name: "twenty-pools",
    config: { ...kind, postgres: inCluster, server: { runtimeOfflineSeconds: 86400 }, workerPools: twentyPools() },
  },
  {
    name: "every-kind-of-worker",
    inFull: true,
    config: {
      ...kind,
      postgres: inCluster,
      server: { systemPluginDirectory: "/opt/noetl/more-plugins" },
      workerPools: [
        { name: "shared", poolName: "shared", segment: "shared" },
        { name: "subscription", poolName: "subscription", segment: "subscription", runsJobs: false, keychain },
        { name: "gpu", poolName: "gpu", consumer: "gpu", filterSubject: "noetl.commands.gpu.>", maxConcurrent: 1 },
        {
          name: "python",
          poolName: "worker-cpu-01",
          runtime: "python",
          image: "ghcr.io/noetl/noetl:v2.35.9",
          segments: ["python", "shared"],
          sharesConsumer: true,
          resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: 1, memory: "2Gi" } },
        },
      ],
      systemPool: { keychain },
      subscriptions: [
        { name: "iot", path: "subscriptions/iot_sensor_stream" },
        { name: "mail", path: "mail.v1", segment: "gpu" },
      ],
    },
  },
  {
    name: "open-network",
    config: {
      ...kind,
      postgres: inCluster,
      networkPolicy: { mode: "off" },
      systemPool: { cleanup: { enabled: false } },
    },
  },
  {
    name: "every-flow",
    config: {
      ...gke,
      postgres: inCluster,
      keda: { install: true },
      gateway: {},
      ollamaBridge: { backend: {} },
      subscriptions: [{ name: "iot", path: "subscriptions/iot_sensor_stream" }],
      server: { publicUrl: "https://noetl.example.com", replicas: 2, keychain: { gcp: {}, kubernetes: {} } },
      workerPools: [pool("rust"), pool("other", { consumer: "other", filterSubject: "noetl.commands.other.>" })],
      networkPolicy: {
        scrapers: [{ namespace: "monitoring" }, { namespace: "noetl", labels: ["a.b/c=D", "x=y"] }],
        apiServer: ["203.0.113.7/32"],
        nameServers: [],
        workers: { internet: false, metadataServer: true },
        flows: [
          {
            from: { workload: "workers" },
            to: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16", "10.2.3.4/32"] },
            ports: [1, 65535],
            reason: "databases of our own",
          },
          {
            from: { namespace: long(NAME), labels: [`app=${long(63)}`] },
            to: { workload: "nats" },
            ports: [4222],
            protocol: "UDP",
            reason: "clients of another team",
          },
          {
            from: { namespace: "noetl" },
            to: { namespace: "postgres" },
            ports: [5432],
            reason: "everybody asks for data",
          },
        ],
      },
    },
  },
  {
    name: "certificates-built-in",
    config: {
      ...kind,
      postgres: inCluster,
      tls: {
        mode: "builtIn",
        ca: {
          generation: 2,
          trusted: [
            { generation: 1, issuedOn: "2026-11-21" },
            { generation: 2, issuedOn: "2027-01-15" },
          ],
        },
        leaves: { issuedOn: "2027-01-20" },
      },
      pythonServer: {},
      flight: { tokens: { current: 2, accepted: [1, 2] } },
      workerPools: [pool("worker")],
    },
  },
  {
    name: "certificates-in-a-roll",
    config: {
      ...gke,
      postgres: inCluster,
      certManager: { install: false },
      tls: {
        mode: "certManager",
        ca: { generation: 1, trusted: [1, 1000], kind: "ClusterIssuer", operatorNamespace: "noetl", days: 36500 },
        leaves: { days: 3650, renewBefore: 3649 },
        reloader: true,
      },
      pythonServer: { logLevel: "DEBUG", pool: { max: 1000, min: 1000, background: 100 } },
      flight: { bearer: false },
      workerPools: [pool("worker")],
    },
  },
  {
    name: "certificates-of-others",
    config: {
      ...gke,
      postgres: inCluster,
      tls: {
        mode: "issuer",
        issuer: { name: "google-cas", kind: "GoogleCASClusterIssuer", group: "cas-issuer.jetstack.io" },
        trustConfigMap: "noetl-roots",
      },
      pythonServer: {},
      flight: { mutual: false },
      workerPools: [pool("worker")],
    },
  },
  {
    name: "certificates-given",
    config: {
      ...gke,
      postgres: inCluster,
      server: { tls: "mutual" },
      gateway: {},
      nats: { tls: { platform: true, clients: "required" } },
      tls: {
        mode: "given",
        given: {
          server: GIVEN,
          worker: GIVEN,
          gateway: GIVEN,
          scrape: GIVEN,
          nats: GIVEN,
          flight: GIVEN,
          flightClient: GIVEN,
        },
        renewBefore: 3650,
      },
      pythonServer: {},
      flight: {},
      workerPools: [pool("worker")],
    },
  },
  {
    name: "every-keychain",
    inFull: true,
    config: {
      ...gke,
      postgres: inCluster,
      server: {
        keychain: {
          gcp: {
            project: long(63),
            endpoint: "http://secrets.mock.svc:8080/base/path?query=1#fragment",
            metadataTokenUrl: "http://metadata.mock.svc/token",
          },
          kubernetes: {
            namespaces: ["noetl", "nats", "team-a", long(NAME)],
            apiUrl: "https://10.0.0.1:6443",
            namespace: "team-a",
            caFile: "/etc/noetl/kubernetes/ca.crt",
            tokenFile: "/etc/noetl/kubernetes/token",
            filesSecret: "kubernetes-files",
          },
          vault: {
            address: "https://vault.example.com:8200",
            tokenFile: "/etc/noetl/vault/token",
            namespace: `${long(252)}/é`,
            kvMount: "kv with blanks, \"quotes\" and 'more'",
            caFile: "/etc/noetl/vault/ca.crt",
            filesSecret: "vault-files",
          },
        },
      },
      secrets: { vaultToken: NASTY, kubernetesToken: NASTY },
      workerPools: [pool("worker")],
    },
  },
  {
    name: "every-secret",
    config: {
      ...kind,
      postgres: inCluster,
      server: { keychain: { kubernetes: {}, vault: { address: "http://vault.vault.svc:8200" } } },
      secrets: {
        encryptionKey: Buffer.alloc(32, 0xff).toString("base64"),
        internalApiToken: NASTY_LINE,
        postgresPassword: NASTY_LINE,
        noetlPassword: NASTY_LINE,
        natsPassword: NASTY_IN_URL,
        natsSystemPassword: NASTY_LINE,
        databaseUrl: `postgres://noetl:${encodeURIComponent(NASTY)}@postgres.postgres.svc:5432/noetl`,
        vaultToken: NASTY,
        kubernetesToken: NASTY,
      },
      workerPools: [pool("worker")],
    },
  },
  {
    name: "longest-names",
    config: {
      ...gke,
      postgres: {
        ...inCluster,
        database: long(63, "d"),
        user: long(63, "u"),
        schema: long(63, "s"),
        adminUser: long(63, "a"),
        extraDatabases: Array.from({ length: 50 }, (_, index) => long(63, `x${index}_`)),
      },
      server: { name: long(NAME, "s"), replicas: 2, serverName: long(63), rustLog: long(255) },
      workerPools: [pool(long(NAME, "w"), { replicas: 2, poolName: long(NAME, "p"), rustLog: long(255) })],
      systemPool: { name: long(NAME, "y"), replicas: 2, poolName: long(NAME, "q"), rustLog: long(255) },
      subscriptions: [{ name: long(NAME, "u"), path: long(255, "c"), segment: long(64, "s"), rustLog: long(255) }],
    },
  },
  {
    name: "shortest-names",
    config: {
      ...kind,
      postgres: { ...inCluster, database: "d", user: "u", schema: "s", adminUser: "a", extraDatabases: [] },
      server: { name: "s", port: 1, serverName: "s", keychain: { kubernetes: {} } },
      workerPools: [pool("w", { poolName: "w", stream: "s", consumer: "c", subject: "s", filterSubject: "s.>" })],
      systemPool: { name: "y", poolName: "y", stream: "t", subject: "t", consumer: "c" },
      subscriptions: [{ name: "u", path: "u", segment: "s" }],
    },
  },
  {
    name: "streams-by-nack",
    config: {
      ...kind,
      postgres: inCluster,
      streams: { mode: "declared", by: "nack", also: ["events", "coherence", "gateway"], storage: "memory", maxAge: 0 },
      workerPools: [
        pool("shared"),
        pool("python", { consumer: "python", filterSubject: "noetl.commands.python.>" }),
        pool("odd", {
          stream: `_-${long(62, "S")}`,
          subject: "odd",
          consumer: `${long(63, "C")}_`,
          filterSubject: "odd",
        }),
        pool("odd-too", { stream: "s-_", subject: "odd2", consumer: "_", filterSubject: "odd2.*" }),
      ],
    },
  },
  {
    name: "streams-by-the-server",
    config: {
      ...gke,
      postgres: inCluster,
      server: { replicas: 3, runtimeOfflineSeconds: 86400 },
      streams: {
        mode: "declared",
        by: "bootstrap",
        also: ["gateway", "events"],
        maxAge: 31536000,
        duplicateWindow: 86400,
        ackWait: 86400,
        maxDeliver: 1000000,
        maxAckPending: 1000000,
      },
      workerPools: twentyPools(),
    },
  },
  {
    name: "largest-sizes",
    config: {
      ...gke,
      cluster: { ...gke.cluster, nodes: { count: 8, ...largest } },
      nats: {
        storage: "64Ti",
        jetstream: { memory: "64Ti", file: "64Ti" },
        maxPayload: "64Mi",
        // Beside each server runs a reloader, for which a node must have room, too.
        resources: { requests: smallest, limits: largest },
      },
      postgres: {
        ...inCluster,
        storage: "64Ti",
        sharedBuffers: "64Ti",
        workMem: "64Ti",
        maxConnections: 10000,
        reservedConnections: 1000,
        resources: { requests: largest, limits: largest },
      },
      server: { pool: { max: 1000, min: 1000 }, resources: { requests: largest, limits: largest } },
      workerPools: [
        pool("worker", {
          ipcCacheBudget: "64Ti",
          sharedMemory: "64Ti",
          commandTimeout: 86400,
          terminationGracePeriod: 86410,
          resources: { requests: largest, limits: largest },
        }),
      ],
      systemPool: {
        materializer: { batch: 1000, fetchTimeout: 600_000, idleSleep: 600_000, errorBackoff: 600_000 },
        stateBuilder: { shadow: true, batch: 1000, fetchTimeout: 600_000, idleSleep: 600_000 },
        cleanup: {
          schedule: "0,15,30-45/5 */23 1-31/2 1,12 0-6",
          commandRetentionDays: 3650,
          runtimeStaleMinutes: 525_600,
          eventRetentionDays: 3650,
        },
        resources: { requests: largest, limits: largest },
      },
    },
  },
  {
    name: "smallest-sizes",
    config: {
      ...kind,
      nats: {
        storage: "1k",
        jetstream: { memory: "1k", file: "1k" },
        maxPayload: "1k",
        resources: { requests: smallest, limits: smallest },
      },
      postgres: {
        ...inCluster,
        storage: "1k",
        sharedBuffers: "1k",
        workMem: "1k",
        maxConnections: 10,
        reservedConnections: 0,
        resources: { requests: smallest, limits: smallest },
      },
      server: { pool: { max: 1, min: 0 }, resources: { requests: smallest, limits: smallest } },
      workerPools: [
        pool("worker", {
          ipcCacheBudget: "1k",
          sharedMemory: "2k",
          commandTimeout: 1,
          terminationGracePeriod: 11,
          resources: { requests: smallest, limits: smallest },
        }),
      ],
      systemPool: {
        replicas: 0,
        materializer: { batch: 1, fetchTimeout: 1, idleSleep: 0, errorBackoff: 0 },
        stateBuilder: { durable: true, batch: 1, fetchTimeout: 1, idleSleep: 0 },
        resources: { requests: smallest, limits: smallest },
      },
      subscriptions: [
        {
          name: "subscription",
          path: "s",
          terminationGracePeriod: 1,
          resources: { requests: smallest, limits: smallest },
        },
      ],
    },
  },
  {
    name: "uneven-sizes",
    config: {
      ...kind,
      nats: { storage: "10.5Gi", jetstream: { memory: "1.75Gi", file: "5.3G" }, maxPayload: "1.25Mi" },
      postgres: { ...inCluster, storage: "5.125Gi", sharedBuffers: "129.5Mi", workMem: "2.75Mi" },
      server: {
        resources: { requests: { cpu: 0.1, memory: "256.25Mi" }, limits: { cpu: "1.001", memory: "1.1G" } },
      },
      workerPools: [pool("worker", { ipcCacheBudget: "256.75Mi", sharedMemory: "320.5Mi" })],
    },
  },
  {
    name: "scaled-in-every-way",
    config: {
      ...kind,
      postgres: inCluster,
      keda: { install: true, namespace: long(NAME, "k"), httpTimeout: 100, logLevel: "error", metrics: false },
      workerPools: [
        pool("idle", {
          scaling: {
            kind: "keda",
            name: long(NAME, "s"),
            minReplicas: 500,
            maxReplicas: 500,
            lagThreshold: 1000,
            activationLagThreshold: 1000000,
            consumers: [{ consumer: "other", lagThreshold: 1, activationLagThreshold: 0 }],
            pollingInterval: 3600,
            cooldownPeriod: 86400,
            initialCooldownPeriod: 86400,
            idleToZero: true,
            paused: true,
            behavior: {
              scaleUp: { stabilizationWindow: 3600, select: "min", policies: policies(10), tolerance: 100 },
              scaleDown: { stabilizationWindow: 0, select: "disabled", policies: policies(1), tolerance: 0 },
            },
          },
        }),
        pool("zero", {
          consumer: "other",
          scaling: { kind: "keda", minReplicas: 0, maxReplicas: 1, pollingInterval: 1, cooldownPeriod: 1 },
        }),
        pool("fallback", {
          sharesConsumer: true,
          scaling: {
            kind: "keda",
            fallback: { failureThreshold: 0, replicas: 20, behavior: "currentReplicasIfLower" },
          },
        }),
        pool("cpu", {
          sharesConsumer: true,
          scaling: { kind: "hpa", maxReplicas: 500, cpu: 1000, memory: 1, behavior: { scaleDown: { tolerance: 33 } } },
        }),
      ],
    },
  },
];

/** So many rules for how fast a pool scales. */
function policies(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    type: index % 2 === 0 ? ("pods" as const) : ("percent" as const),
    value: index === 0 ? 1 : 10000,
    period: index === 0 ? 1800 : 1,
  }));
}

/** Clusters of one server, named a, b, c, … */
function clusters(count: number) {
  return Array.from("abc".slice(0, count), (name) => ({ name, region: `region-${name}`, replicas: 1 as const }));
}

type PoolConfig = NonNullable<Corner["config"]["workerPools"]>[number];

function pool(name: string, settings: Partial<PoolConfig> = {}): PoolConfig {
  return { name, poolName: name, consumer: "shared", filterSubject: "noetl.commands.shared.>", ...settings };
}

/** Pools with the least and the most of everything, in turn. */
function twentyPools(): PoolConfig[] {
  return Array.from({ length: 20 }, (_, index) => {
    const stream = `STREAM_${index}`;
    const least = { replicas: 0, maxConcurrent: 1, heartbeatInterval: 1, natsLagPollInterval: 1 };
    const most = { replicas: 12, maxConcurrent: 1000, heartbeatInterval: 3600, natsLagPollInterval: 3600 };
    const subject = index % 2 === 0 ? `s${index}` : `${long(230)}.$S-_.${index}`;
    return pool(`pool-${index}`, {
      stream: index % 2 === 0 ? stream : `${stream}${"_".repeat(64)}`.slice(0, 64),
      consumer: index % 2 === 0 ? "c" : "c".repeat(64),
      subject,
      filterSubject: index % 4 < 2 ? subject : `${subject}.*.>`,
      ...(index % 2 === 0 ? least : most),
    });
  });
}
