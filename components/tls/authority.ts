import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../kubernetes/namespaces";
import type { FileNames, PodTls, TlsPlace } from "./pod-tls";

/** What a certificate proves its owner to be. */
export type Usage = "server" | "client";

/** A certificate that a workload needs. */
export interface Leaf {
  /** Name of the Secret, and of all else that is made for it: `noetl-server-tls`. */
  name: string;
  namespace: Namespace;
  /** At most 64 characters. Default: none, the host names are enough. */
  commonName?: string | undefined;
  /** Host names that peers reach the owner by. */
  dnsNames: readonly string[];
  /** Addresses that peers reach it by. Default: none. */
  ipAddresses?: readonly string[] | undefined;
  usages: readonly Usage[];
  /** Keys of the Secret where the authority can choose: cert-manager cannot. Default: tls.crt, tls.key, ca.crt. */
  keys?: FileNames | undefined;
  /**
   * What else is in the Secret. cert-manager writes no Secret with more in it than a certificate: there, this is what
   * the Secret has, and the certificate is in Secret NAME-certificate.
   */
  also?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
}

/**
 * A certificate that there is, or will be once the update is through: what its owner's pods need, whoever signed it.
 */
export interface TlsIdentity {
  /** Secret with `tls.crt`, `tls.key` and `ca.crt`. Readers that know the file names want {@link pod} instead. */
  secretName: string;
  /** What a workload with this certificate must be made after. */
  dependsOn: readonly pulumi.Resource[];
  /** What a pod must have to find certificate, key and trusted roots in one directory. */
  pod(place: TlsPlace): PodTls;
}

/** Who signs certificates: the program itself, cert-manager, or somebody who gave them. */
export interface CertificateAuthority {
  /** Makes a certificate, or takes the one that was given. */
  issue(leaf: Leaf): TlsIdentity;
}

/** Annotation of a Secret with the names that its certificate is for, which nobody could read out of it offline. */
export const NAMES_ANNOTATION = "certificate.noetl.io/names";

/** Keys of a Secret of type `kubernetes.io/tls`, and the names of its files. */
export const TLS_KEYS: FileNames = { certificate: "tls.crt", key: "tls.key", ca: "ca.crt" };
