import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../../kubernetes/labels";
import type { Namespace } from "../../kubernetes/namespaces";
import { TLS_KEYS, type CertificateAuthority, type Leaf, type TlsIdentity } from "../authority";
import { podTls, type RootSource } from "../pod-tls";
import * as manifests from "./manifests";

/** Roots of the platform's own, which cert-manager makes. */
export interface OwnRoots extends manifests.RootPlace {
  /** The generation that signs; one of `trusted`. */
  generation: number;
  /** Generations that every peer trusts. */
  trusted: readonly number[];
}

export interface CertManagerAuthorityArgs {
  /** Who signs: roots that are made here, or an issuer that there is. */
  signer: OwnRoots | manifests.IssuerRef;
  days: manifests.Days;
  /** ConfigMap with the roots to trust, key `ca.crt`, in every namespace that has certificates. Default: none. */
  trustConfigMap?: string | undefined;
  /** Whether Stakater's Reloader, which must be in the cluster, restarts the pods of a renewed certificate. */
  reloader: boolean;
  /** Image with `sh`, `cp` and `cat`, for pods that trust several roots. */
  joinImage: pulumi.Input<string>;
  /** The operator, when the stack installs it: before it nobody knows Issuers and Certificates. Default: it is there. */
  operator?: pulumi.Resource | undefined;
}

/**
 * cert-manager signs: by a chain of its own (self-signed issuer, root, issuer of that root; one a generation), or by
 * an issuer that somebody else has made. It renews leaves by itself; pods have to be restarted for that.
 */
export class CertManagerAuthority extends pulumi.ComponentResource implements CertificateAuthority {
  readonly #args: CertManagerAuthorityArgs;
  readonly #chain: pulumi.Resource[] = [];
  readonly #trusts = new Map<string, k8s.apiextensions.CustomResource>();

  constructor(name: string, args: CertManagerAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:tls:CertManagerAuthority", name, {}, opts);
    const { signer, days } = args;
    this.#args = args;
    if (isOwn(signer)) {
      if (!signer.trusted.includes(signer.generation)) {
        throw new Error(`generation ${signer.generation} signs, and nobody would trust it`);
      }
      const selfSigned = this.make(manifests.SELF_SIGNED, manifests.selfSignedIssuer(signer));
      for (const generation of signer.trusted) {
        const root = manifests.rootCertificate(generation, signer, days);
        const issuer = manifests.caIssuer(generation, signer);
        const made = this.make(`noetl-ca-${generation}`, root, [selfSigned]);
        this.#chain.push(this.make(`noetl-ca-${generation}-issuer`, issuer, [made]));
      }
    }
    this.registerOutputs();
  }

  issue(leaf: Leaf): TlsIdentity {
    const { signer, days, reloader, joinImage } = this.#args;
    if (isOwn(signer) && signer.kind === "Issuer" && leaf.namespace.name !== signer.namespace.name) {
      throw new Error(
        `${leaf.name} is in namespace ${leaf.namespace.name}, and the issuer in ${signer.namespace.name}`,
      );
    }
    const issuer = isOwn(signer) ? manifests.rootIssuer(signer.generation, signer.kind) : signer;
    const secretName = leaf.also ? `${leaf.name}-certificate` : leaf.name;
    const made = this.make(
      leaf.name,
      manifests.leafCertificate({ ...leaf, name: secretName }, issuer, days),
      this.#chain,
    );
    const also = leaf.also ? [this.others(leaf, leaf.also)] : [];
    const { roots, dependsOn } = this.trust(leaf.namespace);
    const source = {
      secretName,
      keys: TLS_KEYS,
      trust: roots && { roots, joinImage },
      revision: isOwn(signer) ? `generation-${signer.generation}-of-${signer.trusted.join("-")}` : issuer.name,
      reloader,
    };
    return { secretName, dependsOn: [made, ...also, ...dependsOn], pod: (place) => podTls(source, place) };
  }

  /**
   * Where the pods of a namespace find the roots they trust. While there is one generation, the Secret of each
   * certificate has it; with several, no Secret of a certificate has them all.
   */
  private trust(namespace: Namespace): { roots?: RootSource[]; dependsOn: pulumi.Resource[] } {
    const { signer, trustConfigMap: configMap, days } = this.#args;
    if (configMap !== undefined) return { roots: [{ configMap, key: TLS_KEYS.ca }], dependsOn: [] };
    if (!isOwn(signer) || signer.trusted.length === 1) return { dependsOn: [] };
    const dependsOn = signer.trusted.map((generation) => {
      const name = `${namespace.name}-${manifests.trustName(generation)}`;
      const made = manifests.trustCertificate(generation, namespace, signer.kind, days);
      const trust = this.#trusts.get(name) ?? this.make(name, made, this.#chain);
      this.#trusts.set(name, trust);
      return trust;
    });
    return {
      roots: signer.trusted.map((generation) => ({ secret: manifests.trustName(generation), key: TLS_KEYS.ca })),
      dependsOn,
    };
  }

  private others({ name, namespace }: Leaf, stringData: NonNullable<Leaf["also"]>): k8s.core.v1.Secret {
    const metadata = { name, namespace: namespace.created, labels: labels({ app: "noetl", component: "tls" }) };
    return new k8s.core.v1.Secret(name, { metadata, stringData: pulumi.secret(stringData) }, { parent: this });
  }

  private make(name: string, manifest: k8s.apiextensions.CustomResourceArgs, after: pulumi.Resource[] = []) {
    const { operator } = this.#args;
    const dependsOn = operator ? [operator, ...after] : after;
    return new k8s.apiextensions.CustomResource(name, manifest, { parent: this, dependsOn });
  }
}

function isOwn(signer: OwnRoots | manifests.IssuerRef): signer is OwnRoots {
  return "trusted" in signer;
}
