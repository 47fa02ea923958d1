import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { fingerprint } from "../../kubernetes/fingerprint";
import type { CertificateAuthority, Leaf, TlsIdentity } from "../authority";
import { leafSecret } from "../leaf-secret";
import type { Lifetime } from "../validity";
import { issueLeaf, issueRoot, type Root, type RootFacts } from "./certificates";

export interface BuiltInAuthorityArgs {
  /** The generation that signs; one of `trusted`. */
  generation: number;
  /** Roots that every peer trusts. */
  trusted: readonly RootFacts[];
  /** How long leaves hold; a later `issuedOn` renews them all. */
  leaves: Lifetime;
  /** Whether Pulumi refuses to delete the seed of the root that signs. Default: true. */
  protect?: boolean | undefined;
}

/**
 * A certificate authority inside this program, for clusters without cert-manager: P-256 certificates in Secrets of the
 * same shape. All there is to keep is a seed a generation, encrypted in Pulumi's state; every key, number and
 * signature comes from it, so that an update without a change changes nothing.
 */
export class BuiltInAuthority extends pulumi.ComponentResource implements CertificateAuthority {
  readonly #leaves: Lifetime;
  readonly #roots: pulumi.Output<Root[]>;

  constructor(name: string, args: BuiltInAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:tls:BuiltInAuthority", name, {}, opts);
    const signer = args.trusted.find(({ generation }) => generation === args.generation);
    if (!signer) throw new Error(`generation ${args.generation} signs, and nobody would trust it`);
    this.#leaves = args.leaves;
    // The one that signs comes first. It is protected: to lose its seed would change every certificate at once.
    const roots = [signer, ...args.trusted.filter((facts) => facts !== signer)].map((facts) => {
      const made = new random.RandomBytes(
        `${name}-generation-${facts.generation}`,
        { length: 32 },
        { parent: this, protect: args.protect !== false && facts === signer },
      );
      return pulumi.secret(made.base64).apply((seed) => issueRoot(seed, facts));
    });
    this.#roots = pulumi.all(roots);
    this.registerOutputs();
  }

  issue(leaf: Leaf): TlsIdentity {
    const { dnsNames, ipAddresses = [] } = leaf;
    const made = this.#roots.apply(([signer, ...others]) => signAll(leaf, this.#leaves, signer, others));
    const { certificate, key, ca } = made;
    // Certificates are public, and one changes whenever its key does.
    const revision = pulumi.unsecret(pulumi.all([certificate, ca])).apply((texts) => fingerprint(...texts));
    return leafSecret(leaf, { certificate, key, ca, names: [...dnsNames, ...ipAddresses], revision }, { parent: this });
  }
}

async function signAll(leaf: Leaf, lifetime: Lifetime, signer: Root | undefined, others: Root[]) {
  if (!signer) throw new Error("no root signs");
  const pair = await issueLeaf(signer, leaf, lifetime);
  return { ...pair, ca: [signer, ...others].map(({ certificate }) => certificate).join("") };
}
