import { fatalLosses, majority, survivableServers, type Voters } from "../../components/nats/topology";
import { counted } from "../amounts";
import { isClustered } from "../nats/conf";
import { metaGroupsOf, natsServersOf, unreadableConfs, type NatsServers } from "../nats/servers";
import { title, type Check, type CheckContext, type Finding, type Severity } from "./check";
import { podFindings } from "./nats-quorum-pods";
import { streamFindings } from "./nats-quorum-streams";

/** Says something of a group of servers, at one of them. */
export type Report = (servers: NatsServers, severity: Severity, message: string, fix: string) => Finding;

/** Servers that elect one JetStream leader, as far as they are in the stack. */
export interface Group {
  members: NatsServers[];
  /** All clusters, those outside the stack counted as large as the largest in it. */
  voters: Voters[];
  /** Names of the clusters outside the stack. */
  outside: string[];
  servers: number;
}

/**
 * JetStream works while more than half of the servers of a meta group agree, so what matters is who is in a group, how
 * many may go at once, and whether anything makes more go: evictions, an update that does not wait, a node, a zone.
 */
export const natsQuorum: Check = {
  id: "nats-quorum",
  title: "JetStream keeps its majority through evictions, updates, and the loss of a server, a node or a zone.",
  run: (context) => {
    const nats = natsServersOf(context.graph, context.workloads);
    const streaming = [...nats.values()].filter(({ conf }) => conf.jetstream);
    const groups = metaGroupsOf(nats).map((group) => groupOf(group, nats));
    return [
      ...unreadableConfs(context.graph, context.workloads).map(({ workload, configMap, reason }) => ({
        severity: "error" as const,
        rule: natsQuorum.id,
        resource: workload.resource.urn,
        message: `nobody can read the nats.conf in ConfigMap ${configMap}: ${reason}`,
        fix: "mend the configuration; nats-server would not start with it",
      })),
      ...groups.flatMap((group) => groupFindings(group, context)),
      ...streaming.filter(({ conf }) => !isClustered(conf)).flatMap(aloneFindings),
      ...streamFindings(context.graph, streaming, report),
    ];
  },
};

const report: Report = ({ workload }, severity, message, fix) => ({
  severity,
  rule: natsQuorum.id,
  resource: workload.resource.urn,
  message,
  fix,
});

function groupOf(ids: readonly string[], nats: ReadonlyMap<string, NatsServers>): Group {
  const members = ids.flatMap((id) => nats.get(id) ?? []);
  const outside = ids.flatMap((id) => (id.startsWith("?") ? [id.slice(1)] : []));
  const inside = members.map((member) => ({ name: clusterOf(member), replicas: member.workload.replicas.count }));
  const largest = Math.max(...inside.map(({ replicas }) => replicas));
  const voters = [...inside, ...outside.map((name) => ({ name, replicas: largest }))];
  return { members, voters, outside, servers: voters.reduce((sum, { replicas }) => sum + replicas, 0) };
}

/** Name of the cluster among others. */
function clusterOf({ workload, conf }: NatsServers): string {
  return conf.gateway?.name ?? (conf.cluster === undefined || conf.cluster === "" ? workload.name : conf.cluster);
}

function groupFindings(group: Group, context: CheckContext): Finding[] {
  const [first] = group.members;
  if (!first) return [];
  return [
    report(first, "info", arithmetic(group), advice(group)),
    ...sizeFindings(group),
    ...clusterLossFindings(group, first),
    ...domainFindings(group, first),
    ...podFindings(group, context, report),
  ];
}

/** The sums, for people. */
function arithmetic({ voters, servers, outside }: Group): string {
  const [only] = voters;
  const sum = voters.map(({ name, replicas }) => `${name} ${replicas}`).join(" + ");
  const who = voters.length === 1 && only ? counted(servers, "server") : `${sum} = ${counted(servers, "server")}`;
  const guess = outside.length === 0 ? "" : ` (${outside.join(", ")}: outside this stack, taken to be as large)`;
  const fatal = fatalLosses("quorum", voters);
  const clusters =
    voters.length === 1
      ? ""
      : fatal.length === 0
        ? "; any one cluster may be lost"
        : `; with ${listed(fatal, "or")} lost, none is left to answer`;
  return `${who} elect one JetStream leader${guess}: ${majority(servers)} must agree, ${survivableServers(servers)} may be lost${clusters}`;
}

/** What would survive more. */
function advice({ servers, voters }: Group): string {
  return voters.length === 1 && survivableServers(servers) === 1 ? "5 servers survive the loss of 2" : "";
}

/** An even number in a cluster survives no more than the odd one below. */
function sizeFindings({ members }: Group): Finding[] {
  return members.flatMap((member) => {
    const { count } = member.workload.replicas;
    if (count % 2 !== 0 || count === 0) return [];
    return [
      report(
        member,
        count === 2 ? "error" : "warning",
        `${count} servers need ${majority(count)} and survive ${survivableServers(count)} lost, as ${count - 1} would: the one more only adds a way to fail`,
        `run ${count === 2 ? "1 or 3" : `${count - 1} or ${count + 1}`} servers`,
      ),
    ];
  });
}

function clusterLossFindings(group: Group, first: NatsServers): Finding[] {
  const { voters, servers } = group;
  const fatal = fatalLosses("quorum", voters);
  if (voters.length === 1 || fatal.length === 0) return [];
  const lost = voters.find(({ name }) => name === fatal[0]);
  const left = servers - (lost?.replicas ?? 0);
  return [
    report(
      first,
      "warning",
      `clusters joined by gateways share one group: without ${lost?.name ?? ""}, ${left} of ${servers} are left and ${majority(servers)} must agree, so after about 15 s no stream or consumer can be made or changed in any cluster; streams that exist go on`,
      "add a third cluster that breaks the tie (topology quorum), or join them by leaf nodes (topology independent)",
    ),
  ];
}

function domainFindings({ members }: Group, first: NatsServers): Finding[] {
  const domains = [...new Set(members.map(({ conf }) => conf.domain ?? "none"))];
  if (domains.length < 2) return [];
  return [
    report(
      first,
      "warning",
      `one group with several domains (${domains.join(", ")}): its leader can place streams only in clusters of its own domain ('no suitable peers for placement', 10005), so an election decides where streams may live`,
      "give all clusters that gateways join the same domain (topology quorum), or join them by leaf nodes (topology independent)",
    ),
  ];
}

/** Servers that are no cluster. */
function aloneFindings(servers: NatsServers): Finding[] {
  const { count } = servers.workload.replicas;
  if (count > 1) {
    return [
      report(
        servers,
        "error",
        `${count} pods of ${title(servers.workload)} are ${count} servers that know nothing of each other: with each connection, a client finds other streams`,
        "give them a cluster block with routes to each other, or run one pod",
      ),
    ];
  }
  return [
    report(
      servers,
      "info",
      "1 server: each stream has one copy, nothing is delivered while the server restarts, and memory streams are lost then",
      "3 servers survive the loss of 1",
    ),
  ];
}

/** `a`, `a or b`, `a, b or c`. */
function listed(words: readonly string[], link: string): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} ${link} ${last}`;
}
