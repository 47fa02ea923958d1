import type { ResourceGraph } from "../../preview/graph";
import { manifestOf } from "../../preview/graph";
import { at, numberOf, textOf } from "../../preview/json";
import { membersOf } from "../../components/nats/topology";
import { memberName } from "../../components/nats/supercluster-facts";
import { jetStreamOf } from "../../stacks/streams";
import type { PlatformConfig } from "../../stacks/schema";
import type { StreamFacts } from "../../components/nats/streams";

/** A cluster of NATS servers as the stack renders it. */
export interface PlannedCluster {
  /** Name of the StatefulSet. */
  statefulSet: string;
  namespace: string;
  /** Name that streams are placed by; that of the StatefulSet without a cluster block. */
  name: string;
  servers: string[];
  region?: string;
  zone?: string;
  domain?: string;
  /** Names of clusters its gateways lead to. */
  gateways: string[];
  /** The cluster its leafnodes lead to, a link for each account; absent for a hub, and without leafnodes. */
  leafnodes?: { hub: string; accounts: string[] };
}

/** NATS as a stack renders it. */
export interface NatsPlan {
  stack: string;
  clusters: PlannedCluster[];
  streams: readonly StreamFacts[];
}

/** Reads the plan out of rendered StatefulSets and their nats.conf. */
export function natsPlan(graph: ResourceGraph, config: PlatformConfig): NatsPlan {
  const manifests = graph.resources.flatMap((resource) => manifestOf(resource) ?? []);
  const hubs = hubsOf(config);
  const clusters = manifests
    .filter(({ kind }) => kind === "StatefulSet")
    .flatMap((set): PlannedCluster[] => {
      const { name: statefulSet, namespace = "" } = set.metadata;
      const conf = manifests.find(
        ({ kind, metadata }) =>
          kind === "ConfigMap" && metadata.namespace === namespace && metadata.name === `${statefulSet}-config`,
      );
      const text = textOf(at(conf?.data, "nats.conf"));
      if (text === undefined) return [];
      const labels = set.metadata.labels;
      const region = textOf(at(labels, "region"));
      const zone = textOf(at(labels, "zone"));
      const domain = setting(block(text, "jetstream"), "domain");
      return [
        {
          statefulSet,
          namespace,
          name: setting(block(text, "cluster"), "name") ?? statefulSet,
          servers: Array.from(
            { length: numberOf(at(set.spec, "replicas")) ?? 1 },
            (_, index) => `${statefulSet}-${index}`,
          ),
          ...(region !== undefined && { region }),
          ...(zone !== undefined && { zone }),
          ...(domain !== undefined && { domain }),
          gateways: gatewaysOf(block(text, "gateway")),
          ...leafnodesOf(block(text, "leafnodes"), hubs.get(statefulSet)),
        },
      ];
    })
    .sort((one, other) => (one.statefulSet < other.statefulSet ? -1 : 1));
  return { stack: graph.stack, clusters, streams: jetStreamOf(config).streams };
}

/** The lines of a block of nats.conf as components/nats/conf-text writes it: its end stands alone at the line's start. */
function block(conf: string, name: string): string {
  return new RegExp(`^${name} \\{\\n([^]*?)^\\}`, "m").exec(conf)?.[1] ?? "";
}

function setting(lines: string, key: string): string | undefined {
  return new RegExp(`^ {2}${key}: "([^"]*)"$`, "m").exec(lines)?.[1];
}

function gatewaysOf(lines: string): string[] {
  const own = setting(lines, "name");
  const names = [...lines.matchAll(/\bname: "([^"]*)"/g)].map(([, name]) => name ?? "");
  return [...new Set(names)].filter((name) => name !== own);
}

function leafnodesOf(lines: string, hub: string | undefined): Pick<PlannedCluster, "leafnodes"> {
  const accounts = [...lines.matchAll(/\baccount: "([^"]*)"/g)].map(([, account]) => account ?? "");
  return hub === undefined || accounts.length === 0 ? {} : { leafnodes: { hub, accounts } };
}

/** Where leafnodes lead, by StatefulSet: nats.conf does not say, its URLs have passwords and stand in a Secret. */
function hubsOf({ natsSupercluster: plan }: PlatformConfig): Map<string, string> {
  const members = plan.topology === "none" ? [] : membersOf(plan);
  return new Map(
    members.flatMap(({ name, leaf }) => (leaf?.role === "spoke" ? [[memberName(name), leaf.hub] as const] : [])),
  );
}
