import type { ClusterSize } from "./facts";
import { clusterUrn, domainOfUrn, tenancyUrn } from "./urn";

/**
 * How the clusters of a supercluster hang together, and so what the loss of one does to the others:
 *
 * - `reference`: two clusters joined by gateways, each with a JetStream domain of its own. One Raft group elects the meta
 *   leader of both, so neither works without the other.
 * - `quorum`: gateways and one domain; the loss of any one cluster leaves a majority.
 * - `independent`: leaf nodes and a domain for each cluster; each elects its own meta leader.
 *
 * @see docs/nats-topologies.md
 */
export type Topology = "reference" | "quorum" | "independent";

/** A cluster as far as elections go. */
export interface Voters {
  name: string;
  /** Servers. */
  replicas: number;
}

/** Servers that elect one JetStream meta leader among them. */
export interface MetaGroup {
  /** Names of the clusters. */
  clusters: string[];
  /** How many servers there are: `meta_cluster.cluster_size` of `/jsz`. */
  servers: number;
  /** How many of them must be up for the JetStream API to answer. */
  quorum: number;
}

/** More than half of the servers. */
export function majority(servers: number): number {
  return Math.floor(servers / 2) + 1;
}

/** How many of the servers may be lost at once. */
export function survivableServers(servers: number): number {
  return servers - majority(servers);
}

/**
 * The groups that elect a JetStream meta leader. Clusters joined by gateways are one group, whatever their domains, since
 * they share a system account; clusters joined by leaf nodes are a group each.
 */
export function metaGroups(topology: Topology, clusters: readonly Voters[]): MetaGroup[] {
  return topology === "independent" ? clusters.map((cluster) => groupOf([cluster])) : [groupOf(clusters)];
}

/** The clusters whose JetStream API stops when those named are lost; a lost cluster is not among them. */
export function stoppedBy(topology: Topology, clusters: readonly Voters[], lost: readonly string[]): string[] {
  const replicas = new Map(clusters.map((cluster) => [cluster.name, cluster.replicas]));
  return metaGroups(topology, clusters).flatMap((group) => {
    const left = group.clusters.filter((name) => !lost.includes(name));
    const votes = left.reduce((sum, name) => sum + (replicas.get(name) ?? 0), 0);
    return votes < group.quorum ? left : [];
  });
}

/** The clusters whose loss stops the JetStream API of another one. */
export function fatalLosses(topology: Topology, clusters: readonly Voters[]): string[] {
  return clusters.map(({ name }) => name).filter((name) => stoppedBy(topology, clusters, [name]).length > 0);
}

/** A cluster as people ask for it. */
export interface ClusterPlan extends Voters {
  replicas: ClusterSize;
  /** Region of the cloud. */
  region: string;
  /** Zone of the region. Default: none in particular. */
  zone?: string | undefined;
  /** JetStream domain. Default: derived from its URN; with `quorum`, from that of the organisation. */
  domain?: string | undefined;
}

/** A supercluster as people ask for it. */
export interface SuperclusterPlan {
  topology: Topology;
  tenant: string;
  org: string;
  clusters: readonly ClusterPlan[];
  /** `independent`: the cluster that all others connect to. Default: the first. */
  hub?: string | undefined;
}

/** One cluster of a supercluster, and what it is to the others. */
export interface Member extends ClusterPlan {
  /** NoETL's name of the cluster. */
  urn: string;
  /** JetStream domain. */
  domain: string;
  /** Names of the clusters that its gateways lead to; empty without gateways. */
  gateways: string[];
  /** Its part in a star of leaf nodes; absent without one. */
  leaf?: { role: "hub" } | { role: "spoke"; hub: string };
}

/** The members of a supercluster, in the order of the plan. */
export function membersOf(plan: SuperclusterPlan): Member[] {
  const { clusters } = plan;
  const hub = plan.hub ?? clusters[0]?.name ?? "";
  return clusters.map((cluster) => {
    const urn = clusterUrn({ ...plan, region: cluster.region, cluster: cluster.name });
    const others = clusters.flatMap(({ name }) => (name === cluster.name ? [] : [name]));
    const derived = plan.topology === "quorum" ? sharedDomain(plan) : domainOfUrn(urn);
    const member = { ...cluster, urn, domain: cluster.domain ?? derived };
    if (plan.topology !== "independent") return { ...member, gateways: others };
    // A second way between two clusters would be a loop, which nats-server refuses.
    const leaf = cluster.name === hub ? ({ role: "hub" } as const) : ({ role: "spoke", hub } as const);
    return { ...member, gateways: [], ...(others.length > 0 && { leaf }) };
  });
}

/** One domain for all clusters of a group: a meta leader can place streams only in clusters of its own domain. */
function sharedDomain(plan: Pick<SuperclusterPlan, "tenant" | "org">): string {
  return domainOfUrn(tenancyUrn(plan));
}

function groupOf(clusters: readonly Voters[]): MetaGroup {
  const servers = clusters.reduce((sum, { replicas }) => sum + replicas, 0);
  return { clusters: clusters.map(({ name }) => name), servers, quorum: majority(servers) };
}
