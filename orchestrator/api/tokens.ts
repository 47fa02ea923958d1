import { hash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../../stacks/errors";
import { ROLE_NAMES, type Person, type Role } from "./roles";

/** 256 random bits. */
const TOKEN = /^noetl_[A-Za-z0-9_-]{43}$/;

const file = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\w.@-]{1,100}$/, "letters, digits and _ . @ - only"),
        role: z.enum(ROLE_NAMES),
        sha256: z.string().regex(/^[0-9a-f]{64}$/, "the 64 hex digits that noetl-ops orchestrator token prints"),
      }),
    )
    .min(1),
});

/**
 * Who has which token. Only hashes are kept. They are SHA-256 without salt, which would be wrong for passwords: a slow
 * hash makes guessing slow, but nobody guesses 256 random bits, so it would only slow down each request. Tokens that are
 * not of that form are refused, so that no weak one can get into the file. A hash is looked up as it is: how long that
 * takes tells of the hash, which leads to no token.
 */
export class Tokens {
  private constructor(private readonly people: ReadonlyMap<string, Person>) {}

  /** @throws UserError with everything that is wrong with the file, without its values */
  static read(path: string): Tokens {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      throw new UserError(`cannot read the tokens in ${path}: ${(error as Error).message}`);
    }
    let document: unknown;
    try {
      document = parse(text);
    } catch {
      // What the parser says shows the line.
      throw new UserError(`${path} is not YAML; it must be as docs/orchestrator.md says`);
    }
    const read = file.safeParse(document);
    if (!read.success) {
      const problems = read.error.issues.map((issue) => `  ${issue.path.join(".")}: ${issue.message}`);
      throw new UserError(`${path} holds no tokens:\n${problems.join("\n")}`);
    }
    const people = new Map<string, Person>();
    for (const { name, role, sha256 } of read.data.tokens) {
      if (people.has(sha256))
        throw new UserError(`${path}: ${name} has the token of somebody else; give each their own`);
      people.set(sha256, { name, roles: [role] });
    }
    return new Tokens(people);
  }

  /** Whose token it is. */
  personOf(token: string): Person | undefined {
    return TOKEN.test(token) ? this.people.get(hash("sha256", token, "hex")) : undefined;
  }
}

/** A new token, and its entry in the file of tokens. */
export function newToken(
  name: string,
  role: Role,
): { token: string; entry: { name: string; role: Role; sha256: string } } {
  const token = `noetl_${randomBytes(32).toString("base64url")}`;
  return { token, entry: { name, role, sha256: hash("sha256", token, "hex") } };
}
