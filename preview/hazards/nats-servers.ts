import { counted } from "../amounts";
import { isClustered } from "../nats/conf";
import { majority } from "../../components/nats/topology";
import type { NatsServers } from "../nats/servers";
import { natsKey, natsPairs, type Change, type Danger, type Hazard } from "./hazard";
import { BACKUP, RESTART, RESTORE, STOP } from "./steps";

export const standaloneToCluster: Hazard = {
  id: "nats-standalone-to-cluster",
  title: "A single NATS server becomes a cluster",
  why: "a cluster does not take over the streams of a server that was alone: they are invisible at once, and after 30 s the server deletes their files ('Detected orphaned stream, will cleanup')",
  safeWay: [
    STOP,
    BACKUP,
    "Deploy with a waiver for this rule. Wait until every server is ready and the logs have said 'Detected orphaned stream'.",
    RESTORE,
    "Give each stream its copies: nats stream edit NAME --replicas 3",
    RESTART,
  ],
  find: (change) =>
    natsPairs(change).flatMap(({ before, after }) =>
      holdsStreams(before, after) && !isClustered(before.conf) && isClustered(after.conf)
        ? [serversDanger(before, after, "without a cluster", "in one")]
        : [],
    ),
};

export const clusterToStandalone: Hazard = {
  id: "nats-cluster-to-standalone",
  title: "A NATS cluster becomes a single server",
  why: "a single server refuses streams of several copies ('replicas > 1 not supported in non-clustered mode', then 'stream not found'), and a stream of one copy stays only if it lay on this server's volume; with all servers back, all streams are back",
  safeWay: [
    STOP,
    "Take each stream down to one copy: nats stream edit NAME --replicas 1",
    BACKUP,
    "Deploy with a waiver for this rule, and keep the volume claims of the other servers.",
    "Compare nats stream ls with the backup, and restore what is missing: nats stream restore ./nats-backup/NAME",
    `${RESTART} Delete the other volume claims when all is well.`,
  ],
  find: (change) =>
    natsPairs(change).flatMap(({ before, after }) =>
      holdsStreams(before, after) && isClustered(before.conf) && !isClustered(after.conf)
        ? [serversDanger(before, after, "in a cluster", "without one")]
        : [],
    ),
};

export const quorumLost: Hazard = {
  id: "nats-quorum-lost",
  title: "Too few servers of a JetStream meta group stay together",
  why: "the group goes on counting the servers that left, so without a majority it has no leader for good: no stream or consumer can be made, changed or deleted ('JetStream system temporarily unavailable', 10008), and no server can be removed from the group any more",
  safeWay: [
    "Move the streams off the servers that leave: nats stream edit NAME --cluster OTHER, or --replicas 3 and then nats stream cluster peer-remove NAME SERVER",
    "Take the last server away, kubectl -n NAMESPACE scale statefulset NAME --replicas LESS, and tell the group while it still has a majority (user sys): nats server cluster peer-remove SERVER",
    "Repeat until only the servers that stay are left (user sys): nats server report jetstream",
    "Deploy with a waiver for this rule.",
  ],
  find: quorumDangers,
};

export const serversRemoved: Hazard = {
  id: "nats-servers-removed",
  title: "Servers leave a NATS cluster",
  why: "streams whose copies were mostly on those servers stop ('stream is offline', 10118), and the meta group goes on counting them: each further loss weighs more",
  safeWay: [
    "See what lies on the servers that leave, those with the highest numbers (user sys): nats server report jetstream; nats stream report",
    "Give streams of one copy three: nats stream edit NAME --replicas 3",
    "Move each copy away: nats stream cluster peer-remove NAME SERVER",
    "Take the last server away, kubectl -n NAMESPACE scale statefulset NAME --replicas LESS, and tell the group (user sys): nats server cluster peer-remove SERVER. Then the next one.",
    "Deploy with a waiver for this rule. Delete the volume claims of the servers that left when all is well.",
  ],
  find: (change) => {
    const told = new Set(quorumDangers(change).map(({ resource }) => resource));
    return natsPairs(change).flatMap(({ before, after }) =>
      holdsStreams(before, after) &&
      isClustered(before.conf) &&
      isClustered(after.conf) &&
      replicas(after) < replicas(before) &&
      !told.has(after.workload.resource.urn)
        ? [serversDanger(before, after, "in a cluster", "in it")]
        : [],
    );
  },
};

export const serversRenamed: Hazard = {
  id: "nats-servers-renamed",
  title: "The servers of a NATS cluster get other names",
  why: "JetStream knows its members by their names, so it waits for servers that never come back and counts the new ones beside them: no leader, no streams ('JetStream system temporarily unavailable', 10008)",
  safeWay: [
    STOP,
    BACKUP,
    "Deploy a cluster of the new names on new volumes, with a waiver for this rule.",
    RESTORE,
    RESTART,
  ],
  find: (change) =>
    natsPairs(change).flatMap(({ before, after }) => {
      const [was, is] = [before.conf.serverName, after.conf.serverName];
      const renamed = was !== undefined && is !== undefined && was !== is;
      if (!renamed || !holdsStreams(before, after) || !isClustered(before.conf) || !isClustered(after.conf)) return [];
      return [
        {
          resource: after.workload.resource.urn,
          what: `server_name ${was} becomes ${is}`,
          avoid: `keep server_name: ${was}`,
        },
      ];
    }),
};

export const populatedJoin: Hazard = {
  id: "nats-populated-join",
  title: "NATS clusters that hold data are joined by gateways",
  why: "joined clusters share one list of streams, and only one side's list survives: streams of the other disappear from it, on some servers with their files, while others go on acknowledging messages to them",
  safeWay: [
    "Choose the cluster that keeps its data; it must be the only one that has any.",
    "Stop what writes to the others, and back up their streams there: nats account backup ./nats-backup",
    "Remove the others' StatefulSets and volume claims, and deploy them empty, with the gateways and a waiver for this rule. An empty cluster joins one that holds data without loss.",
    "Restore their streams where they shall live: nats account restore ./nats-backup --cluster NAME",
    "Or join nothing: independent clusters with leaf nodes keep their own streams.",
  ],
  find: joinDangers,
};

/** Whether both sides are JetStream servers; what happens when JetStream goes is another rule's. */
function holdsStreams(before: NatsServers, after: NatsServers): boolean {
  return before.conf.jetstream && after.conf.jetstream;
}

function serversDanger(before: NatsServers, after: NatsServers, was: string, is: string): Danger {
  const old = replicas(before);
  return {
    resource: after.workload.resource.urn,
    what: `${counted(old, "server")} ${was} ${old === 1 ? "becomes" : "become"} ${counted(replicas(after), "server")} ${is}`,
    avoid: `keep ${natsKey(after)}.replicas at ${old}`,
  };
}

function quorumDangers({ before, after }: Change): Danger[] {
  return before.groups.flatMap((group) => {
    const members = group.flatMap((id) => before.nats.get(id) ?? []);
    // A member outside the stack has servers that nothing here tells the number of.
    if (members.length < group.length) return [];
    const size = members.reduce((sum, member) => sum + replicas(member), 0);
    return after.groups.flatMap((now) => {
      const together = members.flatMap((member) => {
        const same = now.includes(member.id) ? after.nats.get(member.id) : undefined;
        return same ? [{ server: same, count: Math.min(replicas(member), replicas(same)) }] : [];
      });
      const [first] = together;
      const stay = together.reduce((sum, { count }) => sum + count, 0);
      if (!first || stay >= majority(size)) return [];
      return [
        {
          resource: first.server.workload.resource.urn,
          what: `of a meta group of ${counted(size, "server")}, which needs ${majority(size)}, ${stay} ${stay === 1 ? "stays" : "stay"} together`,
          avoid: `keep ${group.join(" and ")} as they are (${natsKey(first.server)})`,
        },
      ];
    });
  });
}

function joinDangers({ before, after }: Change): Danger[] {
  return after.groups.flatMap((group) => {
    const former = new Map<string, string>();
    for (const member of group) {
      const origin = originOf(member, before);
      if (origin !== undefined && !former.has(origin)) former.set(origin, member);
    }
    const own = [...former.values()].flatMap((member) => after.nats.get(member) ?? []);
    const [first] = own;
    if (!first || former.size < 2) return [];
    const names = [...former.values()].map((member) =>
      member.startsWith("?") ? `${member.slice(1)} (not in this stack: perhaps it is empty)` : member,
    );
    return [
      {
        resource: first.workload.resource.urn,
        what: `${names.join(" and ")} are joined by gateways`,
        avoid: `leave out the gateway between them (${natsKey(first)})`,
      },
    ];
  });
}

/** The meta group that a member's data came from; undefined when it is new and so empty. */
function originOf(member: string, { nats, groups }: Change["before"]): string | undefined {
  const name = member.slice(1);
  const id = member.startsWith("?")
    ? ([...nats.values()].find(({ conf }) => conf.gateway?.name === name)?.id ?? member)
    : member;
  const group = groups.find((candidate) => candidate.includes(id));
  if (group) return group.join();
  return id.startsWith("?") ? id : undefined;
}

function replicas({ workload }: NatsServers): number {
  return workload.replicas.count;
}
