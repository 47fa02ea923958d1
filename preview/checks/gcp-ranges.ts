import { overlaps } from "../../components/gcp/cidr";
import { at, listOf, numberOf, textOf } from "../json";
import type { ResourceGraph } from "../graph";
import type { Check, Finding } from "./check";
import { GCP, gcpResources } from "./gcp-graph";

/**
 * Google refuses most overlaps when half of the network is there already; of a peered range it does not know, and routes
 * go to the wrong side.
 */
export const gcpRanges: Check = {
  id: "gcp-ranges",
  title: "The address ranges of nodes, pods, Services, Cloud SQL and control plane are apart, and can be reached.",
  scope: "infrastructure",
  run: ({ graph }) => {
    const ranges = rangesOf(graph);
    return [
      ...ranges.flatMap((range, index) => ranges.slice(0, index).flatMap((other) => overlap(range, other))),
      ...ranges.flatMap(ofDocker),
    ];
  },
};

/** A range of addresses, and who takes it. */
interface Range {
  cidr: string;
  /** Setting that says it. */
  key: string;
  of: string;
  urn: string;
}

const SUBNETWORK_KEYS: Record<string, string> = { pods: "network.pods", services: "network.services" };

function rangesOf(graph: ResourceGraph): Range[] {
  const range = (urn: string, of: string, key: string, cidr: string | undefined): Range[] =>
    cidr === undefined ? [] : [{ urn, of, key: `noetl:gcp.${key}`, cidr }];
  return [
    ...gcpResources(graph, GCP.subnetwork).flatMap(({ urn, inputs }) => [
      ...range(urn, "nodes", "network.nodes", textOf(inputs.ipCidrRange)),
      ...listOf(inputs.secondaryIpRanges).flatMap((secondary) => {
        const name = textOf(at(secondary, "rangeName")) ?? "";
        return range(urn, name, SUBNETWORK_KEYS[name] ?? "network", textOf(at(secondary, "ipCidrRange")));
      }),
    ]),
    ...gcpResources(graph, GCP.address).flatMap(({ urn, inputs }) => {
      const address = inputs.purpose === "VPC_PEERING" ? textOf(inputs.address) : undefined;
      const cidr = address === undefined ? undefined : `${address}/${numberOf(inputs.prefixLength) ?? 32}`;
      return range(urn, "Cloud SQL", "network.privateServices", cidr);
    }),
    ...gcpResources(graph, GCP.cluster).flatMap(({ urn, inputs }) =>
      range(
        urn,
        "control plane",
        "cluster.controlPlane",
        textOf(at(inputs.privateClusterConfig, "masterIpv4CidrBlock")),
      ),
    ),
  ];
}

function overlap(range: Range, other: Range): Finding[] {
  if (!overlaps(range.cidr, other.cidr)) return [];
  return [
    {
      severity: "error",
      rule: gcpRanges.id,
      resource: range.urn,
      message: `${range.cidr} of ${range.of} and ${other.cidr} of ${other.of} have addresses in common`,
      fix: `change ${range.key} or ${other.key}`,
    },
  ];
}

/** What Docker gives its bridge on every machine that has it. */
const DOCKER = "172.17.0.0/16";

function ofDocker({ cidr, of, key, urn }: Range): Finding[] {
  if (of !== "Cloud SQL" || !overlaps(cidr, DOCKER)) return [];
  return [
    {
      severity: "error",
      rule: gcpRanges.id,
      resource: urn,
      message: `${cidr} of Cloud SQL has addresses of ${DOCKER}, the bridge of Docker: nothing connects to an instance there`,
      fix: `change ${key}`,
    },
  ];
}
