import { majority } from "../../components/nats/topology";
import { gatewayFindings, leafnodeFindings } from "./links";
import type { Answer, ConsumerDetail, ServerReport, StreamDetail } from "./monitoring";
import { clusterOf, distinct } from "./names";

/** Something that is wrong, and what to do. */
export interface StatusFinding {
  severity: "error" | "warning";
  /** What it is about: `nats-0`, `NOETL/NOETL_COMMANDS`. */
  about: string;
  problem: string;
  next: string;
}

export interface ServerStatus {
  name: string;
  place: string;
  cluster: string;
  version: string;
  domain?: string;
  /** Other servers of its cluster that it has routes to. */
  routes: string[];
  /** Clusters it has gateways to. */
  gateways: string[];
  leafnodes: number;
  fileUsed: number;
  fileLimit: number;
  memoryUsed: number;
  memoryLimit: number;
}

export interface MetaStatus {
  /** Servers that know each other in this group. */
  servers: number;
  leader?: string;
  /** How many of them must be up. */
  quorum: number;
  /** How many of them were reached. */
  answering: number;
}

export interface StreamStatus {
  account: string;
  name: string;
  leader?: string;
  replicas: { name: string; current: boolean; lag: number }[];
  messages: number;
  bytes: number;
  consumers: { name: string; leader?: string; pending: number; ackPending: number }[];
}

/** How a NATS deployment is. */
export interface NatsStatus {
  healthy: boolean;
  servers: ServerStatus[];
  unreachable: { place: string; reason: string }[];
  meta: MetaStatus[];
  streams: StreamStatus[];
  findings: StatusFinding[];
}

/** Judges the answers of all servers of a deployment; of one that is asked only in part, the rest counts as unknown. */
export function natsStatus(answers: readonly Answer[]): NatsStatus {
  const reached = answers.flatMap(({ place, report }) => (typeof report === "string" ? [] : [{ place, report }]));
  const unreachable = answers.flatMap(({ place, report }) =>
    typeof report === "string" ? [{ place, reason: report }] : [],
  );
  const servers = reached.map(({ place, report }) => serverStatus(place, report));
  const reports = reached.map(({ report }) => report);
  const meta = metaGroups(reports);
  const streams = streamsOf(reports);
  const findings = [
    ...unreachable.map(({ place, reason }) => ({
      severity: "error" as const,
      about: place,
      problem: `does not answer: ${reason}`,
      next: lookAt(place),
    })),
    ...metaFindings(meta, reports),
    ...reports.flatMap((report) => serverFindings(report, reports)),
    ...gatewayFindings(reports),
    ...reports.flatMap(leafnodeFindings),
    ...streams.flatMap(streamFindings),
    ...reports.flatMap(consumerFindings),
  ];
  return {
    healthy: findings.every(({ severity }) => severity !== "error") && servers.length > 0,
    servers: servers.sort(byName),
    unreachable,
    meta,
    streams,
    findings,
  };
}

function lookAt(place: string): string {
  const [, namespace, pod] = /^([^/:]+)\/([^/:]+)$/.exec(place) ?? [];
  return namespace === undefined
    ? "look at the server behind it and its log"
    : `kubectl -n ${namespace} describe pod ${pod}; kubectl -n ${namespace} logs ${pod} --previous`;
}

function serverStatus(place: string, { varz, jsz, routez, gatewayz, leafz }: ServerReport): ServerStatus {
  return {
    name: varz.server_name,
    place,
    cluster: clusterOf(varz),
    version: varz.version,
    ...(jsz.config?.domain !== undefined && { domain: jsz.config.domain }),
    // A pair of servers has several routes: one a pooled connection, one for the system account.
    routes: distinct((routez.routes ?? []).flatMap(({ remote_name: name }) => (name === undefined ? [] : [name]))),
    gateways: Object.keys(gatewayz.outbound_gateways ?? {}).sort(),
    leafnodes: leafz.leafs?.length ?? 0,
    fileUsed: jsz.storage,
    fileLimit: jsz.config?.max_storage ?? 0,
    memoryUsed: jsz.memory,
    memoryLimit: jsz.config?.max_memory ?? 0,
  };
}

/** One group for each leader that is known, and one for servers that elect together and know none. */
function metaGroups(reports: readonly ServerReport[]): MetaStatus[] {
  const voters = reports.flatMap(({ varz, jsz }) => (jsz.meta_cluster ? [{ varz, group: jsz.meta_cluster }] : []));
  return distinct(voters.map(({ varz }) => electorate(varz))).flatMap((together) => {
    const groups = voters.filter(({ varz }) => electorate(varz) === together).map(({ group }) => group);
    const led = distinct(groups.flatMap(({ leader = "" }) => (leader === "" ? [] : [leader])));
    const sizeOf = (of: typeof groups) => {
      const servers = Math.max(...of.map((group) => group.cluster_size));
      return { servers, quorum: majority(servers), answering: groups.length };
    };
    if (led.length === 0) return [sizeOf(groups)];
    return led.map((leader) => ({ ...sizeOf(groups.filter((group) => group.leader === leader)), leader }));
  });
}

/** Clusters that gateways join elect one meta leader; others one each. */
function electorate({ cluster, gateway }: ServerReport["varz"]): string {
  const peers = (gateway?.gateways ?? []).map(({ name }) => name);
  return distinct([cluster?.name ?? "", ...peers]).join(" ");
}

function metaFindings(meta: readonly MetaStatus[], reports: readonly ServerReport[]): StatusFinding[] {
  const leaderless = meta.flatMap(({ servers, leader, quorum, answering }): StatusFinding[] =>
    leader !== undefined
      ? []
      : [
          {
            severity: "error",
            about: "JetStream",
            problem: `has no meta leader: ${answering} of ${servers} servers answer, ${quorum} must; streams and consumers cannot be made or changed`,
            next: "bring servers back until a majority runs; never delete the volumes of the others",
          },
        ],
  );
  const offline = reports
    .filter(({ varz, jsz }) => jsz.meta_cluster?.leader === varz.server_name)
    .flatMap(({ jsz }) => jsz.meta_cluster?.replicas ?? [])
    .filter((peer) => peer.offline === true)
    .map(({ name }): StatusFinding => ({
      severity: "error",
      about: name,
      problem: "is offline, the meta leader says; its copies of streams get older",
      next: "start it again; if it never comes back: nats server cluster peer-remove, which moves its copies elsewhere",
    }));
  return [...leaderless, ...offline];
}

const FULL = 0.95;
const NEARLY_FULL = 0.8;

function serverFindings(report: ServerReport, all: readonly ServerReport[]): StatusFinding[] {
  const { varz, jsz, health } = report;
  const status = serverStatus("", report);
  const about = varz.server_name;
  const others = all.filter((other) => other !== report && clusterOf(other.varz) === clusterOf(varz));
  const routeless = others.map((other) => other.varz.server_name).filter((name) => !status.routes.includes(name));
  const problem = (severity: "error" | "warning", text: string, next: string): StatusFinding[] => [
    { severity, about, problem: text, next },
  ];
  return [
    ...(health === "ok"
      ? []
      : problem("error", `says of itself: ${health}`, "read its log; a stream may be catching up")),
    ...(clusterOf(varz) !== "" && routeless.length > 0
      ? problem(
          "error",
          `has no route to ${routeless.join(", ")}`,
          "compare cluster.routes and the route password of both; port 6222 must be open between them",
        )
      : []),
    ...(jsz.disabled === true
      ? problem("error", "has JetStream disabled, as after a disk error", "look at its volume and its log")
      : []),
    ...full("file store", jsz.storage, jsz.config?.max_storage ?? 0),
    ...full("memory store", jsz.memory, jsz.config?.max_memory ?? 0),
  ];

  function full(store: string, used: number, limit: number): StatusFinding[] {
    if (limit <= 0 || used < NEARLY_FULL * limit) return [];
    const share = Math.round((100 * used) / limit);
    return problem(
      used >= FULL * limit ? "error" : "warning",
      `its ${store} is ${share} % full; at 100 % publishers are refused`,
      "raise noetl:nats.jetstream and the volume, or shorten noetl:streams.maxAge",
    );
  }
}

/** Each stream as its leader tells it; where none answers as leader, as anybody does. */
function streamsOf(reports: readonly ServerReport[]): StreamStatus[] {
  const best = new Map<string, { account: string; detail: StreamDetail; leads: boolean }>();
  for (const { varz, jsz } of reports) {
    for (const { name: account, stream_detail: details = [] } of jsz.account_details ?? []) {
      for (const detail of details) {
        // Streams of one name in two domains are two streams.
        const key = `${jsz.config?.domain ?? ""}/${account}/${detail.name}`;
        const leads = detail.cluster === undefined || detail.cluster.leader === varz.server_name;
        if (leads || !best.has(key)) best.set(key, { account, detail, leads });
      }
    }
  }
  return [...best.values()].map(({ account, detail, leads }) => streamStatus(account, detail, leads)).sort(byName);
}

function streamStatus(
  account: string,
  { name, cluster, state, consumer_detail: consumers = [] }: StreamDetail,
  leads: boolean,
): StreamStatus {
  const leader = cluster ? cluster.leader : "standalone";
  return {
    account,
    name,
    ...(leader !== undefined && leader !== "" && { leader }),
    replicas: (leads ? (cluster?.replicas ?? []) : []).map((peer) => ({
      name: peer.name,
      current: peer.current && peer.offline !== true,
      lag: peer.lag ?? 0,
    })),
    messages: state.messages,
    bytes: state.bytes,
    consumers: consumers.map(consumerStatus).sort(byName),
  };
}

function consumerStatus({ name, cluster, num_pending: pending, num_ack_pending: ackPending }: ConsumerDetail) {
  const leader = cluster?.leader;
  return { name, ...(leader !== undefined && leader !== "" && { leader }), pending, ackPending };
}

function streamFindings({ account, name, leader, replicas }: StreamStatus): StatusFinding[] {
  const about = `${account}/${name}`;
  if (leader === undefined) {
    return [
      {
        severity: "error",
        about,
        problem: "has no leader: nothing can be published to it or taken from it",
        next: "bring back the servers that hold its copies until a majority of them runs",
      },
    ];
  }
  return replicas
    .filter(({ current }) => !current)
    .map(({ name: replica, lag }) => ({
      severity: "error",
      about,
      problem: `the copy on ${replica} is behind${lag > 0 ? ` by ${lag} entries` : ""}`,
      next: `wait, and look again; if it does not shrink, look at the disk and the log of ${replica}`,
    }));
}

/** Consumers that deliver no more because too much is unacknowledged. */
function consumerFindings({ varz, jsz }: ServerReport): StatusFinding[] {
  return (jsz.account_details ?? []).flatMap(({ name: account, stream_detail: streams = [] }) =>
    streams.flatMap((stream) =>
      (stream.consumer_detail ?? [])
        .filter(({ cluster }) => cluster === undefined || cluster.leader === varz.server_name)
        .filter(
          ({ config, num_ack_pending: held, num_pending: waiting }) =>
            waiting > 0 && (config?.max_ack_pending ?? 0) > 0 && held >= (config?.max_ack_pending ?? 0),
        )
        .map((consumer): StatusFinding => ({
          severity: "warning",
          about: `${account}/${stream.name}/${consumer.name}`,
          problem: `${consumer.num_ack_pending} messages are unacknowledged, as many as it may have; ${consumer.num_pending} more wait`,
          next: "look whether its clients are stuck; else raise noetl:streams.maxAckPending",
        })),
    ),
  );
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}
