import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import { issued } from "./client-tls";
import { grantSecretsReader } from "./secrets-reader";
import * as manifests from "./server-manifests";

export interface NoetlServerArgs extends Omit<manifests.ServerFacts, "name" | "publicUrl"> {
  /** URL workers call back on. Default: the Service inside the cluster. */
  publicUrl?: string | undefined;
  /** Port on every node for clients outside the cluster. Default: none. */
  nodePort?: number | undefined;
  transform?: {
    deployment?: Transform<k8s.apps.v1.DeploymentArgs>;
    statefulSet?: Transform<k8s.apps.v1.StatefulSetArgs>;
    service?: Transform<k8s.core.v1.ServiceArgs>;
  };
}

/** How to reach a NoETL server. */
export interface ServerConnection {
  /** Base URL inside the cluster, without a slash at the end. */
  url: string;
  /** Path that answers 200 when the server can serve. */
  readyPath: string;
  /** Base URL of the replica that owns each shard, by index. Default: none, any replica answers for any execution. */
  shardUrls?: readonly string[];
}

/**
 * The NoETL control plane. One replica is a Deployment, away for some seconds while it rolls; more are a StatefulSet,
 * because each replica needs its own machine id: two servers with one id would make the same execution ids.
 *
 * `name` is the physical name of workload, Service and ServiceAccount.
 */
export class NoetlServer extends pulumi.ComponentResource {
  readonly connection: ServerConnection;

  constructor(name: string, args: NoetlServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:noetl:NoetlServer", name, {}, opts);
    const child = { parent: this };
    const workload = { ...child, dependsOn: issued(args.tls) };
    const { namespace, transform } = args;
    const url = manifests.serverUrl({ ...args, name });
    const facts: manifests.ServerFacts = { ...args, name, publicUrl: args.publicUrl ?? url };

    new k8s.core.v1.ServiceAccount(name, manifests.serviceAccount(facts), child);
    const readable = args.settings.keychain.kubernetes?.namespaces ?? [];
    grantSecretsReader({ name, namespace: namespace.name }, readable, child);

    new k8s.core.v1.Service(name, apply(transform?.service, manifests.service(facts)), child);
    if (args.nodePort !== undefined) {
      new k8s.core.v1.Service(`${name}-ext`, manifests.nodePortService(facts, args.nodePort), child);
    }
    if (args.streams) {
      const declared = manifests.streamsConfigMap(facts, args.streams);
      new k8s.core.v1.ConfigMap(`${name}-streams`, declared, child);
    }
    if (args.replicas === 1) {
      new k8s.apps.v1.Deployment(name, apply(transform?.deployment, manifests.deployment(facts)), workload);
    } else {
      new k8s.core.v1.Service(`${name}-headless`, manifests.headlessService(facts), child);
      new k8s.policy.v1.PodDisruptionBudget(name, manifests.disruptionBudget(facts), child);
      new k8s.apps.v1.StatefulSet(name, apply(transform?.statefulSet, manifests.statefulSet(facts)), workload);
    }

    this.connection = {
      url,
      readyPath: manifests.readyPath(facts.healthApi),
      shardUrls: manifests.shardUrls(facts),
    };
    this.registerOutputs();
  }
}
