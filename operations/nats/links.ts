import type { ServerReport } from "./monitoring";
import { clusterOf, distinct } from "./names";
import type { StatusFinding } from "./status";

/** Each server has its own way out to each peer; the ways in are spread over the cluster, so they are summed up. */
export function gatewayFindings(reports: readonly ServerReport[]): StatusFinding[] {
  const reached = new Set(reports.map(({ varz }) => clusterOf(varz)));
  const ways = reports.flatMap(({ varz, gatewayz }) =>
    (varz.gateway?.gateways ?? [])
      .filter(({ name }) => name !== varz.gateway?.name)
      .map(({ name }) => ({ server: varz.server_name, name, open: gatewayz.outbound_gateways?.[name] !== undefined })),
  );
  const isLost = (name: string): boolean => !reached.has(name) && ways.every((way) => way.name !== name || !way.open);
  const lost = distinct(ways.map(({ name }) => name).filter(isLost)).map((name): StatusFinding => ({
    severity: "error",
    about: `cluster ${name}`,
    problem: "is lost: none of its servers answers, and no gateway leads to it",
    next: "bring it back; the others go on while a majority of the meta group's servers runs",
  }));
  const outbound = ways
    .filter(({ name, open }) => !open && !isLost(name))
    .map(({ server, name }): StatusFinding => ({
      severity: "error",
      about: server,
      problem: `has no gateway to cluster ${name}`,
      next: `check that cluster ${name} runs, and its headless Service and port 7222 from here`,
    }));
  const clusters = distinct(reports.map(({ varz }) => clusterOf(varz)).filter((name) => name !== ""));
  const inbound = clusters.flatMap((cluster): StatusFinding[] => {
    const members = reports.filter(({ varz }) => clusterOf(varz) === cluster);
    const expected = clusters.filter((other) => other !== cluster && pointsAt(reports, other, cluster));
    const silent = expected.filter((other) =>
      members.every(({ gatewayz }) => (gatewayz.inbound_gateways?.[other] ?? []).length === 0),
    );
    return silent.map((other) => ({
      severity: "error",
      about: `cluster ${cluster}`,
      problem: `none of its servers has a gateway coming in from cluster ${other}`,
      next: `see whether servers of ${other} log gateway errors: name, password or certificate`,
    }));
  });
  return [...lost, ...outbound, ...inbound];
}

function pointsAt(reports: readonly ServerReport[], from: string, to: string): boolean {
  return reports.some(
    ({ varz }) => clusterOf(varz) === from && (varz.gateway?.gateways ?? []).some(({ name }) => name === to),
  );
}

/** A server has a link to its hub for each account; a hub does not know how many it should have. */
export function leafnodeFindings({ varz, leafz }: ServerReport): StatusFinding[] {
  const linked = (leafz.leafs ?? []).filter(({ is_spoke: out }) => out === true).map(({ account }) => account);
  return (varz.leaf?.remotes ?? [])
    .filter(({ local_account: account }) => !linked.includes(account))
    .map(({ local_account: account = "$G", urls = [] }) => ({
      severity: "error",
      about: varz.server_name,
      problem: `has no leafnode link for account ${account} to ${urls.join(", ")}; no message of it crosses`,
      next: "check that the other cluster runs, and that its leafnode port can be reached from here; look for leafnode errors in the log",
    }));
}
