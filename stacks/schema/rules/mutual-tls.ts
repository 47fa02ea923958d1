import { PROXIED_SHARDS, PROXY_PORT } from "../../../components/noetl/server-proxy";
import { rule, when, type RuleProblem } from "./rule";

export const authorityForServer = rule(
  "`server.tls` needs somebody who signs, `tls.mode`",
  ["server", "tls"],
  ({ server, tls }) =>
    when(server.tls !== "off" && tls.mode === "off", {
      path: ["server", "tls"],
      message: `"${server.tls}" needs a certificate, and nobody signs one: tls.mode is off`,
      allowed: '"off", unless tls.mode is builtIn, certManager, issuer or given',
      next: "add noetl:tls with a mode; docs/components/tls.md has one for each kind of cluster",
      see: ["tls"],
    }),
);

/** Workers call back on it; a server with TLS closes the connection of whoever speaks plain HTTP. */
export const httpsPublicUrl = rule(
  "with `server.tls` on, `server.publicUrl` begins with https",
  ["server"],
  ({ server: { tls, publicUrl } }) =>
    when(tls !== "off" && publicUrl?.startsWith("http:") === true, {
      path: ["server", "publicUrl"],
      message: `${publicUrl ?? ""} is plain HTTP, which a server with TLS does not answer`,
      allowed: "an https URL, or none: the default is that of the Service",
      see: ["server", "tls"],
    }),
);

/** It takes the server's URL from each command, and has a setting neither for a certificate nor for a root. */
export const rustWithTls = rule(
  "with `server.tls` on, every pool of `workerPools` is a Rust one",
  ["server", "workerPools"],
  ({ server, workerPools }) =>
    workerPools.flatMap(({ runtime }, index) =>
      when(server.tls !== "off" && runtime === "python", {
        path: ["workerPools", index, "runtime"],
        message:
          "the Python worker can neither present a certificate nor be told of a root, as it must with server.tls",
        allowed: '"rust", unless server.tls is off',
        see: ["server", "tls"],
      }),
    ),
);

export const proxyPort = rule(
  `with \`server.tls\` on, \`server.port\` and \`gateway.port\` are not ${PROXY_PORT}, the port of the proxies beside them`,
  ["server", "gateway"],
  ({ server, gateway }) =>
    (["server", "gateway"] as const).flatMap((section) =>
      when(server.tls !== "off" && { server, gateway }[section]?.port === PROXY_PORT, {
        path: [section, "port"],
        message: `${PROXY_PORT} is the port of the proxy that is in the same pod with server.tls`,
        allowed: "another port",
        see: ["server", "tls"],
      }),
    ),
);

export const proxiedShards = rule(
  `with \`server.tls\` on, there are at most ${PROXIED_SHARDS} replicas that own a shard each`,
  ["server"],
  ({ server: { tls, replicas, shards } }) =>
    when(tls !== "off" && replicas > 1 && shards.count > PROXIED_SHARDS, {
      path: ["server", "shards", "count"],
      message: `${shards.count} shards are more than a proxy has addresses for, which pods have with server.tls`,
      allowed: `a whole number from 1 to ${PROXIED_SHARDS}`,
      see: ["server", "tls"],
    }),
);

export const authorityForNats = rule(
  "`nats.tls.platform` needs `server.tls`, and an authority that signs in namespace `nats`, too",
  ["nats", "server", "tls"],
  ({ nats, server, tls }): RuleProblem[] => {
    if (!nats.tls?.platform) return [];
    const isOfOneNamespace =
      (tls.mode === "certManager" && tls.ca.kind === "Issuer") ||
      (tls.mode === "issuer" && tls.issuer.kind === "Issuer");
    return [
      ...when(server.tls === "off", {
        path: ["nats", "tls", "platform"],
        message:
          "the platform's clients would not know its root: they get it with their certificate, which they have with server.tls",
        allowed: "false, unless server.tls is tls or mutual",
        see: ["server", "tls"],
      }),
      ...when(server.tls !== "off" && isOfOneNamespace, {
        path: ["nats", "tls", "platform"],
        message: "nobody signs it: an Issuer of namespace noetl does so only there, and that is who signs for tls",
        allowed: "false, unless noetl:tls is builtIn, given or has a ClusterIssuer",
        next: tls.mode === "certManager" ? "set tls.ca.kind: ClusterIssuer" : "set tls.issuer to a ClusterIssuer",
        see: ["tls"],
      }),
    ];
  },
);

/** Server, workers and gateway know no root but the one they get from the platform's authority. */
export const natsClientsKnowRoot = rule(
  "`nats.tls.clients: required` needs `nats.tls.platform`",
  ["nats"],
  ({ nats }) =>
    when(nats.tls?.clients === "required" && !nats.tls.platform, {
      path: ["nats", "tls", "clients"],
      message: "the platform's own clients would not know who signed the certificate of NATS, and could not connect",
      allowed: '"off" or "optional", unless nats.tls.platform is true',
      see: ["nats", "tls"],
    }),
);

/** The controller is not of the platform, and what is declared for it says nothing of a root. */
export const bootstrapWithTls = rule(
  "with `nats.tls.clients: required`, `streams.by` is not `nack`",
  ["nats", "streams"],
  ({ nats, streams }) =>
    when(nats.tls?.clients === "required" && streams.mode === "declared" && streams.by === "nack", {
      path: ["streams", "by"],
      message: "the JetStream controller would not know who signed the certificate of NATS, and could not connect",
      allowed: '"bootstrap", unless nats.tls.clients is off or optional',
      see: ["nats", "tls", "clients"],
    }),
);
