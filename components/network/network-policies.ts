import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../kubernetes/namespaces";
import type { Flow } from "./flow";
import { allowPolicies, denyPolicy, type NamedPolicy } from "./policies";

export interface NetworkPoliciesArgs {
  /** Namespaces in which nothing is allowed but the flows. */
  namespaces: readonly Namespace[];
  /** Everything that is allowed. */
  flows: readonly Flow[];
}

/**
 * Who may connect to whom: in each namespace a NetworkPolicy `default-deny`, and for each party that a flow begins or
 * ends at a NetworkPolicy `allow-PARTY`.
 *
 * What is allowed is there before anything is denied, and goes after it: an update never cuts what runs.
 */
export class NetworkPolicies extends pulumi.ComponentResource {
  constructor(name: string, args: NetworkPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:network:NetworkPolicies", name, {}, opts);
    const { namespaces, flows } = args;
    const allowed = allowPolicies(namespaces, flows).map((named) => this.policy(named, []));
    for (const namespace of namespaces) this.policy(denyPolicy(namespace), allowed);
    this.registerOutputs();
  }

  private policy({ name, namespace, policy }: NamedPolicy, dependsOn: pulumi.Resource[]): pulumi.Resource {
    const options = { parent: this, dependsOn };
    return new k8s.networking.v1.NetworkPolicy(`${namespace.name}/${name}`, policy, options);
  }
}
