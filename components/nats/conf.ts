import { confText, type Size, type Variable } from "./conf-text";

/** A time span as nats-server reads it: `"10s"`, `"2m"`. */
export type Duration = `${number}${"ms" | "s" | "m" | "h"}`;

/**
 * The part of nats.conf this program writes, in nats.conf's own names. Entries appear in the file in the order they
 * stand in the object, and variables must be defined (or included) before they are used.
 *
 * @see https://docs.nats.io/running-a-nats-service/configuration#configuration-properties
 */
export interface NatsConf {
  /** File with further entries, relative to this one: where passwords come in without being in this file. */
  include?: string;
  /** Unique name of the server. In the file, not on the command line, else nats-server refuses every reload. */
  server_name: string | Variable;
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
  jetstream: JetStreamConf;
  /** Account of the server's own events. */
  system_account: string;
  /** Accounts by name. */
  accounts: Record<string, AccountConf>;
}

/** The JetStream block: the limits of this server. */
export interface JetStreamConf {
  /** Directory of the file store; the server keeps its files in a `jetstream` directory below it. */
  store_dir: string;
  max_memory_store: Size;
  max_file_store: Size;
}

/** An account: its own subjects, streams and users. */
export interface AccountConf {
  /** Whether the account may have streams. Default: no. */
  jetstream?: boolean;
  users: readonly UserConf[];
}

/** A user of an account. */
export interface UserConf {
  user: string;
  /** A variable, since this file is readable by everybody who may read ConfigMaps. */
  password: Variable;
}

/** The text of nats.conf. */
export function natsConf(conf: NatsConf): string {
  return confText(conf);
}
