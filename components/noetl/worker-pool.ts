import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import * as manifests from "./worker-manifests";

export interface WorkerPoolArgs extends Omit<manifests.WorkerFacts, "name"> {
  transform?: { deployment?: Transform<k8s.apps.v1.DeploymentArgs>; service?: Transform<k8s.core.v1.ServiceArgs> };
}

/**
 * A pool of workers: pods that pull commands of one consumer and run the steps behind them.
 *
 * `name` is the physical name of Deployment and ServiceAccount.
 */
export class WorkerPool extends pulumi.ComponentResource {
  /** Service that names each pod's metrics port. */
  readonly metricsServiceName: string;

  constructor(name: string, args: WorkerPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:noetl:WorkerPool", name, {}, opts);
    const child = { parent: this };
    const facts: manifests.WorkerFacts = { ...args, name };
    this.metricsServiceName = manifests.metricsServiceName(name);

    new k8s.core.v1.ServiceAccount(name, manifests.serviceAccount(facts), child);
    new k8s.rbac.v1.Role(name, manifests.role(facts), child);
    new k8s.rbac.v1.RoleBinding(name, manifests.roleBinding(facts), child);
    new k8s.core.v1.Service(name, apply(args.transform?.service, manifests.metricsService(facts)), child);
    if (args.replicas === "autoscaled" || args.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(name, manifests.disruptionBudget(facts), child);
    }
    new k8s.apps.v1.Deployment(name, apply(args.transform?.deployment, manifests.deployment(facts)), child);
    this.registerOutputs();
  }
}
