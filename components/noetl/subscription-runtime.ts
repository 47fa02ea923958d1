import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import { issued } from "./client-tls";
import * as manifests from "./subscription-manifests";
import { serviceAccount } from "./worker-access";
import { metricsServiceName } from "./worker-facts";

export interface SubscriptionRuntimeArgs extends Omit<manifests.SubscriptionFacts, "name"> {
  transform?: { deployment?: Transform<k8s.apps.v1.DeploymentArgs>; service?: Transform<k8s.core.v1.ServiceArgs> };
}

/**
 * Serves one subscription: holds its source open (NATS, Kafka, Pub/Sub) and makes an execution of each message. It runs
 * no playbook itself, so its account has no rights and its pod no token.
 *
 * `name` is the physical name of Deployment and ServiceAccount.
 */
export class SubscriptionRuntime extends pulumi.ComponentResource {
  /** Service that names the pod's metrics port. */
  readonly metricsServiceName: string;

  constructor(name: string, args: SubscriptionRuntimeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:noetl:SubscriptionRuntime", name, {}, opts);
    const child = { parent: this };
    const facts: manifests.SubscriptionFacts = { ...args, name };
    this.metricsServiceName = metricsServiceName(name);

    new k8s.core.v1.ServiceAccount(name, serviceAccount(manifests.metadata(facts)), child);
    new k8s.core.v1.Service(name, apply(args.transform?.service, manifests.metricsService(facts)), child);
    new k8s.apps.v1.Deployment(name, apply(args.transform?.deployment, manifests.deployment(facts)), {
      ...child,
      dependsOn: issued(args.tls),
    });
    this.registerOutputs();
  }
}
