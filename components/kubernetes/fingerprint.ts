import { createHash } from "node:crypto";

/** Eight hexadecimal digits that change with any of the texts. Not for secrets: it lets anybody test guesses. */
export function fingerprint(...texts: string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex").slice(0, 8);
}
