// The library's dependency injection needs it first.
import "reflect-metadata";
import { createPrivateKey, randomBytes, webcrypto, X509Certificate as NodeCertificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { UserError } from "../../../stacks/errors";
import type { Identity } from "./handshake";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
type Algorithm = typeof EC | { name: "RSASSA-PKCS1-v1_5"; hash: "SHA-256" };

/** Who signs certificates: PEM. */
export interface Signer {
  certificate: string;
  key: string;
}

/** An authority that nobody knows, and a client of it; both live in this process only. */
export interface Stranger {
  /** Its root, PEM. */
  root: string;
  client: Identity;
}

/** Makes an authority, and a certificate of it that says what another one says of its owner. @param like PEM */
export async function makeStranger(like: string | undefined): Promise<Stranger> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const subject = like === undefined ? "CN=noetl-verify" : new x509.X509Certificate(like).subject;
  // The name of the right authority, too: it is the key that must be known.
  const name = like === undefined ? "CN=noetl-verify" : new x509.X509Certificate(like).issuer;
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    notBefore: new Date(Date.now() - HOUR),
    notAfter: new Date(Date.now() + DAY),
    name,
    keys,
    signingAlgorithm: EC,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const client = await issue({
    subject,
    issuer: root.subject,
    key: keys.privateKey,
    algorithm: EC,
    until: Date.now() + DAY,
  });
  return { root: root.toString("pem"), client };
}

/** A certificate of an authority that was over an hour ago, with the name of one that holds. @param like PEM */
export async function expiredClient({ certificate, key }: Signer, like: string): Promise<Identity> {
  const { subject } = new x509.X509Certificate(like);
  const issuer = new x509.X509Certificate(certificate).subject;
  const { imported, algorithm } = await importedKey(key);
  return issue({ subject, issuer, key: imported, algorithm, until: Date.now() - HOUR });
}

/** The one that has signed a certificate; undefined when none of them has. @param certificate PEM */
export function signerOf(certificate: string, candidates: readonly Signer[]): Signer | undefined {
  const leaf = new NodeCertificate(certificate);
  return candidates.find((candidate) => leaf.verify(new NodeCertificate(candidate.certificate).publicKey));
}

interface Leaf {
  subject: string;
  issuer: string;
  key: webcrypto.CryptoKey;
  algorithm: Algorithm;
  /** Last moment, as Date.now() has it. */
  until: number;
}

async function issue({ subject, issuer, key, algorithm, until }: Leaf): Promise<Identity> {
  const keys = await webcrypto.subtle.generateKey(EC, true, ["sign", "verify"]);
  const leaf = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    notBefore: new Date(until - 2 * DAY),
    notAfter: new Date(until),
    subject,
    issuer,
    publicKey: keys.publicKey,
    signingKey: key,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certificate: leaf.toString("pem"), key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
}

/** Keys of authorities are of RSA, as cert-manager makes them here, or of the curve P-256. */
async function importedKey(pem: string): Promise<{ imported: webcrypto.CryptoKey; algorithm: Algorithm }> {
  const key = createPrivateKey(pem);
  const algorithm: Algorithm = key.asymmetricKeyType === "rsa" ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } : EC;
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  try {
    return { imported: await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]), algorithm };
  } catch {
    throw new UserError(`the key of the authority is neither RSA nor P-256: ${key.asymmetricKeyType ?? "unknown"}`);
  }
}

function serialNumber(): string {
  return `01${randomBytes(15).toString("hex")}`;
}
