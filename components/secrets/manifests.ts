import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { labels, selector } from "../kubernetes/labels";
import { NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { classOf, type StoreEntry } from "./entries";
import type { WantedSecret } from "./provider";

type Metadata = WantedSecret["metadata"];

/** The account, one in each namespace, as which the values of its Secrets are read. */
export const READER = "noetl-secrets";

export function readerMetadata(namespace: pulumi.Input<string>) {
  return { name: READER, namespace, labels: labels({ app: READER, component: "secrets" }) };
}

/** An entry and its full path: `projects/PROJECT/secrets/NAME/versions/VERSION`. */
export interface ManagedEntry extends StoreEntry {
  path: string;
}

/** How two drivers call the same store. */
export type ClassProvider = "gke" | "gcp";

/** Which entries to fetch, and what the files of them are called. */
export function secretProviderClass(metadata: Metadata, entries: readonly ManagedEntry[], provider: ClassProvider) {
  return {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClass",
    metadata: { ...metadata, name: classOf(metadata.name) },
    spec: {
      provider,
      parameters: { secrets: stringify(files(entries)) },
      ...(provider === "gcp" && {
        secretObjects: [
          {
            secretName: metadata.name,
            type: "Opaque",
            ...(metadata.labels && { labels: metadata.labels }),
            data: entries.map(({ key, file }) => ({ objectName: file, key })),
          },
        ],
      }),
    },
  };
}

function files(entries: readonly ManagedEntry[]): { resourceName: string; path: string }[] {
  return entries.map(({ path: resourceName, file: path }) => ({ resourceName, path }));
}

/** GKE makes a Secret of the same name of what a class fetches, and keeps it true. */
export function secretSync(metadata: Metadata, entries: readonly StoreEntry[]) {
  return {
    apiVersion: "secret-sync.gke.io/v1",
    kind: "SecretSync",
    metadata,
    spec: {
      serviceAccountName: READER,
      secretProviderClassName: classOf(metadata.name),
      secretObject: {
        type: "Opaque",
        ...(metadata.labels && { labels: metadata.labels }),
        data: entries.map(({ key, file }) => ({ sourcePath: file, targetKey: key })),
      },
    },
  };
}

/**
 * A pod that does nothing but mount a class: the open-source driver makes a Secret when the first pod mounts its class,
 * and deletes it with the last one. So no workload has to mount what it does not read.
 */
export function holder({ name: secret, namespace }: Metadata, image: string): k8s.apps.v1.DeploymentArgs {
  const name = `${secret}-holder`;
  const labelled = labels({ app: name, component: "secrets" });
  return {
    metadata: { name, namespace, labels: labelled },
    spec: {
      replicas: 1,
      selector: { matchLabels: selector(name) },
      template: {
        metadata: { labels: labelled },
        spec: {
          ...restrictedPod({ uid: NOBODY }),
          serviceAccountName: READER,
          containers: [
            {
              name: "holder",
              image,
              resources: {
                requests: { cpu: "1m", memory: "8Mi" },
                limits: { cpu: "10m", memory: "16Mi" },
              },
              securityContext: RESTRICTED_CONTAINER,
              volumeMounts: [{ name: "secrets", mountPath: "/var/secrets/sm", readOnly: true }],
            },
          ],
          volumes: [
            {
              name: "secrets",
              csi: {
                driver: "secrets-store.csi.k8s.io",
                readOnly: true,
                volumeAttributes: { secretProviderClass: classOf(secret) },
              },
            },
          ],
        },
      },
    },
  };
}

/** Where the External Secrets Operator finds entries: one in each namespace. */
export function secretStore(namespace: pulumi.Input<string>, provider: object) {
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "SecretStore",
    metadata: readerMetadata(namespace),
    spec: { provider },
  };
}

/** Where one key of an ExternalSecret comes from. */
export interface RemoteRef {
  key: string;
  property?: string;
  version?: string;
}

/** A Secret that the External Secrets Operator makes, and keeps when this object goes. */
export function externalSecret(
  metadata: Metadata,
  entries: readonly { key: string; remoteRef: RemoteRef }[],
  refreshInterval: string,
) {
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata,
    spec: {
      refreshPolicy: "Periodic",
      refreshInterval,
      secretStoreRef: { kind: "SecretStore", name: READER },
      target: { name: metadata.name, creationPolicy: "Owner", deletionPolicy: "Retain" },
      data: entries.map(({ key: secretKey, remoteRef }) => ({ secretKey, remoteRef })),
    },
  };
}
