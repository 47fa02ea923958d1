import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { fingerprint } from "../kubernetes/fingerprint";
import { apply, type Transform } from "../kubernetes/transform";
import { issued } from "./client-tls";
import * as manifests from "./gateway-manifests";

export interface GatewayArgs extends Omit<manifests.GatewayFacts, "name"> {
  /** Port on every node for clients outside the cluster. Default: none. */
  nodePort?: number | undefined;
  transform?: { deployment?: Transform<k8s.apps.v1.DeploymentArgs>; service?: Transform<k8s.core.v1.ServiceArgs> };
}

/**
 * The way in for people and their web pages: it asks the login playbooks who somebody is, hands their calls on to the
 * server that owns the execution, and tells them what happens to it.
 *
 * `name` is the physical name of Deployment, Service and ServiceAccount.
 */
export class Gateway extends pulumi.ComponentResource {
  /** Base URL inside the cluster, without a slash at the end. */
  readonly url: string;

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:noetl:Gateway", name, {}, opts);
    const child = { parent: this };
    const { transform } = args;
    const facts: manifests.GatewayFacts = { ...args, name };
    const file = manifests.configFile(facts);

    new k8s.core.v1.ServiceAccount(name, manifests.serviceAccount(facts), child);
    new k8s.core.v1.Service(name, apply(transform?.service, manifests.service(facts)), child);
    if (args.nodePort !== undefined) {
      new k8s.core.v1.Service(`${name}-ext`, manifests.nodePortService(facts, args.nodePort), child);
    }
    if (file !== undefined) new k8s.core.v1.ConfigMap(name, manifests.configMap(facts, file), child);
    if (args.replicas > 1) new k8s.policy.v1.PodDisruptionBudget(name, manifests.disruptionBudget(facts), child);
    const deployment = manifests.deployment(facts, file === undefined ? undefined : fingerprint(file));
    new k8s.apps.v1.Deployment(name, apply(transform?.deployment, deployment), {
      ...child,
      dependsOn: issued(args.tls),
    });

    this.url = `http://${name}.${args.namespace.name}.svc.cluster.local:${args.settings.port}`;
    this.registerOutputs();
  }
}
