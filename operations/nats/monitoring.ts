/** What the monitoring endpoints of nats-server tell, as far as it is used here. */
export interface Varz {
  server_name: string;
  version: string;
  cluster?: { name?: string };
  gateway?: { name?: string; gateways?: { name: string }[] };
  leaf?: { remotes?: { local_account?: string; urls?: string[] }[] };
}

export interface Jsz {
  disabled?: boolean;
  config?: { max_memory: number; max_storage: number; domain?: string };
  memory: number;
  storage: number;
  meta_cluster?: { leader?: string; cluster_size: number; replicas?: Peer[] };
  account_details?: { name: string; stream_detail?: StreamDetail[] }[];
}

/** A follower as its leader sees it. */
export interface Peer {
  name: string;
  current: boolean;
  offline?: boolean;
  /** Raft entries it is behind. */
  lag?: number;
}

export interface StreamDetail {
  name: string;
  cluster?: { name?: string; leader?: string; replicas?: Peer[] | null };
  config?: { num_replicas?: number };
  state: { messages: number; bytes: number };
  consumer_detail?: ConsumerDetail[];
}

export interface ConsumerDetail {
  name: string;
  cluster?: { leader?: string };
  config?: { max_ack_pending?: number };
  num_pending: number;
  num_ack_pending: number;
}

/** One server's answers. */
export interface ServerReport {
  varz: Varz;
  jsz: Jsz;
  routez: { routes?: { remote_name?: string }[] };
  gatewayz: { outbound_gateways?: Record<string, unknown>; inbound_gateways?: Record<string, unknown[]> };
  leafz: { leafs?: { name?: string; is_spoke?: boolean; account?: string }[] };
  /** What plain /healthz says: `ok`, or an error in the server's words. */
  health: string;
}

/** A server that was asked. */
export interface Answer {
  /** Where it was asked, as the user knows it: a URL, or `nats/nats-0`. */
  place: string;
  /** Its answers, or why there are none. */
  report: ServerReport | string;
}

const LIMIT_MILLISECONDS = 5000;

/** Asks a server everything. @param base URL of its monitoring endpoint, such as `http://127.0.0.1:8222` */
export async function ask(place: string, base: string): Promise<Answer> {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(new URL(path, base), { signal: AbortSignal.timeout(LIMIT_MILLISECONDS) });
    return response.json();
  };
  try {
    const [varz, jsz, routez, gatewayz, leafz, healthz] = await Promise.all(
      [
        "varz",
        "jsz?accounts=true&streams=true&consumers=true&config=true",
        "routez",
        "gatewayz",
        "leafz",
        "healthz",
      ].map(get),
    );
    const { status, error } = healthz as { status?: string; error?: string };
    const health = error ?? status ?? "no answer";
    return { place, report: { varz, jsz, routez, gatewayz, leafz, health } as ServerReport };
  } catch (error) {
    return { place, report: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === "TimeoutError") return `no answer within ${LIMIT_MILLISECONDS / 1000} s`;
  // fetch says only that it failed; why is in the cause, whose message is empty where several addresses failed.
  const reason = cause?.message ?? "";
  return reason === "" ? (cause?.code ?? message) : reason;
}
