import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { HELPER_RESOURCES, RESTRICTED_CONTAINER } from "../kubernetes/pod";

type Container = k8s.types.input.core.v1.Container;
type Projection = k8s.types.input.core.v1.VolumeProjection;
type Volume = k8s.types.input.core.v1.Volume;
type VolumeMount = k8s.types.input.core.v1.VolumeMount;

/** Names of the three files of a certificate, or of the keys of the Secret that they come from. */
export interface FileNames {
  certificate: string;
  key: string;
  /** Roots that peers' certificates are checked by, one after another. */
  ca: string;
}

/** Where a pod wants its certificate. */
export interface TlsPlace {
  /** Directory: `/tls`. */
  path: string;
  /** Name of the volume. Default: tls. */
  volume?: string | undefined;
  /** Names of the files. Default: tls.crt, tls.key, ca.crt. */
  names?: FileNames | undefined;
}

/** A root certificate that is a key of another object of the pod's namespace. */
export type RootSource = { key: string } & ({ secret: string } | { configMap: string });

/** Roots to trust that are not in the Secret of the certificate. */
export interface Trust {
  roots: readonly RootSource[];
  /** Image with `sh`, `cp` and `cat`: where there are several roots, an init container joins them. */
  joinImage: pulumi.Input<string>;
}

/** Where the three files come from. */
export interface TlsSource {
  secretName: string;
  /** The Secret's keys. */
  keys: FileNames;
  /** What to trust instead of the Secret's own roots. Default: those. */
  trust?: Trust | undefined;
  /** Changes when pods must start anew: an annotation of the pod template. */
  revision: pulumi.Input<string>;
  /** Whether Stakater's Reloader restarts the pods of a renewed certificate. */
  reloader: boolean;
}

/** What a pod must have to use a certificate. */
export interface PodTls {
  /** The files, in every container that has {@link volumeMounts}. */
  paths: FileNames;
  volumes: readonly Volume[];
  volumeMounts: readonly VolumeMount[];
  /** To run before all others, which may want the certificate, too. */
  initContainers: readonly Container[];
  /** Annotations of the pod template. A new value is a rolling restart. */
  podAnnotations: Readonly<Record<string, pulumi.Input<string>>>;
  /** Secrets whose change must restart the pods, as Reloader is told; see {@link reloaderAnnotations}. */
  reloads: readonly string[];
}

/** Prefix of the annotations by which pods start anew with another certificate. */
export const CERTIFICATE_ANNOTATION = "certificate.noetl.io";
/** Annotation of a workload that Reloader restarts when one of these Secrets changes. */
export const RELOADER_ANNOTATION = "secret.reloader.stakater.com/reload";

/** What a pod must have to find a certificate in a directory. */
export function podTls(source: TlsSource, { path, volume = "tls", names = source.keys }: TlsPlace): PodTls {
  const { secretName, keys, trust, revision, reloader } = source;
  const mount: VolumeMount = { name: volume, mountPath: path, readOnly: true };
  const common = {
    paths: {
      certificate: `${path}/${names.certificate}`,
      key: `${path}/${names.key}`,
      ca: `${path}/${names.ca}`,
    },
    volumeMounts: [mount],
    podAnnotations: { [`${CERTIFICATE_ANNOTATION}/${secretName}`]: revision },
    reloads: reloader ? [secretName] : [],
  };
  const own = pairs(keys, names);
  const [root, ...others] = trust?.roots ?? [];
  if (!trust || !root) {
    const isRenamed = own.some(({ key, path: file }) => key !== file);
    const secret = { secretName, ...(isRenamed && { items: own }) };
    return { ...common, volumes: [{ name: volume, secret }], initContainers: [] };
  }
  const identity: Projection = { secret: { name: secretName, items: own.slice(0, 2) } };
  if (others.length === 0) {
    const sources = [identity, projection(root, names.ca)];
    return { ...common, volumes: [{ name: volume, projected: { sources } }], initContainers: [] };
  }
  // No volume can put several roots into one file.
  const parts = `${volume}-parts`;
  const sources = [identity, ...trust.roots.map((one, index) => projection(one, `roots/${index}.crt`))];
  return {
    ...common,
    volumes: [
      { name: parts, projected: { sources } },
      // In memory: the key must not reach the node's disk.
      { name: volume, emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
    ],
    initContainers: [joinRoots(trust, names, { volume, parts })],
  };
}

/** The annotations of a workload that Reloader acts on; none where it has nothing to do. */
export function reloaderAnnotations(...all: readonly PodTls[]): Record<string, string> {
  const secrets = [...new Set(all.flatMap(({ reloads }) => reloads))];
  return secrets.length === 0 ? {} : { [RELOADER_ANNOTATION]: secrets.join(",") };
}

function pairs(keys: FileNames, names: FileNames): { key: string; path: string }[] {
  return (["certificate", "key", "ca"] as const).map((file) => ({ key: keys[file], path: names[file] }));
}

function projection(root: RootSource, path: string): Projection {
  const items = [{ key: root.key, path }];
  return "secret" in root ? { secret: { name: root.secret, items } } : { configMap: { name: root.configMap, items } };
}

function joinRoots({ joinImage }: Trust, names: FileNames, { volume, parts }: Record<"volume" | "parts", string>) {
  return {
    name: `${volume}-join-roots`,
    image: joinImage,
    command: [
      "sh",
      "-ec",
      `cd /parts; cp ${names.certificate} ${names.key} /joined/; cat roots/*.crt >/joined/${names.ca}`,
    ],
    resources: HELPER_RESOURCES,
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [
      { name: parts, mountPath: "/parts", readOnly: true },
      { name: volume, mountPath: "/joined" },
    ],
  } satisfies Container;
}
