import { natsString, Variable } from "./conf-text";
import type { ClusterConf, GatewayConf, LeafnodesConf, ListenerTlsConf, TlsConf } from "./conf";
import {
  CLUSTER_PORT,
  clusterName,
  GATEWAY_PORT,
  headlessName,
  isClustered,
  LEAFNODE_PORT,
  podHosts,
  serviceHost,
  type NatsFacts,
  type NatsLeafRemote,
  type NatsNames,
} from "./facts";
import { POD_IP, TLS_DIR } from "./layout";

/** Who servers are to each other. */
const ROUTE_USER = "route";
const GATEWAY_USER = "gateway";

const ROUTE_PASSWORD = new Variable("CLUSTER_PASSWORD");
const ROUTES = new Variable("CLUSTER_ROUTES");
const GATEWAY_PASSWORD = new Variable("GATEWAY_PASSWORD");

/** What the servers are known to each other by; needed where the facts have such a link. */
export interface LinkPasswords<T = string> {
  /** Of the servers of the cluster. */
  cluster?: T | undefined;
  /** Of all clusters of the supercluster. */
  gateway?: T | undefined;
  /** Of the user that each leafnode remote logs in as, by the remote's name. */
  leafnodes?: Record<string, T> | undefined;
}

/** The `cluster` block; none for a server that is alone, which would never get a meta leader with one. */
export function clusterConf(facts: NatsFacts): ClusterConf | undefined {
  if (!isClustered(facts)) return undefined;
  return {
    name: clusterName(facts),
    host: new Variable(POD_IP),
    port: CLUSTER_PORT,
    authorization: { user: ROUTE_USER, password: ROUTE_PASSWORD },
    tls: mutualTls(facts),
    // With the credentials, which nats-server takes from the URLs alone when it connects.
    routes: ROUTES,
    // The others' addresses, which it would tell clients, are not in the certificate.
    ...(requiresTls(facts) && { no_advertise: true }),
    ...facts.extra?.cluster,
  };
}

/** The `gateway` block. */
export function gatewayConf(facts: NatsFacts): GatewayConf | undefined {
  if (!facts.gateway || !isClustered(facts)) return undefined;
  return {
    name: clusterName(facts),
    host: new Variable(POD_IP),
    port: facts.gateway.port ?? GATEWAY_PORT,
    // Also what the server says of itself to the others, whose URLs then need no credentials.
    authorization: { user: GATEWAY_USER, password: GATEWAY_PASSWORD },
    tls: mutualTls(facts),
    reject_unknown_cluster: true,
    gateways: facts.gateway.peers.map(({ name, urls }) => ({ name, urls })),
  };
}

/** The `leafnodes` block. */
export function leafnodesConf(facts: NatsFacts): LeafnodesConf | undefined {
  const { leafnodes, tls } = facts;
  if (!leafnodes) return undefined;
  return {
    ...(leafnodes.listen && {
      host: new Variable(POD_IP),
      port: leafnodes.port ?? LEAFNODE_PORT,
      tls: mutualTls(facts),
    }),
    ...(leafnodes.remotes.length > 0 && {
      remotes: leafnodes.remotes.map((remote) => ({
        urls: remoteUrls(remote),
        account: remote.account,
        deny_imports: remote.deny,
        deny_exports: remote.deny,
        tls: tls && tlsFiles(),
      })),
    }),
  };
}

/** Whether clients are refused without TLS. */
export function requiresTls({ tls }: Pick<NatsFacts, "tls">): boolean {
  return tls?.clients === "required" || tls?.clients === "mutual";
}

/** TLS of the client port. */
export function clientTls({ tls }: Pick<NatsFacts, "tls">): {
  tls?: ListenerTlsConf;
  allow_non_tls?: boolean;
} {
  switch (tls?.clients) {
    case undefined:
    case "off":
      return {};
    case "optional":
      return { tls: tlsFiles(), allow_non_tls: true };
    case "required":
      return { tls: tlsFiles() };
    case "mutual":
      return { tls: { ...tlsFiles(), verify: true } };
  }
}

/**
 * The definitions of the variables of these blocks, for the file that nats.conf includes.
 *
 * @throws Error when a password is missing that the facts ask for.
 */
export function linkSecrets(facts: NatsFacts, passwords: LinkPasswords): string {
  const lines: string[] = [];
  if (isClustered(facts)) {
    const password = required(passwords.cluster, "cluster");
    lines.push(`${ROUTE_PASSWORD.name}: ${natsString(password)}`);
    lines.push(
      urlList(
        ROUTES,
        podHosts(facts).map((host) => withLogin(`nats-route://${host}:${CLUSTER_PORT}`, ROUTE_USER, password)),
      ),
    );
  }
  if (gatewayConf(facts)) {
    lines.push(`${GATEWAY_PASSWORD.name}: ${natsString(required(passwords.gateway, "gateway"))}`);
  }
  for (const remote of facts.leafnodes?.remotes ?? []) {
    const password = required(passwords.leafnodes?.[remote.name], `leafnodes.${remote.name}`);
    lines.push(
      urlList(
        remoteUrls(remote),
        remote.urls.map((url) => withLogin(url, remote.user, password)),
      ),
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

function remoteUrls({ name }: NatsLeafRemote): Variable {
  return new Variable(`LEAFNODE_${name.toUpperCase()}_URLS`);
}

function urlList({ name }: Variable, urls: readonly string[]): string {
  return `${name}: [\n${urls.map((url) => `  ${natsString(url)}\n`).join("")}]`;
}

function withLogin(url: string, user: string, password: string): string {
  return url.replace("://", `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
}

/** The names a certificate of the servers must be for: of each server, of the Services, and of port-forwarding. */
export function certificateNames(facts: NatsNames): string[] {
  const { name, namespace } = facts;
  const headless = headlessName(facts);
  const services = [...new Set([name, headless])];
  return [
    ...services.flatMap((service) => [
      serviceHost(service, namespace),
      `${service}.${namespace.name}.svc`,
      `${service}.${namespace.name}`,
      service,
    ]),
    `*.${serviceHost(headless, namespace)}`,
    "localhost",
  ];
}

function mutualTls({ tls }: NatsFacts): ListenerTlsConf | undefined {
  return tls && { ...tlsFiles(), verify: true };
}

function tlsFiles(): TlsConf {
  return {
    cert_file: `${TLS_DIR}/tls.crt`,
    key_file: `${TLS_DIR}/tls.key`,
    ca_file: `${TLS_DIR}/ca.crt`,
    // A start of many pods on few cores takes longer than nats-server's 2 s.
    timeout: 5,
  };
}

function required(password: string | undefined, name: string): string {
  if (password === undefined) throw new Error(`the NATS cluster needs passwords.${name}`);
  return password;
}
