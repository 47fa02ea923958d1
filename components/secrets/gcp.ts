import * as secretmanager from "@pulumi/gcp/secretmanager";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { entriesOf } from "./entries";
import { managerPath, parseManagerPath } from "./manager-path";
import * as manifests from "./manifests";
import type { SecretProvider, WantedSecret } from "./provider";
import type { GcpWay } from "./ways";

export interface GcpSecretProviderArgs {
  /** Id of the project that Secret Manager and the cluster are in. */
  project: string;
  /** Number of the same project: Workload Identity names accounts by it. */
  projectNumber: number;
  /** How Kubernetes Secrets come to be. */
  by: Exclude<GcpWay, "gkeAddOn">;
  /** Whether the program writes the values to Secret Manager; otherwise they are there already. */
  create: boolean;
  /** Whether Pulumi refuses to delete what it has written. */
  protect: boolean;
  /** How often the External Secrets Operator looks for new values, such as `5m`. */
  refreshInterval: string;
  /** Full paths of entries that are not at `projects/PROJECT/secrets/ENTRY/versions/latest`. */
  paths: Readonly<Record<string, string>>;
  /** Image of the pods that hold what the CSI driver mounts. */
  pauseImage: string;
}

const ACCESSOR = "roles/secretmanager.secretAccessor";

/**
 * The platform's Secrets out of Google Secret Manager. For each namespace an account that reads; for each value the
 * right of exactly those accounts whose namespace needs it; for each Secret the objects that make it of its values.
 */
export class GcpSecretProvider extends pulumi.ComponentResource implements SecretProvider {
  readonly #args: GcpSecretProviderArgs;
  readonly #made = new Map<string, pulumi.Resource>();

  /** @param opts with the providers of gcp and kubernetes */
  constructor(name: string, args: GcpSecretProviderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:secrets:GcpSecretProvider", name, {}, opts);
    this.#args = args;
    this.registerOutputs();
  }

  secret(name: string, wanted: WantedSecret, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const { project, paths } = this.#args;
    const { metadata, stringData } = wanted;
    const entries = entriesOf(metadata.name, Object.keys(stringData)).map((entry) => ({
      ...entry,
      path: paths[entry.entry] ?? managerPath({ project, secret: entry.entry, version: "latest" }),
    }));
    const readable = entries.flatMap((entry) => this.#access(entry, wanted));
    return this.#deliver(name, wanted, entries, { ...opts, dependsOn: [this.#reader(wanted), ...readable] });
  }

  /** What makes a Kubernetes Secret of values that its reader may read. */
  #deliver(
    name: string,
    wanted: WantedSecret,
    entries: manifests.ManagedEntry[],
    opts: pulumi.CustomResourceOptions,
  ): pulumi.Resource {
    const { by, refreshInterval, pauseImage } = this.#args;
    const { metadata } = wanted;
    if (by === "externalSecrets") {
      const data = entries.map(({ key, path }) => ({ key, remoteRef: remoteRef(path) }));
      const made = manifests.externalSecret(metadata, data, refreshInterval);
      return new k8s.apiextensions.CustomResource(name, made, after(opts, this.#store(wanted)));
    }
    const source = manifests.secretProviderClass(metadata, entries, by === "csi" ? "gcp" : "gke");
    const fetched = after(opts, new k8s.apiextensions.CustomResource(`${name}-class`, source, opts));
    return by === "csi"
      ? new k8s.apps.v1.Deployment(`${name}-holder`, manifests.holder(metadata, pauseImage), fetched)
      : new k8s.apiextensions.CustomResource(`${name}-sync`, manifests.secretSync(metadata, entries), fetched);
  }

  #reader({ namespace, metadata }: WantedSecret): pulumi.Resource {
    const args = { metadata: manifests.readerMetadata(metadata.namespace), automountServiceAccountToken: false };
    return this.#once(`reader-${namespace}`, (name) => new k8s.core.v1.ServiceAccount(name, args, { parent: this }));
  }

  #store(wanted: WantedSecret): pulumi.Resource {
    const auth = { workloadIdentity: { serviceAccountRef: { name: manifests.READER } } };
    const store = manifests.secretStore(wanted.metadata.namespace, {
      gcpsm: { projectID: this.#args.project, auth },
    });
    return this.#once(
      `store-${wanted.namespace}`,
      (name) => new k8s.apiextensions.CustomResource(name, store, { parent: this, dependsOn: [this.#reader(wanted)] }),
    );
  }

  /** The right to read one entry, for the reader of one namespace; and the entry itself where it is ours to write. */
  #access({ key, entry, path }: manifests.ManagedEntry, { namespace, stringData }: WantedSecret): pulumi.Resource[] {
    const { project, projectNumber, create } = this.#args;
    const at = parseManagerPath(path);
    const written = create ? this.#written(entry, stringData[key] ?? "") : [];
    const member = `principal://iam.googleapis.com/projects/${projectNumber}/locations/global/workloadIdentityPools/${project}.svc.id.goog/subject/ns/${namespace}/sa/${manifests.READER}`;
    const access = this.#once(
      `${entry}-${namespace}`,
      (name) =>
        new secretmanager.SecretIamMember(
          name,
          { project: at.project, secretId: at.secret, role: ACCESSOR, member },
          { parent: this, dependsOn: written },
        ),
    );
    return [access, ...written];
  }

  /** An entry and its value; the same value under the same name is written once. */
  #written(entry: string, value: pulumi.Input<string>): pulumi.Resource[] {
    const { project, protect } = this.#args;
    const mine = { parent: this, protect };
    const labels = { "managed-by": "noetl-platform" };
    const secret = this.#once(
      entry,
      (name) => new secretmanager.Secret(name, { project, secretId: entry, labels, replication: { auto: {} } }, mine),
    );
    const version = this.#once(
      `${entry}-value`,
      (name) =>
        new secretmanager.SecretVersion(
          name,
          // A former value stays readable until somebody destroys it, so that a mistake can be undone.
          { secret: secret.id, secretData: pulumi.secret(value), deletionPolicy: "ABANDON" },
          { parent: this },
        ),
    );
    return [secret, version];
  }

  #once<T extends pulumi.Resource>(name: string, make: (name: string) => T): T {
    const made = this.#made.get(name) ?? make(name);
    this.#made.set(name, made);
    return made as T;
  }
}

/** How the External Secrets Operator names an entry of the store's project. */
function remoteRef(path: string): manifests.RemoteRef {
  const { secret, version } = parseManagerPath(path);
  return { key: secret, ...(version !== "latest" && { version }) };
}

function after(opts: pulumi.CustomResourceOptions, resource: pulumi.Resource): pulumi.CustomResourceOptions {
  return { ...opts, dependsOn: [resource] };
}
