import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** A Kubernetes Secret that pods read. */
export interface WantedSecret {
  metadata: { name: string; namespace: pulumi.Input<string>; labels?: Record<string, string> | undefined };
  /** Plain name of its namespace. */
  namespace: string;
  /** Its keys, with the values where the program knows them; see {@link KEPT_ELSEWHERE}. */
  stringData: Record<string, pulumi.Input<string>>;
}

/**
 * Where the values of the platform's Secrets come from. Pods read Kubernetes Secrets whatever the provider, by the same
 * names and keys, so that another provider changes no workload.
 */
export interface SecretProvider {
  /**
   * Has a Secret come to be.
   *
   * @param name logical name of what is made
   * @returns what a pod that needs the Secret at its start may wait for
   */
  secret(name: string, wanted: WantedSecret, opts: pulumi.CustomResourceOptions): pulumi.Resource;
}

/** Stands for a value that only the provider's store knows: it reaches no object that such a provider makes. */
export const KEPT_ELSEWHERE = "kept in the store of the secret provider";

/** The program makes the Secrets itself, of values that stay, encrypted, in Pulumi's state. */
export const kubernetesSecrets: SecretProvider = {
  secret: (name, { metadata, stringData }, opts) =>
    new k8s.core.v1.Secret(name, { metadata, stringData: pulumi.secret(stringData) }, opts),
};
