import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";

/** Where the bearer token stands. */
export type TokenSource = { value: string } | { file: string };

/** The token as it is now: a file is read each time, so that a new one needs no restart. */
export async function readToken(source: TokenSource): Promise<string> {
  const token = "value" in source ? source.value : (await readFile(source.file, "utf8")).trim();
  if (token === "") throw new Error("the token is empty");
  return token;
}

/** Whether a request's Authorization header carries the token. How long it takes tells nothing about the token. */
export function isBearer(authorization: string | undefined, token: string): boolean {
  const [, given = ""] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
  return timingSafeEqual(digest(given), digest(token));
}

/** All of one length, which is what the comparison needs. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
