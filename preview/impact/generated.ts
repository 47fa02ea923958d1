import { quantityOf } from "../amounts";
import type { FieldChange } from "../field-changes";
import type { Resource } from "../graph";
import { concerns } from "./paths";
import type { Effect } from "./report";

/** What a resource of another provider is made anew for. */
interface Row {
  /** Beginning of the type token. */
  type: string;
  /** Fields in the notation of `concerns`; `*` is any. */
  fields: readonly string[];
  /** Only when the amount becomes smaller, or the range of addresses narrower. */
  shrinks?: true;
}

const RANDOM = "a random value is made once: with other settings it is made anew";
const GOOGLE = "the field is fixed at Google: the resource is deleted and made anew";

/**
 * Of `random`: the schemas of pulumi/random, where every input replaces. Of `gcp`: ForceNew and ForceNewIfChange in
 * google/services of hashicorp/terraform-provider-google, August 2026, the provider behind @pulumi/gcp; only the types that
 * components/gcp makes and the fields it sets.
 */
const REPLACED: readonly Row[] = [
  { type: "random:", fields: ["*"] },
  {
    type: "gcp:sql/databaseInstance:",
    fields: ["name", "region", "project", "encryptionKeyName", "settings.collation"],
  },
  { type: "gcp:sql/databaseInstance:", fields: ["settings.diskSize"], shrinks: true },
  { type: "gcp:sql/database:", fields: ["name", "instance", "project"] },
  { type: "gcp:sql/user:", fields: ["name", "instance", "host", "type", "project"] },
  {
    type: "gcp:container/cluster:",
    fields: [
      "name",
      "location",
      "project",
      "description",
      "network",
      "subnetwork",
      "clusterIpv4Cidr",
      "datapathProvider",
      "defaultMaxPodsPerNode",
      "enableAutopilot",
      "initialNodeCount",
      "ipAllocationPolicy",
      "networkingMode",
      "privateClusterConfig.masterIpv4CidrBlock",
      "privateClusterConfig.privateEndpointSubnetwork",
    ],
  },
  {
    type: "gcp:container/nodePool:",
    fields: ["name", "cluster", "location", "project", "initialNodeCount", "maxPodsPerNode", "placementPolicy"],
  },
  {
    type: "gcp:container/nodePool:",
    fields: ["nodeConfig.spot", "nodeConfig.preemptible", "nodeConfig.serviceAccount", "nodeConfig.oauthScopes"],
  },
  { type: "gcp:compute/network:", fields: ["name", "project", "autoCreateSubnetworks", "description"] },
  { type: "gcp:compute/subnetwork:", fields: ["name", "project", "region", "network", "description"] },
  { type: "gcp:compute/subnetwork:", fields: ["ipCidrRange"], shrinks: true },
  { type: "gcp:compute/router:", fields: ["name", "project", "region", "network"] },
  { type: "gcp:compute/routerNat:", fields: ["name", "project", "region", "router", "type"] },
  {
    type: "gcp:compute/globalAddress:",
    fields: [
      "name",
      "project",
      "address",
      "addressType",
      "description",
      "ipVersion",
      "network",
      "prefixLength",
      "purpose",
    ],
  },
  { type: "gcp:compute/firewall:", fields: ["name", "project", "network", "direction"] },
  {
    type: "gcp:artifactregistry/repository:",
    fields: ["repositoryId", "project", "location", "format", "mode", "kmsKeyName"],
  },
  { type: "gcp:serviceaccount/account:", fields: ["accountId", "project"] },
  { type: "gcp:servicenetworking/connection:", fields: ["network", "service"] },
  { type: "gcp:projects/service:", fields: ["service", "project"] },
  { type: "gcp:firestore/database:", fields: ["name", "project", "locationId", "databaseEdition", "tags"] },
  { type: "gcp:firestore/index:", fields: ["*"] },
  { type: "gcp:secretmanager/secret:", fields: ["secretId", "project", "replication"] },
  { type: "gcp:secretmanager/secretVersion:", fields: ["secret", "secretData", "isSecretDataBase64"] },
  // A grant has no other fields than those that say what it is.
  ...["serviceaccount/iAMMember", "projects/iAMMember", "artifactregistry/repositoryIamMember"].map((type): Row => ({
    type: `gcp:${type}:`,
    fields: ["*"],
  })),
  { type: "gcp:secretmanager/secretIamMember:", fields: ["*"] },
  { type: "kubernetes:helm.sh/v3:Release", fields: ["name", "namespace"] },
];

/** What a change does to a resource of another provider. */
export function generatedAnew({ type }: Resource, changes: readonly FieldChange[]): Effect[] {
  const rows = REPLACED.filter((row) => type.startsWith(row.type));
  const replaces = (change: FieldChange): boolean =>
    rows.some(
      ({ fields, shrinks }) =>
        (!shrinks || isSmaller(change)) && fields.some((field) => field === "*" || concerns(change, field)),
    );
  const fixed = changes.filter((change) => !change.path.startsWith("(") && replaces(change)).map(({ path }) => path);
  const fields = changes.map(({ path }) => path);
  if (fixed.length === 0) return [{ impact: "update", reason: reasonOf(type), fields }];
  const reason = type.startsWith("random:")
    ? RANDOM
    : type.startsWith("gcp:")
      ? GOOGLE
      : "another name is another release";
  return [{ impact: "replace", reason, fields: fixed, rule: "other-provider" }];
}

function reasonOf(type: string): string {
  if (type === "kubernetes:helm.sh/v3:Release")
    return "Helm upgrades the release; which pods restart is the chart's business";
  return "changed in place";
}

/** Of sizes and of ranges of addresses: `10.0.0.0/20` is smaller than `10.0.0.0/16`, and so is one elsewhere. */
function isSmaller({ before, after }: FieldChange): boolean {
  const [was, is] = [quantityOf(before), quantityOf(after)];
  if (was !== undefined && is !== undefined) return is < was;
  const [old, now] = [rangeOf(before), rangeOf(after)];
  return !old || !now || now.first > old.first || now.last < old.last;
}

function rangeOf(value: unknown): { first: number; last: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(typeof value === "string" ? value : "");
  if (!match) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  const size = 2 ** (32 - bits);
  const first = Math.floor((((a * 256 + b) * 256 + c) * 256 + d) / size) * size;
  return { first, last: first + size - 1 };
}
