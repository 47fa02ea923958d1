import { metaGroups, type Topology } from "../../../components/nats/topology";
import type { Answer, ServerReport } from "../../nats/monitoring";
import { distinct } from "../../nats/names";
import type { PlannedCluster } from "../../nats/plan";
import type { Evidence } from "../rig";

/** A supercluster as a stack plans it. */
export interface SuperclusterLinks {
  topology: Topology;
  clusters: readonly PlannedCluster[];
}

/** One server that was to be asked, with its answers; without, it gave none. */
interface Asked {
  server: string;
  report?: ServerReport;
  reason?: string;
}

/**
 * What all servers say of their links, against what the stack plans; against what they say of themselves, a server that
 * was never told of a cluster would be well.
 *
 * @param answers of `NAMESPACE/POD`
 */
export function linkEvidence({ topology, clusters }: SuperclusterLinks, answers: readonly Answer[]): Evidence[] {
  const known = new Map(answers.map(({ place, report }) => [place, report]));
  const asked = new Map(
    clusters.map(({ name, namespace, servers }) => [
      name,
      servers.map((server): Asked => {
        const report = known.get(`${namespace}/${server}`) ?? "was not asked";
        return typeof report === "string" ? { server, reason: report } : { server, report };
      }),
    ]),
  );
  const of = (name: string): Asked[] => asked.get(name) ?? [];
  return [
    ...clusters.flatMap((cluster) => of(cluster.name).flatMap((server) => serverEvidence(cluster, server))),
    ...clusters.flatMap((cluster) => inboundEvidence(cluster, clusters, of(cluster.name))),
    ...metaGroups(
      topology,
      clusters.map(({ name, servers }) => ({ name, replicas: servers.length })),
    ).flatMap(({ clusters: names, servers }) => metaEvidence(names, servers, names.flatMap(of))),
  ];
}

function serverEvidence(cluster: PlannedCluster, { server, report, reason = "" }: Asked): Evidence[] {
  const { name, servers, gateways, leafnodes } = cluster;
  if (report === undefined) {
    return [{ what: `server ${server}`, expected: "answers", seen: reason, ok: false }];
  }
  const { varz, routez, gatewayz, leafz } = report;
  const routes = distinct((routez.routes ?? []).flatMap(({ remote_name: remote }) => remote ?? []));
  const accounts = distinct((leafz.leafs ?? []).flatMap(({ is_spoke: out, account = "" }) => (out ? [account] : [])));
  return [
    compared(
      `name and cluster of ${server}`,
      [server, clusterNameOf(cluster)],
      [varz.server_name, varz.cluster?.name ?? ""],
    ),
    ...(servers.length > 1 ? [compared(`routes of ${server}`, without(servers, server), routes)] : []),
    ...(gateways.length > 0
      ? [compared(`gateways out of ${server}`, gateways, without(Object.keys(gatewayz.outbound_gateways ?? {}), name))]
      : []),
    ...(leafnodes === undefined
      ? []
      : [compared(`leafnode links of ${server} to ${leafnodes.hub}`, leafnodes.accounts, accounts)]),
  ];
}

/** A server that is alone has no cluster block, and so no name of a cluster. */
function clusterNameOf({ name, servers, gateways }: PlannedCluster): string {
  return servers.length > 1 || gateways.length > 0 ? name : "";
}

/** A peer opens its gateways to any of the servers, so that only all of them together know who comes. */
function inboundEvidence(
  { name }: PlannedCluster,
  clusters: readonly PlannedCluster[],
  asked: readonly Asked[],
): Evidence[] {
  const expected = clusters.filter(({ gateways }) => gateways.includes(name)).map((cluster) => cluster.name);
  if (expected.length === 0) return [];
  const from = asked.flatMap(({ report }) =>
    Object.entries(report?.gatewayz.inbound_gateways ?? {}).flatMap(([peer, ways]) => (ways.length > 0 ? [peer] : [])),
  );
  return [compared(`gateways into cluster ${name}`, expected, from)];
}

/** All servers of a group must know all others, and the same leader, which is one of them. */
function metaEvidence(names: readonly string[], servers: number, asked: readonly Asked[]): Evidence[] {
  if (servers === 1) return [];
  const metas = asked.flatMap(({ report }) => (report === undefined ? [] : [report.jsz.meta_cluster]));
  const leaders = distinct(
    metas.flatMap((meta) => (meta?.leader === undefined || meta.leader === "" ? [] : [meta.leader])),
  );
  const sizes = [...new Set(metas.map((meta) => meta?.cluster_size ?? 0))].sort((one, other) => one - other);
  const what = names.length === 1 ? `cluster ${names.join("")}` : `clusters ${names.join(", ")}`;
  const [leader = "none"] = leaders;
  return [
    {
      what: `meta leader of ${what}`,
      expected: "one of its servers",
      seen: leaders.length > 1 ? leaders.join(", ") : leader,
      ok: leaders.length === 1 && asked.some(({ server }) => server === leader),
    },
    {
      what: `servers in the meta group of ${what}`,
      expected: String(servers),
      seen: sizes.length === 0 ? "no answer" : sizes.join(", "),
      ok: sizes.length === 1 && sizes[0] === servers,
    },
  ];
}

function compared(what: string, expected: readonly string[], seen: readonly string[]): Evidence {
  const [wanted, found] = [distinct(expected), distinct(seen)].map((names) => names.join(", "));
  return { what, expected: orNone(wanted), seen: orNone(found), ok: wanted === found };
}

function orNone(names = ""): string {
  return names === "" ? "none" : names;
}

function without(names: readonly string[], left: string): string[] {
  return names.filter((name) => name !== left);
}
