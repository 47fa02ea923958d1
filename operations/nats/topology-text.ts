import { counted } from "../../preview/amounts";
import type { Style } from "../../preview/style";
import type { NatsPlan, PlannedCluster } from "./plan";

/** The plan as text. */
export function topologyText({ stack, clusters, streams }: NatsPlan, paint: Style): string {
  return [
    paint.bold(`NATS of ${stack}`),
    ...clusters.flatMap((cluster) => [
      `  ${paint.bold(cluster.name)}  ${clusterFacts(cluster).join(" · ")}`,
      ...cluster.servers.map((server) => `    ${server}`),
      ...linksOf(cluster).map((link) => `    → ${link}`),
    ]),
    ...streams.flatMap((stream) => [
      `  stream ${paint.bold(stream.name)}  ${stream.storage} · ${counted(stream.replicas, "copy", "copies")} · ${stream.subjects.join(", ")}`,
      ...stream.consumers.map(({ name, filterSubject }) => `    ${name}  ${filterSubject}`),
    ]),
    "",
  ].join("\n");
}

/** What a cluster is like, beyond its servers. */
export function clusterFacts({ namespace, servers, region, zone, domain }: PlannedCluster): string[] {
  return [
    counted(servers.length, "server"),
    `namespace ${namespace}`,
    ...(region === undefined ? [] : [`region ${region}`]),
    ...(zone === undefined ? [] : [`zone ${zone}`]),
    ...(domain === undefined ? [] : [`domain ${domain}`]),
  ];
}

/** Where a cluster connects to. */
export function linksOf({ servers, gateways, leafnodes }: PlannedCluster): string[] {
  return [
    ...(servers.length > 1 ? [`routes between its ${servers.length} servers`] : []),
    ...gateways.map((name) => `gateway to cluster ${name}`),
    ...(leafnodes === undefined
      ? []
      : [
          `leafnodes to cluster ${leafnodes.hub}, for ${counted(leafnodes.accounts.length, "account")}: ${leafnodes.accounts.join(", ")}`,
        ]),
  ];
}
