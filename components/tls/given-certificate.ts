import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import type { Usage } from "./authority";

/** What somebody brings for one leaf. PEM, all of it. */
export interface GivenFiles {
  /** The certificate, then those between it and the CA. */
  certificate: string;
  /** Its key. Default: nobody knows it yet, and nothing is said of it. */
  key?: string | undefined;
  /** The certificates that peers' certificates are checked by, and that this one must end at. */
  ca: string;
}

/** What is wrong with given files. No message holds any of their text. */
export interface GivenProblem {
  part: keyof GivenFiles;
  message: string;
  /** What may be given instead. */
  allowed: string;
}

/** When certificates hold. */
export interface Validity {
  from: Date;
  to: Date;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** Object identifiers of what a certificate may be used for (RFC 5280, 4.2.1.12). */
const PURPOSE: Record<Usage, string> = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" };
const ANY_PURPOSE = "2.5.29.37.0";

const CERTIFICATE = "the owner's certificate in PEM form, then those between it and the CA";
const CA = "certificates of CAs in PEM form, one after another";
const KEY = "the certificate's private key in PEM form, without a passphrase";

/**
 * What is wrong with what is given for a leaf, but for its days: no function of the files can know those.
 *
 * @param usages What the leaf's owner is to prove by it.
 */
export function givenProblems({ certificate, key, ca }: GivenFiles, usages: readonly Usage[]): GivenProblem[] {
  const chain = read(certificate);
  const roots = read(ca);
  const [leaf, ...between] = Array.isArray(chain) ? chain : [];
  return [
    ...(typeof chain === "string" ? [{ part: "certificate" as const, message: chain, allowed: CERTIFICATE }] : []),
    ...(typeof roots === "string" ? [{ part: "ca" as const, message: roots, allowed: CA }] : caProblems(roots)),
    ...(leaf ? leafProblems(leaf, usages) : []),
    ...(leaf && Array.isArray(roots) ? chainProblems(leaf, between, roots) : []),
    ...(key === undefined ? [] : keyProblems(key, leaf)),
  ];
}

/** Host names and addresses that a readable certificate is for. */
export function givenNames(certificate: string): string[] {
  const [leaf] = certificatesIn(certificate);
  return leaf ? namesOf(leaf) : [];
}

/** When each certificate of a readable text holds. */
export function givenValidity(text: string): Validity[] {
  return certificatesIn(text).map(({ validFrom, validTo }) => ({ from: new Date(validFrom), to: new Date(validTo) }));
}

function certificatesIn(text: string): X509Certificate[] {
  const found = read(text);
  return typeof found === "string" ? [] : found;
}

/** The certificates of a text, or what is wrong with it. */
function read(text: string): X509Certificate[] | string {
  const blocks = [...text.matchAll(BLOCK)];
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) {
    return "there is a private key in it, which has been readable: make another one";
  }
  const other = blocks.find(([, kind]) => kind !== "CERTIFICATE");
  if (other) return `there is a ${other[1] ?? ""} in it, which is no certificate`;
  if (blocks.length === 0) return "there is no certificate in it: no -----BEGIN CERTIFICATE----- with its end";
  const left = blocks.reduce((rest, [block]) => rest.replace(block, ""), text);
  if (left.includes("-----")) return "a certificate in it has no beginning or no end";
  const certificates: X509Certificate[] = [];
  for (const [index, [block]] of blocks.entries()) {
    const one = parsed(block);
    if (!one) return `certificate ${index + 1} of ${blocks.length} in it cannot be read`;
    certificates.push(one);
  }
  return certificates;
}

function parsed(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block);
  } catch {
    return undefined;
  }
}

function caProblems(roots: readonly X509Certificate[]): GivenProblem[] {
  const index = roots.findIndex(({ ca }) => !ca);
  if (index < 0) return [];
  const message = `certificate ${index + 1} of ${roots.length} may sign no others: it lacks the CA flag (basicConstraints CA:TRUE), and peers refuse what it signed`;
  return [{ part: "ca", message, allowed: CA }];
}

function leafProblems(leaf: X509Certificate, usages: readonly Usage[]): GivenProblem[] {
  const problem = (message: string, allowed: string): GivenProblem => ({ part: "certificate", message, allowed });
  // No such extension means any purpose. Node's types do not know that there may be none.
  const purposes = leaf.keyUsage as string[] | undefined;
  const lacking = usages.filter((usage) => !purposes?.some((one) => one === PURPOSE[usage] || one === ANY_PURPOSE));
  const wanted = usages.map((usage) => `${usage}Auth`).join(" and ");
  return [
    ...(leaf.ca ? [problem("it is a CA's own (basicConstraints CA:TRUE), which peers refuse", CERTIFICATE)] : []),
    ...(purposes && lacking.length > 0
      ? [
          problem(
            `it may not be used as that of a ${lacking.join(" and ")} (extended key usage)`,
            `a certificate with the extended key usage ${wanted}, or with none at all`,
          ),
        ]
      : []),
    ...(usages.includes("server") && namesOf(leaf).length === 0
      ? [
          problem(
            "it is for no host: peers read only subject alternative names, and it has none",
            "a certificate with the names that clients use as subject alternative names",
          ),
        ]
      : []),
  ];
}

/** Goes from the leaf to a root by way of what is between them. */
function chainProblems(leaf: X509Certificate, between: readonly X509Certificate[], roots: readonly X509Certificate[]) {
  const left = new Set(between.filter(({ ca }) => ca));
  let last = leaf;
  while (!roots.some((root) => isSignedBy(last, root))) {
    const next = [...left].find((one) => isSignedBy(last, one));
    if (!next) {
      const message = "it does not lead to the given CA: neither the CA nor a certificate that follows signed it";
      const problem: GivenProblem = { part: "certificate", message, allowed: `${CERTIFICATE}, which is in \`ca\`` };
      return [problem];
    }
    left.delete(next);
    last = next;
  }
  return [];
}

function isSignedBy(one: X509Certificate, signer: X509Certificate): boolean {
  return one.checkIssued(signer) && one.verify(signer.publicKey);
}

function keyProblems(text: string, leaf: X509Certificate | undefined): GivenProblem[] {
  const key = keyIn(text);
  if (!key) return [{ part: "key", message: "cannot be read", allowed: KEY }];
  if (!leaf || leaf.checkPrivateKey(key)) return [];
  return [{ part: "key", message: "is not the key of the certificate", allowed: KEY }];
}

function keyIn(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

/** `DNS:a.b, IP Address:127.0.0.1`; what Node quotes is no name of a host. */
function namesOf({ subjectAltName = "" }: X509Certificate): string[] {
  return subjectAltName.split(", ").flatMap((entry) => {
    const [, name = ""] = /^(?:DNS|IP Address):([^"]+)$/.exec(entry) ?? [];
    return name === "" ? [] : [name];
  });
}
