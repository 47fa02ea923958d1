import { IAMMember as ProjectMember } from "@pulumi/gcp/projects/iammember";
import { Account } from "@pulumi/gcp/serviceaccount/account";
import { IAMMember as AccountMember } from "@pulumi/gcp/serviceaccount/iammember";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { accountEmail } from "../gcp/facts";
import type { SecretKey } from "../kubernetes/env";
import { apply, type Transform } from "../kubernetes/transform";
import * as agent from "./firestore-agent-manifests";
import { FirestoreDatabase, type FirestoreDatabaseArgs } from "./firestore-database";

export interface FirestoreAgentArgs
  extends Omit<agent.FirestoreAgentFacts, "name" | "database">, Omit<FirestoreDatabaseArgs, "project"> {
  /** Bearer token that callers need; without blanks. */
  token: pulumi.Input<string>;
  transform?: { deployment?: Transform<k8s.apps.v1.DeploymentArgs> };
}

/**
 * Documents and event logs of Firestore for playbooks: an MCP server with nine tools, its database and indexes, and a
 * Google service account that may read and write that one database and nothing else.
 *
 * `name` is the physical name of Deployment, Service and ServiceAccount; the Google account is `noetl-NAME`.
 */
export class FirestoreAgent extends pulumi.ComponentResource {
  /** Where playbooks call it. */
  readonly url: string;
  /** Where the token stands, for worker pools that shall call it. */
  readonly token: SecretKey;

  constructor(name: string, args: FirestoreAgentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:mcp:FirestoreAgent", name, {}, opts);
    const child = { parent: this };
    const { namespace, project } = args;
    const facts: agent.FirestoreAgentFacts = { ...args, name };

    new FirestoreDatabase(`${name}-database`, args, child);
    const accountId = `noetl-${name}`;
    // Known before the account is there, so that a preview shows who gets which right.
    const email = accountEmail(project, accountId);
    const account = new Account(`${name}-account`, { project, accountId, displayName: "NoETL Firestore agent" }, child);
    const ofAccount = { ...child, dependsOn: [account] };
    const reader = new ProjectMember(
      `${name}-datastore-user`,
      {
        project,
        role: "roles/datastore.user",
        member: `serviceAccount:${email}`,
        condition: {
          title: `database ${args.database}`,
          expression: `resource.name == "projects/${project}/databases/${args.database}"`,
        },
      },
      ofAccount,
    );
    const identity = new AccountMember(
      `${name}-workload-identity`,
      {
        serviceAccountId: `projects/${project}/serviceAccounts/${email}`,
        role: "roles/iam.workloadIdentityUser",
        member: `serviceAccount:${project}.svc.id.goog[${namespace.name}/${name}]`,
      },
      ofAccount,
    );

    new k8s.core.v1.Secret(agent.tokenSecretName(name), agent.secret(facts, pulumi.secret(args.token)), child);
    new k8s.core.v1.ServiceAccount(name, agent.serviceAccount(facts, email), ofAccount);
    new k8s.core.v1.Service(name, agent.service(facts), child);
    if (args.replicas > 1) new k8s.policy.v1.PodDisruptionBudget(name, agent.disruptionBudget(facts), child);
    // A pod that asks before it may is told no for minutes.
    const late = { ...child, dependsOn: [reader, identity] };
    new k8s.apps.v1.Deployment(name, apply(args.transform?.deployment, agent.deployment(facts)), late);

    this.url = `http://${name}.${namespace.name}.svc.cluster.local:${args.port}/mcp`;
    this.token = { secret: agent.tokenSecretName(name), key: agent.TOKEN_KEY };
    this.registerOutputs();
  }
}
