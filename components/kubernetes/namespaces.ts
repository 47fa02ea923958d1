import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "./labels";

/** A namespace of the platform, as components take it. */
export interface Namespace {
  /** Plain name, for host names and URLs. */
  name: string;
  /** The same name, known once the namespace exists: in `metadata.namespace` it orders an object after it. */
  created: pulumi.Input<string>;
}

export interface NamespacesArgs {
  /** Names of the namespaces, with the component each is for. */
  names: Record<string, string>;
  /** Those that Pulumi refuses to delete, because of the data in them. Default: none. */
  protected?: readonly string[];
}

/** A namespace that somebody else made. */
export function existingNamespace(name: string): Namespace {
  return { name, created: name };
}

/**
 * The platform's namespaces. Each enforces the *restricted* Pod Security level, so that the API server refuses what
 * this program promises not to deploy.
 */
export class Namespaces extends pulumi.ComponentResource {
  readonly #namespaces: Record<string, Namespace> = {};

  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:kubernetes:Namespaces", name, {}, opts);
    for (const [namespace, component] of Object.entries(args.names)) {
      const made = new k8s.core.v1.Namespace(
        namespace,
        { metadata: { name: namespace, labels: labels({ app: namespace, component, extra: RESTRICTED }) } },
        { parent: this, protect: args.protected?.includes(namespace) ?? false },
      );
      this.#namespaces[namespace] = { name: namespace, created: made.metadata.name };
    }
    this.registerOutputs();
  }

  /**
   * The namespace of this name.
   *
   * @throws Error when `names` did not have it.
   */
  of(name: string): Namespace {
    const namespace = this.#namespaces[name];
    if (!namespace) throw new Error(`no namespace '${name}' among ${Object.keys(this.#namespaces).join(", ")}`);
    return namespace;
  }

  /** Every namespace of the platform. */
  get all(): readonly Namespace[] {
    return Object.values(this.#namespaces);
  }

  /** The namespace of this name; one that is not the platform's must exist already. */
  find(name: string): Namespace {
    return this.#namespaces[name] ?? existingNamespace(name);
  }
}

const RESTRICTED = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/enforce-version": "latest",
  "pod-security.kubernetes.io/warn": "restricted",
  "pod-security.kubernetes.io/warn-version": "latest",
};
