import { isIP } from "node:net";
import type { PlatformConfig } from "../../stacks/schema";
import { manifestOf, type ResourceGraph } from "../graph";
import { at, listOf, numberOf, textOf, type JsonObject } from "../json";
import type { Container, EnvVariable, Workload } from "../workloads";
import { SOMEWHERE } from "./actors";
import { selects } from "./selector";
import { podOf, type Place } from "./world";

/** Where a variable of a container leads to. */
export interface Target {
  /** Names of the variables that say so. */
  variable: string;
  container: string;
  host: string;
  port: number;
}

/** A place that a target may be, and what people call it. */
export interface Destination {
  name: string;
  place: Place;
  port: number;
}

/** Ports of URLs that name none. */
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  nats: 4222,
  tls: 4222,
  postgres: 5432,
  postgresql: 5432,
  redis: 6379,
};

/** Variables with a URL that the container tells others, or listens at, and does not call. */
const NOT_CALLED = new Set([
  "NOETL_PUBLIC_SERVER_URL",
  "NOETL_HOST",
  "GATEWAY_PUBLIC_URL",
  "GATEWAY_AUTH0_REDIRECT_URI",
  "GATEWAY_AUTH0_AUDIENCE",
  "CORS_ALLOWED_ORIGINS",
]);

const URL_PATTERN = /\b([a-z][a-z0-9+.-]*):\/\/(?:[^\s/@"'<>]*@)?(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?/g;

/** Everything that the environment of a workload's containers leads to, each host and port once a container. */
export function targetsOf(workload: Workload, config: PlatformConfig): Target[] {
  const targets = [...workload.initContainers, ...workload.containers].flatMap((container) =>
    container.env.flatMap((variable) =>
      NOT_CALLED.has(variable.name) ? [] : variableTargets(variable, container, config),
    ),
  );
  const merged = new Map<string, Target>();
  for (const target of targets.filter(({ host }) => !isSelf(host))) {
    const key = `${target.container} ${target.host}:${target.port}`;
    const known = merged.get(key);
    merged.set(key, known ? { ...known, variable: `${known.variable}, ${target.variable}` } : target);
  }
  return [...merged.values()];
}

function variableTargets({ name, value, valueFrom }: EnvVariable, container: Container, config: PlatformConfig) {
  const target = (host: string, port: number): Target => ({ variable: name, container: container.name, host, port });
  if (value === undefined) {
    return secretTargets(name, valueFrom, container, config).map(([host, port]) => target(host, port));
  }
  // `http://server-{shard}.…`: any shard is like the first.
  const text = value.replaceAll(/\{[a-z_]+\}/g, "0");
  const urls = [...text.matchAll(URL_PATTERN)].flatMap(([, scheme = "", host = "", port]) => {
    const number = port === undefined ? DEFAULT_PORTS[scheme] : Number(port);
    return number === undefined ? [] : [target(host.replaceAll(/[[\]]/g, ""), number)];
  });
  return [...urls, ...hostTargets(name, value, container).map(([host, port]) => target(host, port))];
}

/** `POSTGRES_HOST` with `POSTGRES_PORT`, `PGHOST` with `PGPORT`. */
function hostTargets(name: string, value: string, { env }: Container): [host: string, port: number][] {
  if (!name.endsWith("HOST") || value.includes("/")) return [];
  const port = Number(env.find((one) => one.name === name.replace(/HOST$/, "PORT"))?.value ?? NaN);
  return Number.isInteger(port) ? [[value, port]] : [];
}

/** What stands in a Secret is never read; of the platform's own Secrets it is known where they lead to. */
function secretTargets(
  name: string,
  from: JsonObject | undefined,
  container: Container,
  { secrets }: PlatformConfig,
): [host: string, port: number][] {
  if (at(from, "secretKeyRef") === undefined) return [];
  if (name === "NATS_URL" || name === "NOETL_NATS_URL") return [["nats.nats.svc.cluster.local", 4222]];
  const isOwn = name === "NOETL_CLUSTER_DSN" || (name === "NOETL_SHARDS" && secrets.shardDsns === undefined);
  if (!isOwn) return [];
  // Databases of one instance: where the container's plain variables lead to.
  return container.env.flatMap((one) =>
    one.name === "POSTGRES_HOST" || one.name === "PGHOST" ? hostTargets(one.name, one.value ?? "", container) : [],
  );
}

function isSelf(host: string): boolean {
  return host === "localhost" || host === "0.0.0.0" || host === "::" || host === "::1" || host.startsWith("127.");
}

/**
 * The pods behind a Service of the graph, or whatever else a host means. None for a Service of the platform's namespaces
 * that does not exist.
 */
export function destinationsOf(
  { host, port }: Pick<Target, "host" | "port">,
  caller: Workload,
  graph: ResourceGraph,
  workloads: readonly Workload[],
): Destination[] {
  const found = serviceName(host, caller.namespace);
  if (!found) return [{ name: host, place: { kind: "outside", address: isIP(host) ? host : SOMEWHERE }, port }];
  const service = graph.resources
    .flatMap((resource) => manifestOf(resource) ?? [])
    .find(
      ({ kind, metadata }) =>
        kind === "Service" && metadata.name === found.name && metadata.namespace === found.namespace,
    );
  if (!service) {
    const isOurs = workloads.some(({ namespace }) => namespace === found.namespace);
    const place: Place = { kind: "pod", namespace: found.namespace, labels: {}, ports: [] };
    return isOurs ? [] : [{ name: host, place, port }];
  }
  const selector = { matchLabels: at(service.spec, "selector") ?? {} };
  return (
    workloads
      .filter((one) => one.namespace === found.namespace && selects(selector, one.podLabels))
      // A pod always reaches itself.
      .filter((one) => one !== caller || one.replicas.max > 1)
      .map((one) => ({
        name: `${one.namespace}/${one.name}`,
        place: podOf(one),
        port: podPort(service.spec, port, one),
      }))
  );
}

/** `SERVICE.NAMESPACE.svc…`, `POD.SERVICE.NAMESPACE.svc…`, or a Service of the caller's namespace. */
function serviceName(host: string, home: string): { name: string; namespace: string } | undefined {
  const parts = host.replace(/\.cluster\.local$/, "").split(".");
  if (parts.length === 1) return { name: host, namespace: home };
  if (parts.at(-1) !== "svc") return undefined;
  const [namespace = "", name = ""] = parts.slice(0, -1).reverse();
  return { name, namespace };
}

/** The port of a pod that a Service's port leads to. */
function podPort(spec: JsonObject[string] | undefined, port: number, workload: Workload): number {
  const entry = listOf(at(spec, "ports")).find((one) => numberOf(at(one, "port")) === port);
  const target = at(entry, "targetPort");
  if (typeof target === "number") return target;
  const name = textOf(target);
  const ports = workload.containers.flatMap((container) => container.ports);
  return ports.find((one) => one.name === name)?.number ?? port;
}
