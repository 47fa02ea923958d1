import { NOETL_USER } from "../../components/nats/accounts";
import { CLIENT_PORT } from "../../components/nats/facts";
import { tlsListeners } from "./mtls/listeners";
import type { NatsServer } from "./nats";
import type { Platform } from "./platform";

/** The NATS that the platform uses, with the login that its pods have. */
export function platformNats({
  graph,
  config,
  namespace,
}: Pick<Platform, "graph" | "config" | "namespace">): NatsServer {
  const listener = tlsListeners(graph, config).find(
    ({ protocol, port }) => protocol === "nats" && port === CLIENT_PORT,
  );
  const root = listener?.roots.find(({ kind }) => kind === "Secret");
  return {
    endpoint: { kind: "Service", name: "nats", namespace: "nats", port: CLIENT_PORT },
    user: NOETL_USER.user,
    password: { namespace, name: "noetl-nats", key: "NATS_PASSWORD" },
    ...(listener !== undefined &&
      root !== undefined &&
      !listener.plainToo && {
        tls: {
          servername: listener.servername,
          roots: { namespace: root.namespace, name: root.name, key: root.key },
        },
      }),
  };
}
