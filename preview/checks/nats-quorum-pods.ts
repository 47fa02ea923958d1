import { majority, survivableServers } from "../../components/nats/topology";
import { withProfile } from "../../stacks/profile";
import { budgetsOf, evictable, share } from "../budgets";
import type { Json, ResourceGraph } from "../graph";
import { at, isObject, listOf, objectOf, textOf, type JsonObject } from "../json";
import type { NatsServers } from "../nats/servers";
import type { CheckContext, Finding } from "./check";
import type { Group, Report } from "./nats-quorum";

const NODE = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";

/** What Kubernetes may do to the servers of a group, against what the group survives. */
export function podFindings(group: Group, { graph, config }: CheckContext, report: Report): Finding[] {
  const { production } = withProfile(config).traits;
  return [
    ...group.members.flatMap((member) => {
      // One server has no majority to keep, and two lose it with the first that goes, whatever takes it.
      if (survivableServers(member.workload.replicas.count) === 0) return [];
      return [
        ...evictionFindings(member, graph, report),
        ...rolloutFindings(member, report),
        ...probeFindings(member, report),
        ...nodeFindings(member, config.cluster.nodes?.count, report),
        ...(production && group.voters.length === 1 ? zoneFindings(member, report) : []),
      ];
    }),
    ...zonesTogether(group, report),
  ];
}

/** Evictions that a node drain may make at once; that there is a budget, and lets some go, is the policy disruption-budgets. */
function evictionFindings(member: NatsServers, graph: ResourceGraph, report: Report): Finding[] {
  const { workload } = member;
  const servers = workload.replicas.count;
  const allowed = Math.min(...budgetsOf(workload, graph).map((budget) => evictable(budget, servers)));
  if (allowed === Infinity || allowed <= survivableServers(servers)) return [];
  return [
    report(
      member,
      "error",
      `the PodDisruptionBudget lets ${allowed} of ${servers} servers go at once, but ${majority(servers)} must stay`,
      "set its maxUnavailable to 1",
    ),
  ];
}

/** Servers that an update restarts at once. */
function rolloutFindings(member: NatsServers, report: Report): Finding[] {
  const servers = member.workload.replicas.count;
  const { updateStrategy } = objectOf(member.workload.manifest.spec);
  const atOnce = share(at(updateStrategy, "rollingUpdate", "maxUnavailable"), servers) ?? 1;
  if (atOnce <= survivableServers(servers)) return [];
  return [
    report(
      member,
      "error",
      `an update restarts ${atOnce} of ${servers} servers at once (updateStrategy), but ${majority(servers)} must stay`,
      "set updateStrategy.rollingUpdate.maxUnavailable to 1, or leave it out",
    ),
  ];
}

/**
 * Whether each restarted server waits until it has caught up, and nothing restarts servers because others are away. With
 * the probes of the platform's own manifests all three servers were replaced within 0.4 s (nats-server 2.15).
 */
function probeFindings(member: NatsServers, report: Report): Finding[] {
  const { workload } = member;
  const asks = (probe: string): string | undefined => textOf(at(workload.containers[0]?.raw, probe, "httpGet", "path"));
  const gates = [asks("startupProbe"), asks("readinessProbe")].filter(needsQuorum);
  const ordered = at(workload.manifest.spec, "podManagementPolicy") !== "Parallel";
  return [
    ...(gates.length === 0
      ? [
          report(
            member,
            "warning",
            "a restarted server counts as ready before it has caught up, so an update does not wait for it: all servers were seen replaced within 0.4 s, and publishing stopped for 6 s",
            "let the startup probe ask /healthz?js-meta-only=true or plain /healthz (noetl:nats.probes)",
          ),
        ]
      : []),
    ...(gates.length > 0 && ordered
      ? [
          report(
            member,
            "error",
            `the first server is ready only with a leader (${gates[0]}), and Kubernetes starts the second only after it (podManagementPolicy): the cluster never starts`,
            "set podManagementPolicy: Parallel",
          ),
        ]
      : []),
    ...(needsQuorum(asks("livenessProbe"))
      ? [
          report(
            member,
            "error",
            `the liveness probe asks for the leader (${asks("livenessProbe")}): when the majority is lost, Kubernetes restarts the servers that are left`,
            "let it ask /healthz?js-server-only=true",
          ),
        ]
      : []),
  ];
}

/** Whether a probe fails while there is no meta leader. */
function needsQuorum(path: string | undefined): path is string {
  return path !== undefined && /^\/healthz(\?js-meta-only=(true|1))?$/.test(path);
}

/** Servers that may share a node. */
function nodeFindings(member: NatsServers, nodes: number | undefined, report: Report): Finding[] {
  const { podSpec, replicas } = member.workload;
  const servers = replicas.count;
  const strict = antiAffinity(podSpec, "requiredDuringSchedulingIgnoredDuringExecution").includes(NODE);
  if (strict && nodes !== undefined && nodes < servers) {
    return [
      report(
        member,
        "error",
        `no two servers may share a node, but ${servers} servers have ${nodes} (noetl:cluster.nodes): ${servers - nodes} would stay pending`,
        "use more nodes, or let servers share them (preferred instead of required)",
      ),
    ];
  }
  // One node for all is a choice that nothing here can mend.
  if (nodes === 1 || spreads(podSpec, NODE) || spreads(podSpec, ZONE)) return [];
  return [
    report(
      member,
      "warning",
      `nothing keeps the ${servers} servers on different nodes: with the node of two of them, the majority of ${majority(servers)} is lost`,
      `add a topology spread constraint or anti-affinity by ${NODE}`,
    ),
  ];
}

function zoneFindings(member: NatsServers, report: Report): Finding[] {
  const { podSpec, replicas } = member.workload;
  if (spreads(podSpec, ZONE) || zoneOf(podSpec) !== undefined) return [];
  return [
    report(
      member,
      "warning",
      `nothing spreads the ${replicas.count} servers over zones: with the zone of two of them, the majority of ${majority(replicas.count)} is lost`,
      `add a topology spread constraint by ${ZONE}`,
    ),
  ];
}

/** Servers that are bound to zones, of which one holds too many. */
function zonesTogether({ members, servers }: Group, report: Report): Finding[] {
  const zones = new Map<string, NatsServers[]>();
  for (const member of members) {
    const zone = zoneOf(member.workload.podSpec);
    if (zone !== undefined) zones.set(zone, [...(zones.get(zone) ?? []), member]);
  }
  return [...zones].flatMap(([zone, bound]) => {
    const [first] = bound;
    const count = bound.reduce((sum, { workload }) => sum + workload.replicas.count, 0);
    if (!first || count < 2 || count <= survivableServers(servers)) return [];
    return [
      report(
        first,
        "warning",
        `${count} of ${servers} servers are bound to zone ${zone}: without it, ${servers - count} are left and ${majority(servers)} must agree`,
        "spread them over three zones, or put no more than a minority in one",
      ),
    ];
  });
}

function spreads(podSpec: JsonObject, topology: string): boolean {
  const constraints = listOf(podSpec.topologySpreadConstraints).map((constraint) => at(constraint, "topologyKey"));
  const kinds = ["required", "preferred"].map((kind) => `${kind}DuringSchedulingIgnoredDuringExecution`);
  return [...constraints, ...kinds.flatMap((kind) => antiAffinity(podSpec, kind))].includes(topology);
}

/** Topology keys of a pod's anti-affinity. */
function antiAffinity(podSpec: JsonObject, kind: string): (Json | undefined)[] {
  return listOf(at(podSpec.affinity, "podAntiAffinity", kind)).map(
    (term) => at(term, "topologyKey") ?? at(term, "podAffinityTerm", "topologyKey"),
  );
}

/** The one zone that pods are bound to; undefined when there is none, or several to choose from. */
function zoneOf(podSpec: JsonObject): string | undefined {
  const selected = textOf(at(podSpec.nodeSelector, ZONE));
  if (selected !== undefined) return selected;
  const required = at(podSpec.affinity, "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
  const zones = listOf(at(required, "nodeSelectorTerms"))
    .flatMap((term) => listOf(at(term, "matchExpressions")))
    .filter((expression) => isObject(expression) && expression.key === ZONE && expression.operator === "In")
    .flatMap((expression) => listOf(at(expression, "values")));
  return zones.length === 1 ? textOf(zones[0]) : undefined;
}
