import type * as k8s from "@pulumi/kubernetes";
import { labels } from "../../kubernetes/labels";
import type { Namespace } from "../../kubernetes/namespaces";
import type { Leaf } from "../authority";
import { rootName } from "../generations";

type Manifest = k8s.apiextensions.CustomResourceArgs;

/** API group of cert-manager. */
const GROUP = "cert-manager.io";
/** The Issuer that roots sign themselves by. */
export const SELF_SIGNED = "noetl-selfsigned-issuer";

/** Who signs, as Certificates name it. */
export interface IssuerRef {
  name: string;
  kind: "Issuer" | "ClusterIssuer" | (string & {});
  /** API group. Default: cert-manager.io; issuers of others, such as Google CAS, have one of their own. */
  group?: string | undefined;
}

/** How long certificates hold, in days. */
export interface Days {
  root: number;
  leaf: number;
  /** How long before its end cert-manager renews a leaf. */
  renewBefore: number;
}

/** Whether issuers serve their own namespace, or all of them. */
export type IssuerKind = "Issuer" | "ClusterIssuer";

/** Where roots are, and who may use them. */
export interface RootPlace {
  /** That of the platform; for ClusterIssuers that of cert-manager, which looks for their Secrets there only. */
  namespace: Namespace;
  kind: IssuerKind;
}

/** The issuer of a generation. */
export function rootIssuer(generation: number, kind: IssuerKind): IssuerRef {
  return { name: `${rootName(generation)}-issuer`, kind };
}

export function selfSignedIssuer(place: RootPlace): Manifest {
  return { ...issuer(SELF_SIGNED, place), spec: { selfSigned: {} } };
}

export function caIssuer(generation: number, place: RootPlace): Manifest {
  const { name } = rootIssuer(generation, place.kind);
  return { ...issuer(name, place), spec: { ca: { secretName: rootSecret(generation) } } };
}

/** The root of a generation: a certificate that signs itself and others. */
export function rootCertificate(generation: number, { namespace, kind }: RootPlace, days: Days): Manifest {
  const name = rootName(generation);
  return certificate(name, namespace, {
    isCA: true,
    commonName: name,
    secretName: rootSecret(generation),
    duration: hours(days.root),
    // While a leaf's life is left, so that none outlives its root.
    renewBefore: hours(days.leaf),
    // A renewed root keeps its key, or everything it signed would be worth nothing at once. A new key is a new
    // generation.
    privateKey: privateKey("Never"),
    usages: ["cert sign", "crl sign"],
    issuerRef: issuerRef({ name: SELF_SIGNED, kind }),
  });
}

export function leafCertificate(leaf: Leaf, signer: IssuerRef, days: Days): Manifest {
  const { name, namespace, commonName, dnsNames, ipAddresses = [] } = leaf;
  return certificate(name, namespace, {
    secretName: name,
    ...(commonName !== undefined && { commonName }),
    dnsNames,
    ...(ipAddresses.length > 0 && { ipAddresses }),
    duration: hours(days.leaf),
    renewBefore: hours(days.renewBefore),
    privateKey: privateKey("Always"),
    usages: [...leaf.usages.map((usage) => `${usage} auth`), "digital signature", "key encipherment"],
    issuerRef: issuerRef(signer),
  });
}

/** Name of {@link trustCertificate} and of its Secret. */
export function trustName(generation: number): string {
  return `${rootName(generation)}-trust`;
}

/**
 * Brings the root of a generation into a namespace: the `ca.crt` of its Secret. Its own certificate is good for
 * nothing. So no pod needs the Secret of the root itself, which has the root's key in it and is in one namespace only.
 */
export function trustCertificate(generation: number, namespace: Namespace, kind: IssuerKind, days: Days): Manifest {
  const name = trustName(generation);
  return certificate(name, namespace, {
    secretName: name,
    commonName: name,
    duration: hours(days.leaf),
    renewBefore: hours(days.renewBefore),
    privateKey: privateKey("Always"),
    // Neither of a server nor of a client: whoever gets hold of the key cannot be anybody.
    usages: ["digital signature", "code signing"],
    issuerRef: issuerRef(rootIssuer(generation, kind)),
  });
}

function rootSecret(generation: number): string {
  return `${rootName(generation)}-tls`;
}

function issuer(name: string, { namespace, kind }: RootPlace): Manifest {
  const { namespace: inNamespace, ...metadata } = metadataOf(name, namespace);
  return {
    apiVersion: `${GROUP}/v1`,
    kind,
    metadata: kind === "Issuer" ? { ...metadata, namespace: inNamespace } : metadata,
  };
}

function certificate(name: string, namespace: Namespace, spec: object): Manifest {
  return { apiVersion: `${GROUP}/v1`, kind: "Certificate", metadata: metadataOf(name, namespace), spec };
}

function metadataOf(name: string, namespace: Namespace) {
  return { name, namespace: namespace.created, labels: labels({ app: "noetl", component: "tls" }) };
}

function issuerRef({ name, kind, group = GROUP }: IssuerRef) {
  return { name, kind, group };
}

/** RSA, as the platform's manifests have it: every peer reads it. */
function privateKey(rotationPolicy: "Always" | "Never") {
  return { algorithm: "RSA", size: 2048, encoding: "PKCS8", rotationPolicy };
}

function hours(days: number): string {
  return `${days * 24}h`;
}
