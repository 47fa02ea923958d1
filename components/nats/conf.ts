import { confText, type Size, type Variable } from "./conf-text";

/** A time span as nats-server reads it: `"10s"`, `"2m"`. */
export type Duration = `${number}${"ms" | "s" | "m" | "h"}`;

/**
 * The part of nats.conf this program writes, in nats.conf's own names. Entries appear in the file in the order they
 * stand in the object, and variables must be defined (or included) before they are used.
 *
 * @see https://docs.nats.io/running-a-nats-service/configuration#configuration-properties
 */
export interface NatsConf extends LimitsConf {
  /** File with further entries, relative to this one: where passwords come in without being in this file. */
  include?: string | undefined;
  /** Unique name of the server. In the file, not on the command line, else nats-server refuses every reload. */
  server_name: string | Variable;
  /** What the server is told by, for `placement.tags` of streams and for `unique_tag`: `az:us-east-1a`. */
  server_tags?: readonly string[] | undefined;
  /** Port of clients. */
  port: number;
  /** Port of the monitoring endpoint, plain HTTP. */
  http_port: number;
  /** File the server writes its process id to, which `nats-server --signal` reads. */
  pid_file: string;
  /** Largest message a client may publish. */
  max_payload: Size;
  /** How long a server in lame-duck mode waits before it starts to move clients away. */
  lame_duck_grace_period: Duration;
  /** How long lame-duck mode takes altogether; nats-server refuses less than 30 s. */
  lame_duck_duration: Duration;
  /** Log everything about the server's own work. */
  debug: boolean;
  /** Log every protocol message, payloads included. */
  trace: boolean;
  /** Begin log lines with the time. */
  logtime: boolean;
  /** TLS of the client port. */
  tls?: ListenerTlsConf | undefined;
  /** Take clients without TLS on the same port, too. Default: no. */
  allow_non_tls?: boolean | undefined;
  jetstream: JetStreamConf;
  /** Account of the server's own events. */
  system_account: string;
  /** Accounts by name. */
  accounts: Record<string, AccountConf>;
  /** The servers of one cluster among each other. Needs a route even for a single server. */
  cluster?: ClusterConf | undefined;
  /** This cluster and others of a supercluster. */
  gateway?: GatewayConf | undefined;
  /** Servers and clusters of other JetStream domains. */
  leafnodes?: LeafnodesConf | undefined;
}

/** Limits of a server that nobody needs to set. */
export interface LimitsConf {
  /** Clients at the same time. nats-server's default: 65536. */
  max_connections?: number;
  /** Subscriptions of one client. nats-server's default: no limit. */
  max_subscriptions?: number;
  /** Bytes that may wait for one slow client before it is disconnected. nats-server's default: 64 MiB. */
  max_pending?: Size;
  /** Longest protocol line. nats-server's default: 4096. */
  max_control_line?: Size;
  /** How long a write to a client may take. nats-server's default: 10s. */
  write_deadline?: Duration;
  /** How often an idle client is pinged. nats-server's default: 2m. */
  ping_interval?: Duration;
  /** Pings without an answer after which a client is disconnected. nats-server's default: 2. */
  ping_max?: number;
}

/** The JetStream block: the limits of this server. */
export interface JetStreamConf extends JetStreamTuning {
  /** Directory of the file store; the server keeps its files in a `jetstream` directory below it. */
  store_dir: string;
  max_memory_store: Size;
  max_file_store: Size;
  /** JetStream domain, by which its API is reached over leafnodes: `$JS.DOMAIN.API`. No dots, no blanks. */
  domain?: string | undefined;
  /** Prefix of server tags of which no two copies of a stream may share one: `az:`. */
  unique_tag?: string | undefined;
}

/** What of JetStream nobody needs to set. */
export interface JetStreamTuning {
  /** How often written data is forced to the disk; `always` before each acknowledgement. nats-server's default: 2m. */
  sync_interval?: Duration | "always";
  /** Bytes a server that catches up may have asked for. nats-server's default: 64 MiB. */
  max_outstanding_catchup?: Size;
}

/** An account: its own subjects, streams and users. */
export interface AccountConf {
  /** Whether the account may have streams, and how much of them. Default: no. */
  jetstream?: boolean | AccountJetStreamConf;
  users: readonly UserConf[];
  exports?: readonly ExportConf[];
  imports?: readonly ImportConf[];
}

/** What an account may store, on all servers together, copies counted. Without an entry: no limit. */
export interface AccountJetStreamConf {
  max_memory?: Size;
  max_file?: Size;
  max_streams?: number;
  max_consumers?: number;
}

/** A user of an account. */
export interface UserConf {
  user: string;
  /** A variable, since this file is readable by everybody who may read ConfigMaps. */
  password: Variable;
}

/** Subjects that other accounts may import. */
export type ExportConf = ({ stream: string } | { service: string }) & { accounts?: readonly string[] };

/** Subjects of another account, and under which name they appear in this one. */
export type ImportConf =
  | { stream: { account: string; subject: string }; prefix?: string }
  | { service: { account: string; subject: string }; to?: string };

/** What another server must say to be let in. */
export interface AuthorizationConf {
  user: string;
  password: Variable;
  /** How long it may take to say so. nats-server's default: 2s, with TLS longer than the TLS timeout. */
  timeout?: number;
}

/** Where certificates are. */
export interface TlsConf {
  cert_file: string;
  key_file: string;
  ca_file: string;
  /** Seconds that a handshake may take. nats-server's default: 2. */
  timeout?: number;
}

/** TLS of a port that others connect to. */
export interface ListenerTlsConf extends TlsConf {
  /** Whether the other side needs a certificate of the same CA, too. Routes and gateways verify each other always. */
  verify?: boolean;
}

/** The `cluster` block. */
export interface ClusterConf extends ClusterTuning {
  /** Name of the cluster; with a gateway block, the same as there, else the server ends at its start. */
  name: string;
  /** Address to listen at, and to tell the others. */
  host?: Variable;
  port: number;
  authorization?: AuthorizationConf | undefined;
  tls?: ListenerTlsConf | undefined;
  /** URLs of all servers, this one included: `nats-route://HOST:6222`. A variable where they carry credentials. */
  routes: readonly string[] | Variable;
  /** Whether clients are not told the addresses of the other servers. nats-server's default: they are. */
  no_advertise?: boolean;
}

/** What of routes nobody needs to set. */
export interface ClusterTuning {
  /** Compression between servers. nats-server's default: `accept`, only if the other side asks for it. */
  compression?: "off" | "accept" | "s2_auto" | "s2_fast" | "s2_better" | "s2_best";
  /** Connections to each other server beside that of the system account. nats-server's default: 3. */
  pool_size?: number;
}

/** The `gateway` block. */
export interface GatewayConf {
  /** Name of this cluster. */
  name: string;
  /** Address to listen at, and to tell the others; a wildcard address would be told as it is. */
  host: Variable;
  port: number;
  authorization?: AuthorizationConf | undefined;
  tls?: ListenerTlsConf | undefined;
  /** Refuse clusters that `gateways` does not name. */
  reject_unknown_cluster?: boolean | undefined;
  /** The other clusters; this one may be among them. */
  gateways: readonly GatewayPeerConf[];
}

/** Another cluster. Each URL counts as one expected server when JetStream starts for the first time. */
export interface GatewayPeerConf {
  name: string;
  urls: readonly string[];
}

/** The `leafnodes` block. */
export interface LeafnodesConf {
  /** Address to listen at. */
  host?: Variable;
  /** Port for servers that connect here; without it, none can. */
  port?: number;
  tls?: ListenerTlsConf | undefined;
  /** Servers to connect to. */
  remotes?: readonly LeafRemoteConf[];
}

/** A server or cluster of another domain. */
export interface LeafRemoteConf {
  /** `nats-leaf://USER:PASSWORD@HOST:7422`; a variable since they carry credentials. */
  urls: Variable;
  /** Account of this side whose subjects go over the link. */
  account: string;
  /** Subjects that this side does not take from the other. Default: none. */
  deny_imports?: readonly string[] | undefined;
  /** Subjects that this side does not give to the other. Default: none. */
  deny_exports?: readonly string[] | undefined;
  tls?: TlsConf | undefined;
}

/** The text of nats.conf. */
export function natsConf(conf: NatsConf): string {
  return confText(conf);
}
