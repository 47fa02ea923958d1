/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What stands in place of every secret value in a graph. */
export const SECRET = "<secret>";

/** One registration of a program: a resource, a component or a provider. */
export interface Resource {
  /** `urn:pulumi:STACK::PROJECT::PARENT_TYPES$TYPE::NAME`, as the engine forms it. */
  urn: string;
  /** Type token: `kubernetes:apps/v1:Deployment`, `noetl:nats:NatsCluster`. */
  type: string;
  /** Logical name. */
  name: string;
  /** URN of the parent; the root stack resource has none. */
  parent?: string;
  /** URNs by which a state may still know it; Pulumi takes such a resource over. */
  aliases?: readonly string[];
  /** URNs this resource waits for, sorted: `dependsOn` and every input that comes from another resource. */
  dependencies: string[];
  /** Whether a provider makes it; components are only structure. */
  custom: boolean;
  /** Whether Pulumi refuses to delete it. */
  protect: boolean;
  /** Whether Pulumi leaves the real object behind when it deletes the resource. */
  retainOnDelete: boolean;
  /** Inputs as registered, secret values replaced by {@link SECRET}. */
  inputs: Record<string, Json>;
  /**
   * Fingerprints of the secret values by their paths, as `stringData.PASSWORD`, where the program was run to be compared
   * with another run. They compare with those of the same key only, and are never written anywhere.
   */
  fingerprints?: Readonly<Record<string, string>>;
}

/** Everything a program registers for one stack, in the order of registration. */
export interface ResourceGraph {
  project: string;
  stack: string;
  resources: Resource[];
}

/** A Kubernetes object as manifests write it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: Record<string, Json> & { name: string; namespace?: string };
  [key: string]: Json;
}

/** The Kubernetes object of a resource; undefined for components, providers and other clouds. */
export function manifestOf(resource: Resource): Manifest | undefined {
  const { apiVersion, kind, metadata } = resource.inputs;
  if (!resource.type.startsWith("kubernetes:") || typeof apiVersion !== "string" || typeof kind !== "string")
    return undefined;
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) return undefined;
  return resource.inputs as unknown as Manifest;
}
