import { createLocalJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import { UserError } from "../../stacks/errors";

/** Milliseconds after which keys are asked for again. */
const FRESH_MS = 10 * 60 * 1000;
/** Milliseconds for which known keys stay good while the provider cannot be reached. */
const STALE_MS = 24 * 60 * 60 * 1000;
const TIMEOUT_MS = 5000;

const discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.string() });
const keySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** The provider's keys are not to be had, so that nobody can say whether a token is right. */
export class ProviderDown extends Error {
  override readonly name = "ProviderDown";
}

/**
 * The keys that an OpenID provider signs with: found by discovery, asked for again when they are old and when a token
 * names one that is not known. A provider that is down does not shut out whoever has a token by a known key.
 */
export class ProviderKeys {
  private known: { find: ReturnType<typeof createLocalJWKSet>; at: number } | undefined;
  private asked: { at: number; failure: ProviderDown | undefined } | undefined;
  private asking: Promise<void> | undefined;

  /**
   * @param issuer As its tokens say it.
   * @param cooldownMs Milliseconds between two questions, at least: whoever makes up keys must not make us ask each time.
   * @param now Milliseconds on a clock that never jumps.
   */
  constructor(
    private readonly issuer: string,
    private readonly cooldownMs: number,
    private readonly now: () => number,
  ) {}

  /**
   * The key of a token.
   *
   * @throws ProviderDown; JWKSNoMatchingKey when the provider does not have it
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (!this.known || this.now() - this.known.at > FRESH_MS) await this.refresh();
    try {
      return await this.usable().find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.refresh();
      if (this.asked?.failure) throw this.asked.failure;
      return this.usable().find(header, token);
    }
  };

  /** Asks the provider. @throws ProviderDown, UserError when what answers is another issuer */
  async ask(): Promise<void> {
    const base = this.issuer.replace(/\/$/, "");
    const found = await json(`${base}/.well-known/openid-configuration`, discovery);
    if (found.issuer !== this.issuer) {
      throw new UserError(
        `--oidc-issuer ${this.issuer}: what answers there calls itself ${found.issuer}; give it letter by letter`,
      );
    }
    if (!isSafe(found.jwks_uri)) throw new ProviderDown(`${this.issuer} has its keys at an address that is not https`);
    const keys = await json(found.jwks_uri, keySet);
    this.known = { find: createLocalJWKSet(keys), at: this.now() };
  }

  private usable() {
    if (this.known && this.now() - this.known.at <= STALE_MS) return this.known;
    throw this.asked?.failure ?? new ProviderDown(`${this.issuer} was not asked yet`);
  }

  /** Asks, unless that was done a moment ago; whoever comes meanwhile waits for the same answer. */
  private async refresh(): Promise<void> {
    if (!this.asking && this.asked && this.now() - this.asked.at < this.cooldownMs) return;
    this.asking ??= this.ask()
      .then(
        () => undefined,
        (error: unknown) => (error instanceof ProviderDown ? error : new ProviderDown((error as Error).message)),
      )
      .then((failure) => {
        this.asked = { at: this.now(), failure };
        this.asking = undefined;
      });
    await this.asking;
  }
}

/** Whether nobody on the way can change what an address answers. */
export function isSafe(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname));
}

async function json<T>(address: string, schema: z.ZodType<T>): Promise<T> {
  let body: unknown;
  try {
    const response = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    body = await response.json();
  } catch (error) {
    const { cause = error } = error as Error;
    const { code, message } = cause as { code?: unknown; message: string };
    throw new ProviderDown(`${address}: ${typeof code === "string" ? code : message}`);
  }
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new ProviderDown(`${address}: this is no answer of an OpenID provider`);
}
