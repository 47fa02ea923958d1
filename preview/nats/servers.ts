import { manifestOf, type Manifest, type ResourceGraph } from "../graph";
import { at, listOf, objectOf, textOf } from "../json";
import { workloadsOf, type Workload } from "../workloads";
import { isClustered, natsConfOf, type NatsConf } from "./conf";
import { ConfSyntaxError } from "./conf-reader";

/** A workload that runs nats-server: the servers of one cluster, or one alone. */
export interface NatsServers {
  /** `NAMESPACE/NAME`. */
  id: string;
  workload: Workload;
  conf: NatsConf;
}

/** A nats.conf that cannot be read. */
export interface UnreadableConf {
  workload: Workload;
  configMap: string;
  reason: string;
}

/** All NATS servers of a graph, by {@link NatsServers.id}. */
export function natsServersOf(graph: ResourceGraph, workloads = workloadsOf(graph)): Map<string, NatsServers> {
  const found = new Map<string, NatsServers>();
  for (const { workload, conf } of confsOf(graph, workloads)) {
    const id = `${workload.namespace}/${workload.name}`;
    if (!(conf instanceof ConfSyntaxError)) found.set(id, { id, workload, conf });
  }
  return found;
}

/** Every configuration file of NATS that nats-server would refuse. */
export function unreadableConfs(graph: ResourceGraph, workloads: Workload[]): UnreadableConf[] {
  return confsOf(graph, workloads).flatMap(({ workload, configMap, conf }) =>
    conf instanceof ConfSyntaxError ? [{ workload, configMap, reason: conf.message }] : [],
  );
}

/**
 * The JetStream meta groups: clusters that gateways join share one. A peer that is not in the graph belongs to a group as
 * `?NAME`. Servers without JetStream, and those that are alone, are in none.
 */
export function metaGroupsOf(servers: ReadonlyMap<string, NatsServers>): string[][] {
  const members = [...servers.values()].filter(({ conf }) => conf.jetstream && isClustered(conf));
  const byGateway = new Map(
    members.flatMap(({ id, conf }) => (conf.gateway ? [[conf.gateway.name, id] as const] : [])),
  );
  const groups: Set<string>[] = [];
  for (const { id, conf } of members) {
    const linked = new Set([id, ...(conf.gateway?.peers ?? []).map((peer) => byGateway.get(peer) ?? `?${peer}`)]);
    for (const group of groups.filter((other) => [...other].some((member) => linked.has(member)))) {
      group.forEach((member) => linked.add(member));
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(linked);
  }
  return groups.map((group) => [...group].sort());
}

function confsOf(
  graph: ResourceGraph,
  workloads: Workload[],
): { workload: Workload; configMap: string; conf: NatsConf | ConfSyntaxError }[] {
  const configMaps = configMapsOf(graph);
  return workloads.flatMap((workload) => {
    for (const name of mountedConfigMaps(workload)) {
      const conf = confOf(configMaps.get(`${workload.namespace}/${name}`));
      if (conf) return [{ workload, configMap: name, conf }];
    }
    return [];
  });
}

function confOf(configMap: Manifest | undefined): NatsConf | ConfSyntaxError | undefined {
  for (const [file, text] of Object.entries(objectOf(configMap?.data))) {
    if (typeof text !== "string" || !isNatsConf(file, text)) continue;
    try {
      const conf = natsConfOf(text);
      if (conf) return conf;
    } catch (error) {
      if (error instanceof ConfSyntaxError) return error;
      throw error;
    }
  }
  return undefined;
}

/** Whether it is worth reading: other programs' files need not follow this language. */
function isNatsConf(file: string, text: string): boolean {
  return file.endsWith(".conf") && /^\s*"?(jetstream|gateway|http_port|server_name)"?\s*[:={\s]/im.test(text);
}

/** Names of the ConfigMaps that a workload's pods mount, alone or within a projected volume. */
function mountedConfigMaps({ podSpec }: Workload): string[] {
  return listOf(podSpec.volumes).flatMap((volume) =>
    [volume, ...listOf(at(volume, "projected", "sources"))].flatMap(
      (source) => textOf(at(source, "configMap", "name")) ?? [],
    ),
  );
}

function configMapsOf(graph: ResourceGraph): Map<string, Manifest> {
  return new Map(
    graph.resources.flatMap((resource) => {
      const manifest = manifestOf(resource);
      if (manifest?.kind !== "ConfigMap") return [];
      return [[`${manifest.metadata.namespace ?? "default"}/${manifest.metadata.name}`, manifest] as const];
    }),
  );
}
