import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from "node:crypto";
import { mapHashToField } from "@noble/curves/abstract/modular.js";
import { p256 } from "@noble/curves/nist.js";

/** A P-256 key that comes from a seed: the same one each time. */
export interface KeyPair {
  /** PKCS8, PEM. */
  privateKey: string;
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Buffer;
  /** Identifies the public key within a chain: 40 hexadecimal digits (RFC 7093, method 1). */
  id: string;
  /** The key itself. */
  scalar: Uint8Array;
}

/** 48 bytes for a scalar of 32: what is left of a bias is beyond measuring (FIPS 186-5, A.2.1). */
const SCALAR_SOURCE = 48;

/**
 * The key of a purpose. Nobody who has it, or those of other purposes, learns the seed.
 *
 * @param seed Text of at least 128 random bits.
 */
export function keyFrom(seed: string, purpose: string): KeyPair {
  const source = new Uint8Array(hkdfSync("sha256", seed, "noetl tls", purpose, SCALAR_SOURCE));
  const scalar = mapHashToField(source, p256.Point.CURVE().n);
  const point = p256.getPublicKey(scalar, false);
  const jwk = {
    kty: "EC",
    crv: "P-256",
    d: base64url(scalar),
    x: base64url(point.subarray(1, 33)),
    y: base64url(point.subarray(33)),
  };
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const publicKey = spki(key);
  const privateKey = key.export({ type: "pkcs8", format: "pem" }).toString();
  return { privateKey, publicKey, id: createHash("sha256").update(point).digest("hex").slice(0, 40), scalar };
}

/** A signature with SHA-256 as WebCrypto has it, r and s in a row; always the same one (RFC 6979). */
export function sign({ scalar }: KeyPair, data: Uint8Array): Uint8Array {
  return p256.sign(createHash("sha256").update(data).digest(), scalar).toBytes("compact");
}

function spki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
