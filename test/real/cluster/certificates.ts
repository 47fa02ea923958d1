// The library's dependency injection needs it first.
import "reflect-metadata";
import { generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const HOUR = 3_600_000;

/** A certificate and its private key, both PEM. */
export interface KeyedCertificate {
  certificate: string;
  key: string;
}

/** When a certificate holds. */
export interface Period {
  notBefore: Date;
  notAfter: Date;
}

/** Signs certificates that hold for one day, unless a period says otherwise. */
export interface Authority {
  /** Its own certificate, PEM. */
  certificate: string;
  /** Its private key, PEM. */
  key: string;
  /** Signs a server's certificate for DNS names and IP addresses. */
  server(hosts: readonly string[]): Promise<KeyedCertificate>;
  /** Signs a certificate of one that is server and client to its like. */
  peer(hosts: readonly string[], period?: Period): Promise<KeyedCertificate>;
  /** Signs a client's certificate; Kubernetes reads the user from its common name and the groups from its organizations. */
  client(user: string, groups?: readonly string[], period?: Period): Promise<KeyedCertificate>;
}

/** Makes a new authority. @param name its common name */
export async function createAuthority(name: string): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    ...today(),
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  const sign = (leaf: Leaf): Promise<KeyedCertificate> => signLeaf(root, keys.privateKey, leaf);
  return {
    certificate: root.toString("pem"),
    key: await pemOf(keys.privateKey),
    server: (hosts) => sign({ subject: `CN=${hosts[0] ?? name}`, usages: [ExtendedKeyUsage.serverAuth], hosts }),
    peer: (hosts, period) => {
      const usages = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];
      return sign({ subject: `CN=${hosts[0] ?? name}`, usages, hosts, period });
    },
    client: (user, groups = [], period) => {
      const organizations = groups.map((group) => `, O=${group}`).join("");
      return sign({ subject: `CN=${user}${organizations}`, usages: [ExtendedKeyUsage.clientAuth], hosts: [], period });
    },
  };
}

interface Leaf {
  subject: string;
  usages: ExtendedKeyUsage[];
  hosts: readonly string[];
  period?: Period | undefined;
}

async function signLeaf(
  root: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  { subject, usages, hosts, period = today() }: Leaf,
): Promise<KeyedCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const names = hosts.map((host): JsonGeneralName => ({ type: /^[\d.]+$|:/.test(host) ? "ip" : "dns", value: host }));
  const leaf = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    ...period,
    subject,
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(usages),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
    ],
  });
  return { certificate: leaf.toString("pem"), key: await pemOf(keys.privateKey) };
}

/** From an hour ago, because clocks in containers may differ, for a day. */
function today(): Period {
  const now = Date.now();
  return { notBefore: new Date(now - HOUR), notAfter: new Date(now + 24 * HOUR) };
}

/** A period that ended an hour ago. */
export function expired(): Period {
  const now = Date.now();
  return { notBefore: new Date(now - 24 * HOUR), notAfter: new Date(now - HOUR) };
}

/** A new one, positive: its first bit is zero. */
function serialNumber(): string {
  return `01${randomBytes(15).toString("hex")}`;
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

/** A key pair that signs the tokens of service accounts, PEM. */
export function createTokenKeys(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}
