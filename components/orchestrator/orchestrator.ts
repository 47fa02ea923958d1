import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { fingerprint } from "../kubernetes/fingerprint";
import type { Namespace } from "../kubernetes/namespaces";
import { apply, type Transform } from "../kubernetes/transform";
import { KEPT_ELSEWHERE, kubernetesSecrets, type SecretProvider } from "../secrets/provider";
import { grantRights } from "./access";
import type { OrchestratorFacts } from "./facts";
import * as manifests from "./manifests";

export interface OrchestratorArgs extends Omit<OrchestratorFacts, "name"> {
  /** The platform's namespaces, in which an update by Pulumi changes something. */
  namespaces: readonly Namespace[];
  /** Values of the Secret, by their variables. Default: only the provider's store knows them. */
  values?: Readonly<Record<string, pulumi.Input<string> | undefined>> | undefined;
  /** Where the values come from. Default: the program makes the Secret of the values given here. */
  provider?: SecretProvider | undefined;
  transform?: {
    /** Without `surrealdb`. */
    statefulSet?: Transform<k8s.apps.v1.StatefulSetArgs>;
    /** With `surrealdb`. */
    deployment?: Transform<k8s.apps.v1.DeploymentArgs>;
  };
}

/**
 * The provisioning orchestrator in the cluster: it takes tasks for stacks over HTTP, queues them on its volume or in
 * SurrealDB, where several pods share them, and runs them, as previews only or by Pulumi.
 *
 * `name` is the physical name of StatefulSet or Deployment, PodDisruptionBudget, Service, ServiceAccount, ConfigMap, Secret and roles.
 */
export class Orchestrator extends pulumi.ComponentResource {
  /** Where it is asked, inside the cluster. */
  readonly url: string;

  constructor(name: string, args: OrchestratorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:orchestrator:Orchestrator", name, {}, opts);
    const child = { parent: this };
    const { namespace, namespaces, transform, values = {}, provider = kubernetesSecrets } = args;
    const facts: OrchestratorFacts = { ...args, name };
    const files = manifests.files(facts);

    new k8s.core.v1.ServiceAccount(name, manifests.serviceAccount(facts), child);
    if (facts.pulumi) grantRights(facts, facts.pulumi.rights, namespaces, child);
    const keys = manifests.secretKeys(facts);
    if (keys.length > 0) {
      const stringData = Object.fromEntries(keys.map((key) => [key, values[key] ?? KEPT_ELSEWHERE]));
      const wanted = { metadata: manifests.metadata(facts), namespace: namespace.name, stringData };
      provider.secret(name, wanted, child);
    }
    new k8s.core.v1.ConfigMap(name, manifests.configMap(facts, files), child);
    new k8s.core.v1.Service(name, manifests.service(facts), child);
    const read = fingerprint(...Object.values(files));
    if (facts.surrealdb) {
      new k8s.apps.v1.Deployment(name, apply(transform?.deployment, manifests.deployment(facts, read)), child);
    } else {
      new k8s.apps.v1.StatefulSet(name, apply(transform?.statefulSet, manifests.statefulSet(facts, read)), child);
    }
    if (facts.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(name, manifests.disruptionBudget(facts), child);
    }

    this.url = `http://${name}.${namespace.name}.svc.cluster.local:${args.port}`;
    this.registerOutputs();
  }
}
