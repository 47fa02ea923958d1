import { z } from "zod";
import { leaf } from "./leaf";

/** Marks a leaf that only an encrypted value (`secure:`) may fill; see stacks/config/secrets. */
const SECRET = "secret";

/** What stands for every secret value offline, where nothing can decrypt it. */
export const PLACEHOLDER = "offline-placeholder";

/**
 * A value that the stack file holds encrypted. In the file it stands as `secure: …` (written by
 * `pulumi config set --secret --path`); the program gets the decrypted text.
 */
export function secret() {
  return z
    .string()
    .min(1)
    .meta({ [SECRET]: true, kind: "secret", allowed: "an encrypted value, as `secure: …`" });
}

/** Certificates as text; what is in them, rules tell, which know what they are for and show none of it. */
export function pem() {
  return leaf(z.string().min(1), {
    kind: "certificate",
    allowed: "certificates in PEM form, one after another: -----BEGIN CERTIFICATE----- and so on",
  });
}
