import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { fingerprint } from "../kubernetes/fingerprint";
import { labels } from "../kubernetes/labels";
import { NAMES_ANNOTATION, TLS_KEYS, type CertificateAuthority, type Leaf, type TlsIdentity } from "./authority";
import { givenNames } from "./given-certificate";
import { podTls } from "./pod-tls";

/** A certificate of somebody else's, its key, and what its owner knows peers by. PEM. */
export interface GivenLeaf {
  certificate: string;
  key: pulumi.Input<string>;
  ca: string;
}

export interface GivenAuthorityArgs {
  /** By the name of the leaf's Secret: `noetl-server-tls`. */
  leaves: ReadonlyMap<string, GivenLeaf>;
}

/**
 * Signs nothing: hands out certificates that were given, in Secrets of the same shape as those of the others. Whether
 * they are any good, `givenProblems` tells.
 */
export class GivenAuthority extends pulumi.ComponentResource implements CertificateAuthority {
  readonly #leaves: GivenAuthorityArgs["leaves"];

  constructor(name: string, { leaves }: GivenAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:tls:GivenAuthority", name, {}, opts);
    this.#leaves = leaves;
    this.registerOutputs();
  }

  /** @throws Error for a leaf that nobody gave. */
  issue({ name, namespace, keys = TLS_KEYS, also }: Leaf): TlsIdentity {
    const given = this.#leaves.get(name);
    if (!given) throw new Error(`nobody gave certificate ${name}`);
    const { certificate, key, ca } = given;
    const secret = new k8s.core.v1.Secret(
      name,
      {
        metadata: {
          name,
          namespace: namespace.created,
          labels: labels({ app: "noetl", component: "tls" }),
          annotations: { [NAMES_ANNOTATION]: givenNames(certificate).join(",") },
        },
        // Kubernetes demands the usual keys of Secrets of the usual type.
        type: keys === TLS_KEYS ? "kubernetes.io/tls" : "Opaque",
        stringData: pulumi.secret({
          [keys.certificate]: certificate,
          [keys.key]: key,
          [keys.ca]: ca,
          ...also,
        }),
      },
      { parent: this },
    );
    const source = { secretName: name, keys, revision: fingerprint(certificate, ca), reloader: false };
    return { secretName: name, dependsOn: [secret], pod: (place) => podTls(source, place) };
  }
}
