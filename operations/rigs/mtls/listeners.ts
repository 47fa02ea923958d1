import { CLIENT_PORT, CLUSTER_PORT, GATEWAY_PORT } from "../../../components/nats/facts";
import { manifestOf, type ResourceGraph } from "../../../preview/graph";
import { at, textOf } from "../../../preview/json";
import { workloadsOf, type Container, type Workload } from "../../../preview/workloads";
import type { PlatformConfig } from "../../../stacks/schema";
import type { Protocol } from "./handshake";
import { sourcesOf, type FileSource } from "./mounted";

/** What somebody who connects has: files of the pods that do. */
export interface Credentials {
  /** Roots that the listener is known by, joined in this order. */
  roots: FileSource[];
  /** What is presented to it. Default: nothing. */
  identity?: { certificate: FileSource; key: FileSource };
}

/** A port of the platform that speaks TLS, and what its clients have. */
export interface Listener extends Credentials {
  /** `noetl/noetl-server-rust:8082`. */
  name: string;
  namespace: string;
  /** Labels of the pods that listen. */
  podLabels: Record<string, string>;
  port: number;
  protocol: Protocol;
  /** Name that its clients know it by. */
  servername: string;
  /** Whether it refuses clients without a certificate. */
  mutual: boolean;
  /** Whether it takes clients without TLS, too. */
  plainToo: boolean;
}

/** Everything of a stack that listens with TLS, in the order of its workloads. */
export function tlsListeners(graph: ResourceGraph, config: PlatformConfig): Listener[] {
  const workloads = workloadsOf(graph);
  return workloads.flatMap((workload) => [
    ...serverListeners(workload, workloads),
    ...flightListeners(workload, workloads),
    ...natsListeners(workload, config),
  ]);
}

/** Secrets with the key of the authority that signs, where the cluster has them: those of cert-manager's own roots. */
export function authoritySecrets(graph: ResourceGraph): { namespace: string; secret: string }[] {
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    const secret = textOf(at(manifest?.spec, "secretName"));
    if (manifest?.kind !== "Certificate" || at(manifest.spec, "isCA") !== true || secret === undefined) return [];
    return [{ namespace: manifest.metadata.namespace ?? "", secret }];
  });
}

/** Names of the variables that say where certificate, key and roots are. */
type Variables = Record<"certificate" | "key" | "roots", string>;

const SERVER_CLIENT: Variables = {
  certificate: "NOETL_TLS_CLIENT_CERT",
  key: "NOETL_TLS_CLIENT_KEY",
  roots: "NOETL_TLS_CA",
};

function serverListeners(workload: Workload, workloads: readonly Workload[]): Listener[] {
  return workload.containers.flatMap((container) => {
    const certificate = valueOf(container, "NOETL_TLS_CERT");
    if (certificate === undefined) return [];
    const url = valueOf(container, "NOETL_PUBLIC_SERVER_URL");
    const roots = sourcesOf(workload, container, certificate.replace(/[^/]*$/, "ca.crt"), true);
    return [
      {
        ...placeOf(workload, Number(valueOf(container, "NOETL_PORT") ?? "8082")),
        protocol: "http",
        servername: url === undefined ? `${workload.name}.${workload.namespace}.svc` : new URL(url).hostname,
        mutual: valueOf(container, "NOETL_TLS_CLIENT_CA") !== undefined,
        plainToo: false,
        // Where no pool runs here, the server's own file has the same roots.
        ...(firstCredentials(workloads, (client) => pathsByVariables(client, SERVER_CLIENT)) ?? { roots }),
      },
    ];
  });
}

/** Where playbooks find the files, and the name that they call Flight by. */
const FLIGHT_DIRECTORY = "/etc/noetl/flight";
const FLIGHT_CLIENT: Variables = {
  certificate: `${FLIGHT_DIRECTORY}/client.crt`,
  key: `${FLIGHT_DIRECTORY}/client.key`,
  roots: `${FLIGHT_DIRECTORY}/server-ca.crt`,
};
const FLIGHT_PORT = 8083;

function flightListeners(workload: Workload, workloads: readonly Workload[]): Listener[] {
  return workload.containers.flatMap((container) => {
    if (valueOf(container, "NOETL_FLIGHT_TLS_CERT") === undefined) return [];
    return [
      {
        ...placeOf(workload, FLIGHT_PORT),
        protocol: "http2",
        servername: `noetl.${workload.namespace}.svc.cluster.local`,
        mutual: valueOf(container, "NOETL_FLIGHT_CLIENT_CA") !== undefined,
        plainToo: false,
        // Where clients have no certificate, they have no roots either: whoever looks takes those of the server.
        ...(firstCredentials(workloads, () => FLIGHT_CLIENT) ?? {
          roots: sourcesOf(workload, container, `${FLIGHT_DIRECTORY}/client-ca.crt`, true),
        }),
      },
    ];
  });
}

const NATS_DIRECTORY = "/etc/nats/tls";

/** Clients of NATS are never asked for a certificate; its servers among each other always are. */
function natsListeners(workload: Workload, { nats: { tls } }: PlatformConfig): Listener[] {
  const { kind, namespace, name, containers, replicas } = workload;
  const [server] = containers;
  if (tls === undefined || kind !== "StatefulSet" || name !== "nats" || server === undefined) return [];
  const servername = `${name}.${namespace}.svc.cluster.local`;
  const own = credentialsOf(workload, server, {
    certificate: `${NATS_DIRECTORY}/tls.crt`,
    key: `${NATS_DIRECTORY}/tls.key`,
    roots: `${NATS_DIRECTORY}/ca.crt`,
  });
  const { roots } = own;
  const ofClients = {
    protocol: "nats",
    servername,
    roots,
    mutual: false,
    plainToo: tls.clients === "optional",
  } as const;
  const ofServers = { protocol: "nats-link", servername, ...own, mutual: true, plainToo: false } as const;
  const between = [
    ...(replicas.count > 1 ? [CLUSTER_PORT] : []),
    ...(server.ports.some(({ number }) => number === GATEWAY_PORT) ? [GATEWAY_PORT] : []),
  ];
  return [
    ...(tls.clients === "off" ? [] : [{ ...placeOf(workload, CLIENT_PORT), ...ofClients }]),
    ...between.map((port) => ({ ...placeOf(workload, port), ...ofServers })),
  ];
}

function placeOf({ namespace, name, podLabels }: Workload, port: number) {
  return {
    name: `${namespace}/${name}:${port}`,
    namespace,
    podLabels: Object.fromEntries(
      ["app", "component"].flatMap((key) => {
        const value = textOf(podLabels[key]);
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    port,
  };
}

/** The credentials of the first container that has some by these paths. */
function firstCredentials(
  workloads: readonly Workload[],
  pathsOf: (container: Container) => Variables | undefined,
): Credentials | undefined {
  for (const workload of workloads) {
    for (const container of workload.containers) {
      const paths = pathsOf(container);
      const found = paths && credentialsOf(workload, container, paths);
      if (found?.identity && found.roots.length > 0) return found;
    }
  }
  return undefined;
}

function credentialsOf(workload: Workload, container: Container, paths: Variables): Credentials {
  const [certificate] = sourcesOf(workload, container, paths.certificate);
  const [key] = sourcesOf(workload, container, paths.key);
  return {
    roots: sourcesOf(workload, container, paths.roots, true),
    ...(certificate && key && { identity: { certificate, key } }),
  };
}

function pathsByVariables(container: Container, variables: Variables): Variables | undefined {
  const [certificate, key, roots] = [variables.certificate, variables.key, variables.roots].map((name) =>
    valueOf(container, name),
  );
  return certificate === undefined || key === undefined || roots === undefined
    ? undefined
    : { certificate, key, roots };
}

function valueOf({ env }: Container, name: string): string | undefined {
  return env.find((variable) => variable.name === name)?.value;
}
