import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../kubernetes/labels";
import { NAMES_ANNOTATION, TLS_KEYS, type Leaf, type TlsIdentity } from "./authority";
import { podTls } from "./pod-tls";

/** What a certificate's Secret is made of. PEM. */
export interface LeafFiles {
  certificate: pulumi.Input<string>;
  key: pulumi.Input<string>;
  /** Roots that its owner knows peers by. */
  ca: pulumi.Input<string>;
  /** Names that it is for, which nobody could read out of the Secret offline. */
  names: readonly string[];
  /** Changes with the certificate, and restarts its readers. */
  revision: pulumi.Input<string>;
}

/** The Secret of a certificate that the program has itself, and what its readers need. */
export function leafSecret(
  { name, namespace, keys = TLS_KEYS, also }: Leaf,
  { certificate, key, ca, names, revision }: LeafFiles,
  opts: pulumi.CustomResourceOptions,
): TlsIdentity {
  const secret = new k8s.core.v1.Secret(
    name,
    {
      metadata: {
        name,
        namespace: namespace.created,
        labels: labels({ app: "noetl", component: "tls" }),
        annotations: { [NAMES_ANNOTATION]: names.join(",") },
      },
      // Kubernetes demands the usual keys of Secrets of the usual type.
      type: keys === TLS_KEYS ? "kubernetes.io/tls" : "Opaque",
      stringData: pulumi.secret({ [keys.certificate]: certificate, [keys.key]: key, [keys.ca]: ca, ...also }),
    },
    opts,
  );
  const source = { secretName: name, keys, revision, reloader: false };
  return { secretName: name, dependsOn: [secret], pod: (place) => podTls(source, place) };
}
