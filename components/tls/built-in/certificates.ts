import { createHash, type webcrypto } from "node:crypto";
import type { Extension, X509CertificateGenerator } from "@peculiar/x509";
import type { Leaf } from "../authority";
import { rootName } from "../generations";
import { endOf, startOf, type Lifetime } from "../validity";
import { keyFrom, sign, type KeyPair } from "./keys";

/** A root certificate of this program's own. */
export interface Root {
  /** PEM. */
  certificate: string;
  /** What its key comes from. */
  seed: string;
  /** CN of the root, the issuer of its leaves. */
  name: string;
}

/** Which root. */
export interface RootFacts extends Lifetime {
  /** Counts from 1; each has a seed, a key and a name of its own. */
  generation: number;
  /** CN. Default: that of the platform's root of this generation. */
  name?: string;
}

/** A certificate and its key, PEM. */
export interface Pair {
  certificate: string;
  key: string;
}

/** The root of a generation: the same bytes for the same seed and facts. */
export async function issueRoot(
  seed: string,
  { generation, name = rootName(generation), ...lifetime }: RootFacts,
): Promise<Root> {
  const x509 = await library();
  const key = rootKey(seed);
  const certificate = await issue(x509.X509CertificateGenerator, {
    subject: name,
    issuer: name,
    signer: key,
    key,
    lifetime,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.SubjectKeyIdentifierExtension(key.id),
    ],
  });
  return { certificate, seed, name };
}

/** A leaf that a root signs: the same bytes for the same root and facts; another key with each `issuedOn`. */
export async function issueLeaf(root: Root, leaf: Omit<Leaf, "namespace">, lifetime: Lifetime): Promise<Pair> {
  const x509 = await library();
  const signer = rootKey(root.seed);
  const key = keyFrom(root.seed, `leaf ${leaf.name} ${lifetime.issuedOn}`);
  const alternatives = [
    ...leaf.dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...(leaf.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  const usages = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth };
  const certificate = await issue(x509.X509CertificateGenerator, {
    subject: leaf.commonName,
    issuer: root.name,
    signer,
    key,
    lifetime,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(leaf.usages.map((usage) => usages[usage])),
      // Without a subject the alternative names are all there is, so nobody may pass over them (RFC 5280, 4.2.1.6).
      new x509.SubjectAlternativeNameExtension(alternatives, leaf.commonName === undefined),
      new x509.SubjectKeyIdentifierExtension(key.id),
      new x509.AuthorityKeyIdentifierExtension(signer.id),
    ],
  });
  return { certificate, key: key.privateKey };
}

function rootKey(seed: string): KeyPair {
  return keyFrom(seed, "root");
}

interface Request {
  subject: string | undefined;
  issuer: string;
  signer: KeyPair;
  key: KeyPair;
  lifetime: Lifetime;
  extensions: Extension[];
}

async function issue(generator: typeof X509CertificateGenerator, request: Request): Promise<string> {
  const { subject, issuer, signer, key, lifetime, extensions } = request;
  const made = await generator.create(
    {
      serialNumber: serialOf(request),
      ...(subject !== undefined && { subject: [{ CN: [subject] }] }),
      issuer: [{ CN: [issuer] }],
      notBefore: startOf(lifetime),
      notAfter: endOf(lifetime),
      publicKey: key.publicKey,
      signingKey: { algorithm: { name: "ECDSA", namedCurve: "P-256" } },
      extensions,
    },
    deterministicCrypto(signer),
  );
  return `${made.toString("pem")}\n`;
}

/** Another certificate has another number, of 127 bits at most. */
function serialOf({ subject, issuer, key, lifetime, extensions }: Request): string {
  const hash = createHash("sha256").update(JSON.stringify([subject, issuer, key.id, lifetime]));
  for (const { rawData } of extensions) hash.update(new Uint8Array(rawData));
  const number = hash.digest().subarray(0, 16);
  number[0] = ((number[0] ?? 0) & 0x7f) | 0x40;
  return number.toString("hex");
}

/** What the library needs of WebCrypto, whose own ECDSA signs differently each time. */
function deterministicCrypto(signer: KeyPair): webcrypto.Crypto {
  const subtle = {
    sign: (_: unknown, __: unknown, data: ArrayBuffer) => Promise.resolve(sign(signer, new Uint8Array(data))),
  };
  return { subtle } as unknown as webcrypto.Crypto;
}

/** Loaded when it is needed: most stacks never do. */
async function library() {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
