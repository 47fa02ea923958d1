import { RepositoryIamMember } from "@pulumi/gcp/artifactregistry/repositoryIamMember";
import { IAMMember as ProjectMember } from "@pulumi/gcp/projects/iammember";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import { IAMMember as AccountMember } from "@pulumi/gcp/serviceaccount/iammember";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { accountEmail, type Place } from "./facts";
import type { Grant } from "./identities";

export interface ServiceAccountArgs extends Place {
  /** Id of the account. */
  account: string;
  description: string;
  /** Its grants, out of the table. */
  grants: readonly Grant[];
  /** Name of the registry that grants may be on. */
  registry?: string;
  /** Namespace of the ServiceAccount that acts as it. Default: none, no pod does. */
  namespace?: Namespace;
}

/**
 * A service account of Google Cloud with exactly the roles of the table, each added by itself, so that nobody else's are
 * taken away. With a namespace also the other half of Workload Identity: the ServiceAccount that acts as it.
 */
export class ServiceAccount extends pulumi.ComponentResource {
  /** Its address. */
  readonly email: string;
  /** What its users must wait for. */
  readonly grants: pulumi.Resource[];

  constructor(name: string, args: ServiceAccountArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:gcp:ServiceAccount", name, {}, opts);
    const { project, account, description, namespace } = args;
    this.email = accountEmail(project, account);
    const made = new Account(name, { project, accountId: account, description }, { parent: this });
    this.grants = args.grants
      .filter((grant) => grant.account === account)
      .map((grant) => this.#grant(`${name}-${grant.role.replace(/^.*[./]/, "")}`, grant, args, made));
    const workload = args.grants.find((grant) => grant.workload)?.workload;
    if (workload && namespace) {
      new k8s.core.v1.ServiceAccount(
        name,
        {
          metadata: {
            name: workload.serviceAccount,
            namespace: namespace.created,
            labels: labels({ app: workload.serviceAccount, component: "identity" }),
            annotations: { "iam.gke.io/gcp-service-account": this.email },
          },
          automountServiceAccountToken: false,
        },
        { parent: this },
      );
    }
    this.registerOutputs();
  }

  #grant(name: string, { role, on, workload }: Grant, args: ServiceAccountArgs, account: Account): pulumi.Resource {
    const { project, region, registry = "" } = args;
    const opts = { parent: this, dependsOn: [account] };
    const member = `serviceAccount:${this.email}`;
    if (on === "project") return new ProjectMember(name, { project, role, member }, opts);
    if (on === "registry") {
      return new RepositoryIamMember(name, { project, location: region, repository: registry, role, member }, opts);
    }
    const pods = `${workload?.namespace ?? ""}/${workload?.serviceAccount ?? ""}`;
    return new AccountMember(
      name,
      {
        serviceAccountId: `projects/${project}/serviceAccounts/${this.email}`,
        role,
        member: `serviceAccount:${project}.svc.id.goog[${pods}]`,
      },
      opts,
    );
  }
}
