import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import { issued } from "./client-tls";
import { role, roleBinding, RUNS_JOBS, serviceAccount } from "./worker-access";
import { consumersOf, metricsServiceName, type WorkerFacts } from "./worker-facts";
import * as manifests from "./worker-manifests";

export interface WorkerPoolArgs extends Omit<WorkerFacts, "name"> {
  transform?: { deployment?: Transform<k8s.apps.v1.DeploymentArgs>; service?: Transform<k8s.core.v1.ServiceArgs> };
}

/**
 * A pool of workers: pods that pull commands and run the steps behind them.
 *
 * `name` is the physical name of Deployment and ServiceAccount.
 */
export class WorkerPool extends pulumi.ComponentResource {
  /** Service that names each pod's metrics port. */
  readonly metricsServiceName: string;
  /** Durable consumers that the pool pulls from: what an autoscaler measures. */
  readonly consumers: readonly string[];

  constructor(name: string, args: WorkerPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:noetl:WorkerPool", name, {}, opts);
    const child = { parent: this };
    const facts: WorkerFacts = { ...args, name };
    const variant = manifests.ordinary(facts);
    const metadata = manifests.metadata(facts, variant.component);
    this.metricsServiceName = metricsServiceName(name);
    this.consumers = consumersOf(facts);

    new k8s.core.v1.ServiceAccount(name, serviceAccount(metadata), child);
    if (args.runsJobs) {
      new k8s.rbac.v1.Role(name, role(metadata, RUNS_JOBS), child);
      new k8s.rbac.v1.RoleBinding(name, roleBinding(metadata, name, args.namespace.name), child);
    }
    new k8s.core.v1.Service(name, apply(args.transform?.service, manifests.metricsService(facts, variant)), child);
    if (manifests.isShared(facts)) {
      new k8s.policy.v1.PodDisruptionBudget(name, manifests.disruptionBudget(facts, variant), child);
    }
    new k8s.apps.v1.Deployment(name, apply(args.transform?.deployment, manifests.deployment(facts, variant)), {
      ...child,
      dependsOn: [...issued(args.tls), ...(args.flight?.dependsOn ?? [])],
    });
    this.registerOutputs();
  }
}
