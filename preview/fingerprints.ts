import { createHmac, randomBytes } from "node:crypto";
import type { Json } from "./graph";

/**
 * A key for the secrets of one comparison: both programs that are compared get the same one, and nobody keeps it.
 * Without it a fingerprint tells nothing, not even to who can guess the secret.
 */
export function fingerprintKey(): Buffer {
  return randomBytes(32);
}

/** First 12 hexadecimal digits of the HMAC-SHA256 of a secret value. */
export function fingerprintOf(key: Buffer, value: Json): string {
  return createHmac("sha256", key).update(JSON.stringify(value)).digest("hex").slice(0, 12);
}
