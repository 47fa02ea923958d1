import * as pulumi from "@pulumi/pulumi";
import { fingerprint } from "../kubernetes/fingerprint";
import type { CertificateAuthority, Leaf, TlsIdentity } from "./authority";
import { givenNames } from "./given-certificate";
import { leafSecret } from "./leaf-secret";

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
  issue(leaf: Leaf): TlsIdentity {
    const given = this.#leaves.get(leaf.name);
    if (!given) throw new Error(`nobody gave certificate ${leaf.name}`);
    const { certificate, ca } = given;
    const made = { ...given, names: givenNames(certificate), revision: fingerprint(certificate, ca) };
    return leafSecret(leaf, made, { parent: this });
  }
}
