import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Json } from "../../preview/graph";
import { at, listOf, objectOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import { RegistryProblem } from "./problem";
import { digestOf, type Registry } from "./registry";

/** What cosign signs: a small document that names the digest of the image. */
const PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json";

const SIGNATURE = "dev.cosignproject.cosign/signature";

/** Reads a public key as `cosign generate-key-pair` writes it. @throws UserError when the text is none */
export function parsePublicKey(pem: string, file: string): KeyObject {
  try {
    // Node makes a public key also of a private one, which nobody should hand around.
    if (pem.includes("PRIVATE KEY")) throw new Error("it is a private key");
    return createPublicKey(pem);
  } catch {
    throw new UserError(`${file} is not a public key in PEM\nnext: give the cosign.pub of whoever signs the images`);
  }
}

/**
 * Proves that somebody who has the private key has signed an image: one of the signatures that cosign keeps beside it, at
 * the tag `sha256-….sig`, must be right and name this digest.
 *
 * @param digest of the image
 * @throws RegistryProblem when no signature is there, or none is right
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export async function assertSigned(registry: Registry, digest: string, key: KeyObject): Promise<void> {
  const { host, path } = registry.place;
  const signatures = listOf((await signaturesOf(registry, digest)).layers).map(objectOf);
  const reasons: string[] = [];
  for (const layer of signatures.filter(({ mediaType }) => mediaType === PAYLOAD)) {
    const signature = textOf(at(layer, "annotations", SIGNATURE));
    const payload = textOf(layer.digest);
    if (signature === undefined || payload === undefined) continue;
    const text = await registry.blob(payload);
    const reason = fault(text, Buffer.from(signature, "base64"), digest, key);
    if (reason === undefined) return;
    reasons.push(reason);
  }
  const why = reasons.length === 0 ? "no signature is kept there" : [...new Set(reasons)].join("; ");
  throw new RegistryProblem("wrong", `${host}/${path}@${digest} is not signed with the key: ${why}`);
}

async function signaturesOf(registry: Registry, digest: string) {
  try {
    return (await registry.manifest(`${digest.replace(":", "-")}.sig`)).body;
  } catch (error) {
    if (error instanceof RegistryProblem && error.kind === "absent") return {};
    throw error;
  }
}

/** Why a signature proves nothing about the image; undefined when it does. */
function fault(payload: Buffer, signature: Buffer, digest: string, key: KeyObject): string | undefined {
  const { key: forVerify, hash } = verifierOf(key);
  if (!verify(hash, payload, forVerify, signature)) return "a signature is of another key, or of another payload";
  const claim = parse(payload);
  if (textOf(at(claim, "critical", "type")) !== "cosign container image signature") return "what is signed is no image";
  const named = textOf(at(claim, "critical", "image", "docker-manifest-digest"));
  return named === digest ? undefined : `what is signed is ${named ?? digestOf(payload)}`;
}

/** Ed25519 hashes by itself; RSA is padded as PKCS#1 v1.5 has it. */
function verifierOf(key: KeyObject) {
  if (key.asymmetricKeyType === "ed25519") return { key, hash: null };
  return { key: { key, padding: constants.RSA_PKCS1_PADDING }, hash: "sha256" };
}

function parse(text: Buffer): Json {
  try {
    return JSON.parse(text.toString("utf8")) as Json;
  } catch {
    return {};
  }
}
