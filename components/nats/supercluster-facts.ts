import type { Quantity } from "../kubernetes/quantity";
import { NOETL_USER, type NatsAccount, type NatsAccountLimits } from "./accounts";
import { gatewayUrl, leafUrl, type NatsFacts, type NatsLeafRemote } from "./facts";
import { REFERENCE_PROBES } from "./reference";
import { membersOf, type Member, type SuperclusterPlan } from "./topology";

/** A tenant with an account of its own: streams, subjects and a user that nobody else sees. */
export interface NatsTenant {
  /** Lower-case letters, digits and `-`: `acme-eu` gets account `ACME_EU` and user `acme_eu`. */
  name: string;
  /** What its streams may take in a cluster, copies counted. */
  limits: Required<NatsAccountLimits>;
}

/** What a supercluster is like. All its clusters have servers alike. */
export interface SuperclusterFacts
  extends SuperclusterPlan, Pick<NatsFacts, "namespace" | "image" | "storage" | "maxPayload" | "resources"> {
  /** Limits of each server's stores. */
  jetstream: { memory: Quantity; file: Quantity };
  /** Tenants beside the platform. Default: none. */
  tenants?: readonly NatsTenant[] | undefined;
  /** `reference` and `quorum`: port of the other clusters. Default: 7222. */
  gatewayPort?: number | undefined;
  /** `independent`: port on which the hub accepts the other clusters. Default: 7422. */
  leafnodePort?: number | undefined;
  /**
   * `independent`: subjects that never leave their cluster. A subject that streams of two domains bind is stored in
   * both, so those of streams belong here. Default: none.
   */
  localSubjects?: readonly string[] | undefined;
}

/** A cluster of a supercluster: who it is, and what it is made of. */
export interface MemberFacts {
  member: Member;
  nats: NatsFacts;
}

/** What each cluster is made of, in the order of the plan. */
export function memberFacts(facts: SuperclusterFacts): MemberFacts[] {
  return membersOf(facts).map((member) => ({ member, nats: natsFacts(member, facts) }));
}

/** Name of a cluster's StatefulSet and Service: `nats-cluster-a`. */
export function memberName(cluster: string): string {
  return `nats-cluster-${cluster}`;
}

/** The account of a tenant. */
export function tenantAccount({ name, limits }: NatsTenant): NatsAccount {
  const user = tenantUser(name);
  return { name: user.toUpperCase(), jetstream: limits, users: [user] };
}

/** The user of a tenant; names have no `_`, so two of them never become one. */
export function tenantUser(tenant: string): string {
  return tenant.replaceAll("-", "_");
}

function natsFacts(member: Member, facts: SuperclusterFacts): NatsFacts {
  const { image, storage, maxPayload, resources, gatewayPort, leafnodePort, tenants = [] } = facts;
  const accounts = tenants.map(tenantAccount);
  const { leaf, region, zone } = member;
  return {
    ...namesOf(member.name, facts),
    image,
    replicas: member.replicas,
    storage,
    jetstream: { ...facts.jetstream, domain: member.domain },
    maxPayload,
    resources,
    accounts,
    clusterName: member.name,
    labels: labelsOf(member),
    serverTags: [`region:${region}`, ...(zone === undefined ? [] : [`zone:${zone}`])],
    ...(member.gateways.length > 0 && {
      gateway: {
        port: gatewayPort,
        peers: member.gateways.map((name) => ({ name, urls: [gatewayUrl(namesOf(name, facts), gatewayPort)] })),
      },
    }),
    ...(leaf && {
      leafnodes:
        leaf.role === "hub"
          ? { listen: true, port: leafnodePort, remotes: [] }
          : { listen: false, remotes: remotesTo(leaf.hub, accounts, facts) },
    }),
    probes: facts.topology === "reference" ? REFERENCE_PROBES : "quorum",
    spread: "preferred",
  };
}

/** One link an account: what an account sees of the other clusters is what it sees of its own account there. */
function remotesTo(hub: string, accounts: readonly NatsAccount[], facts: SuperclusterFacts): NatsLeafRemote[] {
  const logins = [NOETL_USER, ...accounts.map(({ name, users }) => ({ account: name, user: users[0] ?? "" }))];
  return logins.map(({ account, user }) => ({
    name: user,
    urls: [leafUrl(namesOf(hub, facts), facts.leafnodePort)],
    user,
    account,
    deny: facts.localSubjects,
  }));
}

/** The names of the platform's manifests: one headless Service for servers and clients, called like the StatefulSet. */
function namesOf(cluster: string, { namespace }: SuperclusterFacts) {
  const name = memberName(cluster);
  return { name, headless: name, namespace };
}

function labelsOf({ name, region, zone }: Member): Record<string, string> {
  return {
    component: "nats",
    "cluster-id": name,
    region,
    ...(zone !== undefined && { zone }),
    "managed-by": "noetl",
  };
}
