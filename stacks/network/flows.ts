import { METRICS_PORT as PGBOUNCER_METRICS_PORT } from "../../components/database/pgbouncer-manifests";
import { PORT as POSTGRES_PORT } from "../../components/database/postgres-manifests";
import { PORT as OLLAMA_PORT } from "../../components/mcp/ollama-manifests";
import {
  CLIENT_PORT,
  CLUSTER_PORT,
  GATEWAY_PORT,
  LEAFNODE_PORT,
  METRICS_PORT,
  MONITORING_PORT,
} from "../../components/nats/facts";
import { CERT_MANAGER_METRICS_PORT, WEBHOOK_PORT } from "../../components/tls/cert-manager/operator";
import { addresses, pods, tcp, type Flow, type FlowPort, type Party, type Pods } from "../../components/network/flow";
import { isService } from "../../components/orchestrator/facts";
import { FLIGHT_PORT, HTTP_PORT } from "../../components/noetl/python-server-manifests";
import { metricsPort } from "../../components/noetl/worker-facts";
import { namespaceNames } from "../namespaces";
import type { PlatformSpec } from "../profile";
import { poolsOf } from "../schema/pools";
import { ANYONE, apiServerOf, INTERNET, METADATA_V1, METADATA_V2, OUTSIDE } from "./addresses";
import { declaredFlows } from "./declared";
import { endpointOf, partyOfHost, podsBy } from "./hosts";
import { memberOf, partiesOf } from "./parties";

/**
 * One line of the table: who connects, to whom, on which ports, and why. A line of which one end is not there in a
 * platform is no flow of it; a list of ends is a flow each.
 */
export type Row = readonly [from: End, to: End, ports: FlowPort | readonly FlowPort[], reason: string];
type End = Party | undefined | false | readonly (Party | undefined | false)[];

const CLIENT = tcp("client", CLIENT_PORT);
const MONITORING = tcp("monitoring", MONITORING_PORT);
const ROUTES = tcp("routes", CLUSTER_PORT);
const SQL = tcp("postgres", POSTGRES_PORT);
const HTTPS = tcp("https", 443);
const API_SERVER = [HTTPS, tcp("https", 6443)];
const DNS: readonly FlowPort[] = [{ name: "dns", port: 53, protocol: "UDP" }, tcp("dns", 53)];
/** No port in particular: all of them. */
const ANY: readonly FlowPort[] = [];

/** Everything that may connect to anything in a platform. What is not here is denied. */
export function flowsOf(spec: PlatformSpec): Flow[] {
  const flows = [
    ...flowsOfRows([
      ...platformRows(spec),
      ...databaseRows(spec),
      ...superclusterRows(spec),
      ...keychainRows(spec),
      ...thirdPartyRows(spec),
      ...orchestratorRows(spec),
      ...scrapeRows(spec),
      ...clusterRows(spec),
      ...nodePortRows(spec),
    ]),
    ...declaredFlows(spec),
  ];
  return [...flows, ...nameFlows(spec, flows)];
}

/** What the workloads of the platform say to each other. */
function platformRows(spec: PlatformSpec): Row[] {
  const p = partiesOf(spec);
  const { server, gateway, nats, ollamaBridge, firestoreAgent, streams } = spec;
  const api = tcp("http", server.port);
  return [
    [p.server, p.nats, CLIENT, "publishes commands, reads and writes JetStream"],
    [p.workers, p.nats, CLIENT, "take commands from JetStream"],
    [p.systemPool, p.nats, CLIENT, "takes commands and events from JetStream"],
    [p.subscriptions, p.nats, CLIENT, "keep what they cannot hand on, and read subscriptions of NATS"],
    [p.gateway, p.nats, CLIENT, "keeps sessions and hears of updates"],
    [streams.mode === "declared" && streams.by === "nack" && NACK, p.nats, CLIENT, "makes the declared streams"],
    [nats.replicas > 1 && p.nats, p.nats, ROUTES, "servers of one cluster"],
    [p.workers, p.server, api, "report what became of commands"],
    [p.systemPool, p.server, api, "drives executions, fetches system modules"],
    [p.subscriptions, p.server, api, "start executions"],
    [p.cleanup, p.server, api, "starts the scheduled cleanup"],
    [p.gateway, p.server, api, "hands on the calls of people"],
    [server.replicas > 1 && p.server, p.server, api, "replicas hand executions to the one that owns them"],
    [p.pythonServer, p.nats, CLIENT, "publishes commands, reads and writes JetStream"],
    [p.workers, p.pythonServer, [tcp("http", HTTP_PORT), tcp("flight", FLIGHT_PORT)], "fetch results"],
    [p.workers, p.ollamaBridge, tcp("jsonrpc", ollamaBridge?.port ?? 0), "playbooks ask language models"],
    [p.ollamaBridge, p.ollama, tcp("http", OLLAMA_PORT), "runs the models"],
    [p.ollamaBridge, ...outside(ollamaBridge?.ollamaUrl, "runs the models")],
    [p.ollama, p.ollama && INTERNET, HTTPS, "pulls its models"],
    [p.workers, p.firestoreAgent, tcp("http", firestoreAgent?.port ?? 0), "playbooks keep documents and events"],
    [p.firestoreAgent, p.firestoreAgent && INTERNET, HTTPS, "Firestore"],
    ...metadataRows(p.firestoreAgent, "its Google identity"),
    [ANYONE, p.gateway, tcp("http", gateway?.port ?? 0), "the way in for people"],
    [[p.workers, p.systemPool, p.subscriptions], ...outside(server.publicUrl, "the server's public URL")],
  ];
}

/** NACK's chart, in whichever namespace somebody installed it. */
const NACK = pods("nack", "nack", { "app.kubernetes.io/name": "nack" });

/** The platform's database, wherever it is. */
function databaseRows(spec: PlatformSpec): Row[] {
  const p = partiesOf(spec);
  const { postgres, secrets } = spec;
  const external = postgres.mode === "external" && partyOfHost(postgres.host);
  const port = postgres.mode === "external" ? tcp("postgres", postgres.port) : SQL;
  // Of a URL in a Secret nobody here knows the address.
  const isSecret = secrets.databaseUrl !== undefined || secrets.shardDsns !== undefined;
  return [
    [p.server, p.pgbouncer ?? [p.postgres, external], p.pgbouncer ? SQL : port, "event log, catalog and credentials"],
    [p.pgbouncer, [p.postgres, external], port, "server connections of the pool"],
    // Its driver prepares statements, which a pooler of transactions loses.
    [p.pythonServer, [p.postgres, external], port, "event log, catalog and credentials"],
    [p.schema, [p.postgres, external], port, "makes databases, roles and tables"],
    // The deployed pooler keeps those of the protocol; Cloud SQL is reached by nothing else.
    [postgres.mode === "cloudSql" && p.pythonServer, p.pgbouncer, SQL, "event log, catalog and credentials"],
    ...cloudSqlRows(spec, [p.pgbouncer, p.schema]),
    [isSecret && p.server, OUTSIDE, [SQL, tcp("pgbouncer", 6432)], "databases that only a Secret names"],
  ];
}

/** The Auth Proxy in the pods that have it: the instance, the API that says where it is, and its identity. */
function cloudSqlRows({ postgres, gcp }: PlatformSpec, from: End): Row[] {
  if (postgres.mode !== "cloudSql" || !gcp) return [];
  // Of a network that exists only Google knows the range.
  const range = gcp.network.mode === "create" ? gcp.network.privateServices : "10.0.0.0/8";
  return [
    [from, addresses("cloud-sql", range), tcp("cloudsql", 3307), "the Auth Proxy's connections to the instance"],
    [from, INTERNET, HTTPS, "the Auth Proxy asks where the instance is, and for its certificate"],
    ...metadataRows(from, "the Auth Proxy's Google identity"),
  ];
}

/** Servers of the supercluster among each other. Nobody else reaches it unless a stack file says so. */
function superclusterRows({ natsSupercluster: supercluster }: PlatformSpec): Row[] {
  if (supercluster.topology === "none") return [];
  const { clusters } = supercluster;
  const gateways = tcp("gateways", "gatewayPort" in supercluster ? supercluster.gatewayPort : GATEWAY_PORT);
  const leafnodes = tcp("leafnodes", "leafnodePort" in supercluster ? supercluster.leafnodePort : LEAFNODE_PORT);
  const hub = ("hub" in supercluster ? supercluster.hub : undefined) ?? clusters[0]?.name ?? "";
  return clusters.flatMap(({ name, replicas }): Row[] => {
    const self = memberOf(name);
    const others = clusters.flatMap((other) => (other.name === name ? [] : [memberOf(other.name)]));
    const isJoined = supercluster.topology !== "independent";
    return [
      [(replicas > 1 || (isJoined && others.length > 0)) && self, self, ROUTES, "servers of one cluster"],
      [isJoined && self, others, gateways, "clusters of one supercluster"],
      [!isJoined && name !== hub && self, memberOf(hub), leafnodes, "the hub of the clusters"],
    ];
  });
}

/** Where the server finds credentials. */
function keychainRows(spec: PlatformSpec): Row[] {
  const { server } = partiesOf(spec);
  const { gcp, kubernetes, vault } = spec.server.keychain;
  return [
    [kubernetes && kubernetes.apiUrl === undefined && server, apiServerOf(spec), API_SERVER, "Secrets as credentials"],
    [server, ...outside(kubernetes?.apiUrl, "Secrets as credentials")],
    [server, ...outside(vault?.address, "credentials of Vault")],
    [gcp && gcp.endpoint === undefined && server, INTERNET, HTTPS, "credentials of Secret Manager"],
    [server, ...outside(gcp?.endpoint, "credentials of Secret Manager")],
    ...metadataRows(gcp && gcp.metadataTokenUrl === undefined && server, "its Google identity"),
    [server, ...outside(gcp?.metadataTokenUrl, "its Google identity")],
  ];
}

/** Calls of third parties: they all go through workers, never through the server. */
function thirdPartyRows(spec: PlatformSpec): Row[] {
  const { workers, subscriptions, playbookJobs } = partiesOf(spec);
  const { internet, metadataServer } = spec.networkPolicy.workers;
  const callers = [workers, subscriptions, playbookJobs];
  return [
    [internet && callers, INTERNET, ANY, "calls of third parties"],
    ...metadataRows(metadataServer && callers, "the Google identity of their pods"),
    [playbookJobs && workers, apiServerOf(spec), API_SERVER, "start and watch Jobs of playbooks"],
  ];
}

/** What runs updates. Who asks it, the stack file says: it has people to answer to, and nobody of the platform. */
function orchestratorRows(spec: PlatformSpec): Row[] {
  const { orchestrator: pods } = partiesOf(spec);
  const { pulumi, oidc, surrealdb, replicas = 1, port = 0 } = spec.orchestrator ?? {};
  const updates = pulumi && pods;
  const { install } = spec.keda;
  const isInCloud = pulumi && !isService(pulumi) && !pulumi.backend.startsWith("file:");
  const hasCharts = install === true || spec.certManager.install === true;
  return [
    [updates, apiServerOf(spec), API_SERVER, "makes and changes objects"],
    [updates, ...outside(pulumi && isService(pulumi) ? pulumi.backend : undefined, "state of the stacks")],
    [isInCloud && updates, INTERNET, HTTPS, "state of the stacks"],
    [(hasCharts || spec.gcp !== undefined) && updates, INTERNET, HTTPS, "charts, and Google's APIs"],
    ...metadataRows(pulumi?.googleAccount !== undefined && updates, "its Google identity"),
    [pods, ...outside(oidc?.issuer, "keys that sign people's tokens")],
    [pods, ...outside(surrealdb?.url, "keeps tasks and logs in SurrealDB")],
    [replicas > 1 && pods, pods, tcp("http", port), "nodes that share the work"],
  ];
}

/** Workload Identity: Dataplane V1 (Calico) has the pods' connections go to the first, V2 (Cilium) to the second. */
function metadataRows(from: End, reason: string): Row[] {
  return [
    [from, METADATA_V1, [tcp("metadata", 987), tcp("metadata", 988)], reason],
    [from, METADATA_V2, [tcp("metadata", 80), tcp("metadata", 8080)], reason],
  ];
}

/** Who fetches metrics, and where there are some. */
function scrapeRows(spec: PlatformSpec): Row[] {
  const p = partiesOf(spec);
  const { server, gateway, workerPools, subscriptions, nats, keda, certManager, pgbouncer } = spec;
  const { orchestrator, networkPolicy, traits } = spec;
  const scrapers = (networkPolicy.scrapers ?? traits.scrapers).map(({ namespace, labels }) =>
    podsBy(namespace, labels),
  );
  const metrics = (port: number) => tcp("metrics", port);
  const runtimes = new Set(workerPools.map(({ runtime }) => runtime));
  const reason = "metrics";
  return [
    [scrapers, server.metrics && p.server, tcp("http", server.port), reason],
    [scrapers, p.gateway, tcp("http", gateway?.port ?? 0), reason],
    [scrapers, p.orchestrator, tcp("status", orchestrator?.statusPort ?? 0), reason],
    [scrapers, p.workers, [...runtimes].sort().map((kind) => metrics(metricsPort(kind))), reason],
    [scrapers, p.systemPool, metrics(metricsPort("rust")), reason],
    [scrapers, subscriptions.length > 0 && p.subscriptions, metrics(metricsPort("rust")), reason],
    [scrapers, nats.exporter && p.nats, metrics(METRICS_PORT), reason],
    [scrapers, pgbouncer?.exporter === true && p.pgbouncer, metrics(PGBOUNCER_METRICS_PORT), reason],
    [scrapers, keda.install === true && keda.metrics && p.kedaOperator, metrics(8080), reason],
    [scrapers, certManager.metrics && p.certManager, metrics(CERT_MANAGER_METRICS_PORT), reason],
  ];
}

/** Operators, and what the Kubernetes API server asks of their pods. */
function clusterRows(spec: PlatformSpec): Row[] {
  const p = partiesOf(spec);
  const install = spec.keda.install === true;
  const certManager = [p.certManager, p.certManagerWebhook, p.certManagerInjector, p.certManagerCheck];
  const isAsked = install || poolsOf(spec).some(({ pool }) => pool.scaling?.kind === "keda");
  const operator = install && p.kedaOperator;
  return [
    [isAsked && p.kedaOperator, p.nats, MONITORING, "asks for the lag of consumers"],
    [[operator, p.kedaMetrics, p.kedaWebhooks], apiServerOf(spec), API_SERVER, "watch and write objects"],
    [p.kedaMetrics, operator, tcp("grpc", 9666), "asks for metrics"],
    // The API server's own address is not known: it calls from a node, a tunnel or a network of its own.
    [ANYONE, p.kedaMetrics, tcp("https", 6443), "the API server asks for external metrics"],
    [ANYONE, p.kedaWebhooks, tcp("https", 9443), "the API server asks for admission of ScaledObjects"],
    [certManager, apiServerOf(spec), API_SERVER, "watch and write objects"],
    [ANYONE, p.certManagerWebhook, tcp("https", WEBHOOK_PORT), "the API server asks for admission of Certificates"],
  ];
}

/** Ports of the nodes, by which people outside the cluster reach it. */
function nodePortRows(spec: PlatformSpec): Row[] {
  const p = partiesOf(spec);
  const { nodePorts } = spec.traits;
  const reason = "a port of the nodes";
  return [
    [nodePorts && OUTSIDE, p.server, tcp("http", spec.server.port), reason],
    [nodePorts && OUTSIDE, p.postgres, SQL, reason],
    [(spec.nats.nodePorts ?? nodePorts) && OUTSIDE, p.nats, [CLIENT, MONITORING], reason],
  ];
}

/** Whoever of ours calls anybody asks for names first. */
function nameFlows(spec: PlatformSpec, flows: readonly Flow[]): Flow[] {
  const ours = Object.keys(namespaceNames(spec));
  const callers = new Map<string, Pods>();
  for (const { from } of flows) {
    if (from.kind === "pods" && ours.includes(from.namespace)) callers.set(`${from.namespace}/${from.name}`, from);
  }
  const { nameServers } = spec.networkPolicy;
  const servers = [...DNS_PODS, nameServers.length > 0 && addresses("name-servers", ...nameServers)];
  return flowsOfRows([[[...callers.values()], servers, DNS, "names"]]);
}

/** Pods that answer DNS, wherever a node's own cache does not. */
const DNS_PODS = ["kube-dns", "node-local-dns"].map((app) => pods(app, "kube-system", { "k8s-app": app }));

/** The flow to a URL that a stack file may give. */
function outside(url: string | undefined, reason: string): [End, FlowPort | readonly FlowPort[], string] {
  if (url === undefined) return [undefined, ANY, reason];
  const { host, port } = endpointOf(url);
  return [partyOfHost(host), tcp("http", port), reason];
}

function flowsOfRows(rows: readonly Row[]): Flow[] {
  return rows.flatMap(([from, to, ports, reason]) =>
    endsOf(from).flatMap((one) =>
      endsOf(to).map((other) => ({ from: one, to: other, ports: "port" in ports ? [ports] : ports, reason })),
    ),
  );
}

function endsOf(end: End): Party[] {
  const ends = Array.isArray(end)
    ? (end as readonly (Party | undefined | false)[])
    : [end as Party | undefined | false];
  return ends.filter((one): one is Party => one !== undefined && one !== false);
}
