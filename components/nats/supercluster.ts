import * as pulumi from "@pulumi/pulumi";
import { labels } from "../kubernetes/labels";
import { kubernetesSecrets, type SecretProvider } from "../secrets/provider";
import { NatsCluster } from "./cluster";
import type { NatsConnection } from "./connection";
import { memberFacts, memberName, tenantAccount, tenantUser, type SuperclusterFacts } from "./supercluster-facts";

/** Everything secret of a supercluster. */
export interface SuperclusterPasswords {
  /** Password of user `sys` in account `$SYS` of every cluster. */
  system: pulumi.Input<string>;
  /** Password of user `noetl` in account `NOETL` of every cluster. */
  noetl: pulumi.Input<string>;
  /** What clusters joined by gateways know each other by. */
  gateway: pulumi.Input<string>;
  /** What the servers of a cluster know each other by, by the cluster's name. */
  clusters: Readonly<Record<string, pulumi.Input<string>>>;
  /** Password of each tenant's user, by the tenant's name. */
  tenants: Readonly<Record<string, pulumi.Input<string>>>;
}

export interface NatsSuperclusterArgs extends SuperclusterFacts {
  passwords: SuperclusterPasswords;
  /** Where the values of the Secrets come from. Default: the program makes them of `passwords`. */
  secrets?: SecretProvider | undefined;
}

/**
 * Several NATS clusters that reach each other: for each cluster, `a` for example,
 *
 * 1. a `NatsCluster` named `nats-cluster-a`, whose headless Service of that name is for servers and clients;
 *
 * and for each tenant, `acme` for example,
 *
 * 2. Secret `nats-tenant-acme` with `account`, `user` and `password`, the same in every cluster.
 *
 * What the loss of a cluster does to the others is decided by the topology: see docs/nats-topologies.md.
 */
export class NatsSupercluster extends pulumi.ComponentResource {
  /** How to reach each cluster and log in as the platform, by the cluster's name. */
  readonly connections: Readonly<Record<string, NatsConnection>>;

  constructor(name: string, args: NatsSuperclusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:nats:NatsSupercluster", name, {}, opts);
    const child = { parent: this };
    const { secrets = kubernetesSecrets } = args;

    this.connections = Object.fromEntries(
      memberFacts(args).map(({ member, nats: { name: clusterName, ...facts } }) => {
        const cluster = new NatsCluster(
          clusterName,
          {
            ...facts,
            passwords: passwordsOf(member.name, args),
            secrets,
          },
          child,
        );
        return [member.name, cluster.connection];
      }),
    );
    for (const tenant of args.tenants ?? []) {
      const { name: account } = tenantAccount(tenant);
      secrets.secret(
        `nats-tenant-${tenant.name}`,
        {
          metadata: {
            name: `nats-tenant-${tenant.name}`,
            namespace: args.namespace.created,
            labels: labels({ app: memberName("tenants"), component: "nats" }),
          },
          namespace: args.namespace.name,
          stringData: {
            account,
            user: tenantUser(tenant.name),
            password: pulumi.secret(passwordOf(args.passwords.tenants, tenant.name)),
          },
        },
        child,
      );
    }
    this.registerOutputs();
  }
}

function passwordsOf(cluster: string, { passwords, tenants = [] }: NatsSuperclusterArgs) {
  const { system, noetl, gateway, clusters } = passwords;
  const users = Object.fromEntries(
    tenants.map(({ name }) => [tenantUser(name), passwordOf(passwords.tenants, name)] as const),
  );
  return {
    system,
    noetl,
    users,
    cluster: passwordOf(clusters, cluster),
    gateway,
    leafnodes: { noetl, ...users },
  };
}

function passwordOf(passwords: Readonly<Record<string, pulumi.Input<string>>>, name: string): pulumi.Input<string> {
  const password = passwords[name];
  if (password === undefined) throw new Error(`the NATS supercluster has no password for '${name}'`);
  return password;
}
