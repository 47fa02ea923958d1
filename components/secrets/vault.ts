import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { entriesOf } from "./entries";
import * as manifests from "./manifests";
import type { SecretProvider, WantedSecret } from "./provider";

/** The property of a KV secret that holds the value. */
const VALUE = "value";

export interface VaultSecretProviderArgs {
  /** Vault server, such as https://vault.example.com:8200. */
  address: string;
  /** Vault Enterprise namespace. Default: none. */
  namespace?: string | undefined;
  /** Mount of the KV v2 engine. */
  kvMount: string;
  /** Folder in the mount: an entry is `MOUNT/FOLDER/ENTRY`. */
  folder: string;
  /** Mount of the Kubernetes auth method, and the role in it that the readers log in to. */
  auth: { mount: string; role: string };
  /** ConfigMap, in each namespace with a Secret, with the CA of the server under key `ca.crt`. Default: public CAs. */
  caConfigMap?: string | undefined;
  /** How often the External Secrets Operator looks for new values, such as `5m`. */
  refreshInterval: string;
}

/**
 * The platform's Secrets out of HashiCorp Vault, by the External Secrets Operator. The operator logs in by the Kubernetes
 * auth method with tokens of the readers' accounts, so that no Vault token stands anywhere.
 */
export class VaultSecretProvider extends pulumi.ComponentResource implements SecretProvider {
  readonly #args: VaultSecretProviderArgs;
  readonly #stores = new Map<string, pulumi.Resource>();

  constructor(name: string, args: VaultSecretProviderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:secrets:VaultSecretProvider", name, {}, opts);
    this.#args = args;
    this.registerOutputs();
  }

  secret(name: string, wanted: WantedSecret, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { folder, refreshInterval } = this.#args;
    const data = entriesOf(wanted.metadata.name, Object.keys(wanted.stringData)).map(({ key, entry }) => ({
      key,
      remoteRef: { key: `${folder}/${entry}`, property: VALUE },
    }));
    const made = manifests.externalSecret(wanted.metadata, data, refreshInterval);
    return new k8s.apiextensions.CustomResource(name, made, { ...opts, dependsOn: [this.#store(wanted)] });
  }

  #store({ namespace, metadata: { namespace: created } }: WantedSecret): pulumi.Resource {
    const known = this.#stores.get(namespace);
    if (known) return known;
    const account = { metadata: manifests.readerMetadata(created), automountServiceAccountToken: false };
    const reader = new k8s.core.v1.ServiceAccount(`reader-${namespace}`, account, { parent: this });
    const store = new k8s.apiextensions.CustomResource(
      `store-${namespace}`,
      manifests.secretStore(created, { vault: vaultStore(this.#args) }),
      { parent: this, dependsOn: [reader] },
    );
    this.#stores.set(namespace, store);
    return store;
  }
}

/** The `vault` part of a SecretStore. */
function vaultStore({ address, namespace, kvMount, auth, caConfigMap }: VaultSecretProviderArgs) {
  return {
    server: address,
    path: kvMount,
    version: "v2",
    ...(namespace !== undefined && { namespace }),
    ...(caConfigMap !== undefined && { caProvider: { type: "ConfigMap", name: caConfigMap, key: "ca.crt" } }),
    auth: {
      kubernetes: { mountPath: auth.mount, role: auth.role, serviceAccountRef: { name: manifests.READER } },
    },
  };
}
