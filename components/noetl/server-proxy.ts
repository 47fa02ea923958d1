import type * as k8s from "@pulumi/kubernetes";
import { literal } from "../kubernetes/env";
import { RESTRICTED_CONTAINER } from "../kubernetes/pod";
import type { PodTls } from "../tls/pod-tls";

/** Port on which a proxy listens, on addresses that only its own pod reaches. */
export const PROXY_PORT = 15082;
/** Base URL of the server inside a pod with a proxy. */
export const PROXY_URL = `http://127.0.0.1:${PROXY_PORT}`;
/** The same of the replica that owns a shard, `{shard}` in its place: an address for each. */
export const SHARD_PROXY_URL = `http://127.0.1.{shard}:${PROXY_PORT}`;
/** How many shards have an address. */
export const PROXIED_SHARDS = 256;

/** Connections at once; a pool keeps some dozens. */
const CONNECTIONS = 1024;

/** What it may use: its work is the encryption of what its pod says to the server. */
const RESOURCES = {
  requests: { cpu: "10m", memory: "32Mi" },
  limits: { cpu: "500m", memory: "128Mi" },
} satisfies k8s.types.input.core.v1.ResourceRequirements;

/** A server behind a proxy. */
export interface ProxyTarget {
  /** Plain URL inside the pod. */
  from: string;
  /** The server's own URL, https. */
  to: string;
}

/** The server, by its Service. */
export function toServer(url: string): ProxyTarget {
  return { from: PROXY_URL, to: url };
}

/** The replica that owns each shard, by index. */
export function toShards(urls: readonly string[]): ProxyTarget[] {
  return urls.map((to, shard) => ({ from: SHARD_PROXY_URL.replace("{shard}", String(shard)), to }));
}

/**
 * HAProxy's configuration. It passes bytes on and speaks TLS for the program beside it: presents the pod's certificate,
 * and checks the server's chain and name. A name is asked for again while it runs, for pods of a StatefulSet change
 * their addresses.
 */
export function proxyConf(targets: readonly ProxyTarget[], { certificate, ca }: PodTls["paths"]): string {
  const servers = targets.flatMap(({ from, to }, index) => {
    const { hostname, port } = new URL(from);
    const { hostname: host, port: toPort } = new URL(to);
    return [
      `listen server-${index}`,
      `  bind ${hostname}:${port}`,
      `  server server ${host}:${toPort} ssl verify required ca-file ${ca} crt ${certificate} sni str(${host}) resolvers cluster init-addr none`,
    ];
  });
  return [
    "global",
    "  log stderr format raw daemon warning",
    // It would take memory for as many connections as the node allows files.
    `  maxconn ${CONNECTIONS}`,
    // The key of tls.crt is in tls.key, not in tls.crt.key.
    "  ssl-load-extra-del-ext",
    "defaults",
    "  log global",
    "  mode tcp",
    "  timeout connect 5s",
    // An idle connection may wait as long as the slowest request of a client.
    "  timeout client 10m",
    "  timeout server 10m",
    "resolvers cluster",
    "  parse-resolv-conf",
    "  hold valid 5s",
    ...servers,
    "",
  ].join("\n");
}

/**
 * A container beside a program that cannot present a certificate: the program speaks plain HTTP to an address of its own
 * pod, and nobody else can. It starts before all others that speak to the server, and ends after them.
 */
export function serverProxy(
  image: string,
  targets: readonly ProxyTarget[],
  tls: PodTls,
): k8s.types.input.core.v1.Container {
  const { hostname, port } = new URL(targets[0]?.from ?? PROXY_URL);
  return {
    name: "server-proxy",
    image,
    restartPolicy: "Always",
    command: ["sh", "-c", `printf %s "$HAPROXY_CONF" >/tmp/haproxy.cfg && exec haproxy -db -f /tmp/haproxy.cfg`],
    env: [literal("HAPROXY_CONF", proxyConf(targets, tls.paths))],
    startupProbe: { exec: { command: ["nc", "-z", hostname, port] }, periodSeconds: 1, failureThreshold: 60 },
    resources: RESOURCES,
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...tls.volumeMounts],
  };
}
