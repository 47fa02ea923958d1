import { CLIENT_PORT, CLUSTER_PORT, MONITORING_PORT } from "../../../components/nats/facts";
import { fatalLosses, majority, membersOf } from "../../../components/nats/topology";
import type { NatsSuperclusterConfig } from "..";
import { isMore, withinLimits } from "./resources";
import { repetitions, rule, when, type Rule, type RuleProblem } from "./rule";

/** A rule about a supercluster; without one there is nothing to say. */
function superclusterRule(title: string, check: (config: NatsSuperclusterConfig) => RuleProblem[]): Rule {
  return rule(title, ["natsSupercluster"], ({ natsSupercluster }) =>
    natsSupercluster.topology === "none" ? [] : check(natsSupercluster),
  );
}

export const distinctClusters = superclusterRule(
  "each cluster of `natsSupercluster` has a `name` of its own",
  ({ clusters }) => {
    const names = clusters.map(({ name }) => name);
    return repetitions(names).map(([index, first]) => ({
      path: ["natsSupercluster", "clusters", index, "name"] as const,
      message: `"${names[index] ?? ""}" is the name of clusters[${first}] already: the cluster would lead to itself`,
      allowed: "a name of its own for each cluster",
      see: ["natsSupercluster", "clusters", first, "name"] as const,
    }));
  },
);

/** Names may differ and domains agree: region `a-cluster-b` with cluster `c`, region `a` with cluster `b-cluster-c`. */
export const distinctDomains = superclusterRule(
  "with `reference` and `independent`, each cluster of `natsSupercluster` has a JetStream domain of its own",
  (config) => {
    if (config.topology === "quorum") return [];
    const members = membersOf(config);
    const domains = members.map(({ domain }) => domain);
    return repetitions(domains).flatMap(([index, first]) =>
      // Of clusters of one name, that is what is told.
      when(members[index]?.name !== members[first]?.name, {
        path: ["natsSupercluster", "clusters", index],
        message: `"${domains[index] ?? ""}" is the JetStream domain of clusters[${first}] already`,
        allowed: "clusters whose domains differ: another name, region or domain",
        see: ["natsSupercluster", "clusters", first],
      }),
    );
  },
);

export const oneDomain = superclusterRule(
  "with `quorum`, all clusters of `natsSupercluster` have the same JetStream domain",
  (config) => {
    if (config.topology !== "quorum") return [];
    const members = membersOf(config);
    const expected = members[0]?.domain ?? "";
    return members.flatMap(({ domain }, index) =>
      when(domain !== expected, {
        path: [
          "natsSupercluster",
          "clusters",
          index,
          ...(config.clusters[index]?.domain === undefined ? [] : ["domain"]),
        ],
        message: `is in JetStream domain "${domain}", clusters[0] in "${expected}": joined by gateways, streams could be placed only in the domain of the meta leader (error 10005)`,
        allowed: "the same domain for all clusters, or no domain at all",
        see: ["natsSupercluster", "clusters", 0],
      }),
    );
  },
);

export const twoInReference = superclusterRule(
  "with `reference`, `natsSupercluster.clusters` are exactly two",
  ({ topology, clusters }) =>
    when(topology === "reference" && clusters.length !== 2, {
      path: ["natsSupercluster", "clusters"],
      message: `${clusters.length === 1 ? "is 1 cluster" : `are ${clusters.length} clusters`}, but the reference has two`,
      allowed: "two clusters, or topology quorum or independent",
      see: ["natsSupercluster", "topology"],
    }),
);

export const survivesAnyCluster = superclusterRule(
  "with `quorum`, the loss of any one cluster of `natsSupercluster` leaves a majority of all servers",
  ({ topology, clusters }) => {
    if (topology !== "quorum") return [];
    const [fatal] = fatalLosses(topology, clusters);
    const index = clusters.findIndex(({ name }) => name === fatal);
    const lost = clusters[index];
    const all = clusters.reduce((sum, { replicas }) => sum + replicas, 0);
    return when(clusters.length < 3 || lost !== undefined, {
      path: ["natsSupercluster", "clusters"],
      message: lost
        ? `without "${lost.name}", ${all - lost.replicas} of ${all} servers are left, and JetStream needs ${majority(all)}`
        : "one cluster alone survives no loss",
      allowed: "three or more clusters, none with half of all servers; the third may be a single server (replicas: 1)",
      see: ["natsSupercluster", "topology"],
    });
  },
);

const FIXED_PORTS = new Map([
  [CLIENT_PORT, "of clients"],
  [CLUSTER_PORT, "of the servers of a cluster"],
  [MONITORING_PORT, "of monitoring"],
]);

export const distinctPorts = superclusterRule(
  "`natsSupercluster.gatewayPort` and `leafnodePort` differ from the ports of clients, monitoring and routes",
  (config) => {
    const [key, number] =
      config.topology === "independent"
        ? (["leafnodePort", config.leafnodePort] as const)
        : (["gatewayPort", config.gatewayPort] as const);
    const taken = FIXED_PORTS.get(number);
    return when(taken !== undefined, {
      path: ["natsSupercluster", key],
      message: `${number} is the port ${taken ?? ""} already`,
      allowed: `a port other than ${[...FIXED_PORTS.keys()].sort().join(", ")}`,
    });
  },
);

export const hubIsCluster = superclusterRule("`natsSupercluster.hub` is the name of one of its clusters", (config) => {
  const names = config.clusters.map(({ name }) => name);
  return when(config.topology === "independent" && config.hub !== undefined && !names.includes(config.hub), {
    path: ["natsSupercluster", "hub"],
    message: `there is no cluster "${config.topology === "independent" ? (config.hub ?? "") : ""}"`,
    allowed: [...new Set(names)].join(", "),
    see: ["natsSupercluster", "clusters"],
  });
});

/** Users that are there without tenants. */
const RESERVED = ["sys", "noetl"];

export const distinctTenants = superclusterRule(
  "each tenant of `natsSupercluster` has a `name` of its own, other than `sys` and `noetl`",
  ({ tenants }) => {
    const names = tenants.map(({ name }) => name);
    return [
      ...names.flatMap((name, index) =>
        when(RESERVED.includes(name), {
          path: ["natsSupercluster", "tenants", index, "name"],
          message: `"${name}" is a user of the platform`,
          allowed: `another name than ${RESERVED.join(" and ")}`,
        }),
      ),
      ...repetitions(names).map(([index, first]) => ({
        path: ["natsSupercluster", "tenants", index, "name"] as const,
        message: `"${names[index] ?? ""}" is the name of tenants[${first}] already`,
        allowed: "a name of its own for each tenant",
        see: ["natsSupercluster", "tenants", first, "name"] as const,
      })),
    ];
  },
);

export const superclusterResources = superclusterRule(
  "what a container requests is at most its limit",
  ({ resources }) => withinLimits(["natsSupercluster"], resources),
);

export const superclusterMemory = superclusterRule(
  "`natsSupercluster.jetstream.memory` is at most `natsSupercluster.resources.limits.memory`",
  ({ jetstream, resources }) =>
    when(isMore(jetstream.memory, resources.limits.memory), {
      path: ["natsSupercluster", "jetstream", "memory"],
      message: `${jetstream.memory} is more than the memory limit of a server, ${resources.limits.memory}`,
      allowed: `at most natsSupercluster.resources.limits.memory, ${resources.limits.memory}`,
      see: ["natsSupercluster", "resources", "limits", "memory"],
    }),
);
