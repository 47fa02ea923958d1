import { errors, jwtVerify, type JWTPayload } from "jose";
import { UserError } from "../../stacks/errors";
import { isSafe, ProviderDown, ProviderKeys } from "./oidc-keys";
import type { ErrorCode } from "./error-codes";
import { ApiError } from "./problem";
import { ROLE_NAMES, type Person, type Role } from "./roles";

/** Signatures by a key pair. `none`, and those by a shared secret, are never taken. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
/** Claims that hold roles, unless a setting names another one. */
const ROLE_CLAIMS = ["roles", "groups"];

export interface OidcSettings {
  /** As its tokens say it, as `https://accounts.google.com`. */
  issuer: string;
  /** Whom tokens must be for. */
  audience: string;
  /** Claim that holds the roles, as `groups` or `realm_access.roles`. Default: `roles`, else `groups`. */
  rolesClaim?: string | undefined;
  /** What its values stand for. Default: the names of the roles themselves. */
  roles?: ReadonlyMap<string, Role> | undefined;
  /** Claim that names the person. Default: `sub`, which nobody can change. */
  nameClaim?: string | undefined;
  /** Seconds that clocks may differ. Default: 30. */
  toleranceSeconds?: number | undefined;
}

export interface OidcClock {
  /** Milliseconds between two questions to the provider, at least. Default: 30 s. */
  cooldownMs?: number;
  /** Default: the machine's. */
  now?: () => Date;
}

/** Tokens of an OpenID provider: signed by its keys, for this service, and not too old. */
export class Oidc {
  private readonly keys: ProviderKeys;

  /** @throws UserError for an address that is not https */
  constructor(
    private readonly settings: OidcSettings,
    private readonly clock: OidcClock = {},
  ) {
    const { issuer } = settings;
    if (!isSafe(issuer)) {
      throw new UserError(`--oidc-issuer ${issuer} must be an address with https://, as https://accounts.google.com`);
    }
    this.keys = new ProviderKeys(issuer, clock.cooldownMs ?? 30_000, () => performance.now());
  }

  /**
   * Asks the provider for its keys, so that a mistake is told at the start.
   *
   * @returns what is wrong with a provider that cannot be reached; it is asked again when a token comes
   * @throws UserError when what answers is another issuer
   */
  async start(): Promise<string | undefined> {
    try {
      await this.keys.ask();
      return undefined;
    } catch (error) {
      if (error instanceof ProviderDown) return error.message;
      throw error;
    }
  }

  /** @throws ApiError 401 with what is wrong with a token, 403 when its roles are none of ours, 503 */
  async personOf(token: string): Promise<Person> {
    const { issuer, audience, toleranceSeconds = 30 } = this.settings;
    let claims: JWTPayload;
    try {
      const verified = await jwtVerify(token, this.keys.find, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: toleranceSeconds,
        requiredClaims: ["exp", "sub"],
        ...(this.clock.now && { currentDate: this.clock.now() }),
      });
      claims = verified.payload;
    } catch (error) {
      throw refusalOf(error);
    }
    return { name: this.nameOf(claims), roles: this.rolesOf(claims) };
  }

  /** Marked as the provider's: nobody there can take the name of somebody with a token of ours. */
  private nameOf(claims: JWTPayload): string {
    const claim = this.settings.nameClaim ?? "sub";
    assertVerified(claims, claim);
    const name = claimOf(claims, claim);
    if (typeof name === "string" && /^[^\p{Cc}]{1,200}$/u.test(name)) return `oidc:${name}`;
    throw unauthorized("token-claims", `the token's claim ${claim} must name a person`);
  }

  private rolesOf(claims: JWTPayload): readonly Role[] {
    const { rolesClaim, roles } = this.settings;
    const claim = rolesClaim ?? ROLE_CLAIMS.find((one) => claims[one] !== undefined) ?? "roles";
    assertVerified(claims, claim);
    const found = claimOf(claims, claim);
    const values = typeof found === "string" ? found.split(" ") : Array.isArray(found) ? found : [];
    const meant = (value: unknown) => (roles ? roles.get(String(value)) : ROLE_NAMES.find((role) => role === value));
    const mine = new Set(values.map(meant).filter((role) => role !== undefined));
    if (mine.size > 0) return ROLE_NAMES.filter((role) => mine.has(role));
    const message = `the token's claim ${claim} gives none of the roles ${ROLE_NAMES.join(", ")}`;
    throw new ApiError("no-role", message, [{ path: "header.authorization", message }]);
  }
}

/** A claim by its name, or by the way to it. */
function claimOf(claims: JWTPayload, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split(".").reduce<unknown>((inside, key) => {
    if (typeof inside !== "object" || inside === null || !Object.hasOwn(inside, key)) return undefined;
    return (inside as Record<string, unknown>)[key];
  }, claims);
}

/** An address that nobody has verified is anybody's. */
function assertVerified(claims: JWTPayload, claim: string): void {
  if (claim !== "email" || claims.email_verified === true) return;
  throw unauthorized("token-claims", "the token's email is not verified");
}

function unauthorized(code: ErrorCode, message: string): ApiError {
  return new ApiError(code, message, [{ path: "header.authorization", message }], {
    "www-authenticate": 'Bearer error="invalid_token"',
  });
}

/** By the code of the library's error; none of our messages holds anything of the token. */
const REFUSALS: Record<string, readonly [code: ErrorCode, message: string]> = {
  ERR_JWT_EXPIRED: ["token-expired", "the token has expired: get a new one"],
  ERR_JOSE_ALG_NOT_ALLOWED: ["token-algorithm", "the token is signed in a way that is not taken"],
  ERR_JOSE_NOT_SUPPORTED: ["token-algorithm", "the token is signed in a way that is not taken"],
  ERR_JWKS_NO_MATCHING_KEY: ["token-key-unknown", "the provider has no such key as the token names"],
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: ["token-key-unknown", "the token does not say which key signed it"],
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: ["token-signature", "the token's signature is wrong"],
  ERR_JWS_INVALID: ["token-malformed", "this is no token"],
  ERR_JWT_INVALID: ["token-malformed", "this is no token"],
};

const CLAIMS: Record<string, readonly [code: ErrorCode, message: string]> = {
  iss: ["token-issuer", "the token is of another issuer"],
  aud: ["token-audience", "the token is for another service"],
  nbf: ["token-not-yet-valid", "the token is not valid yet"],
};

function refusalOf(error: unknown): unknown {
  if (error instanceof ProviderDown) {
    const message = `the provider's keys are not to be had: ${error.message}`;
    return new ApiError("issuer-unreachable", message, [{ path: "header.authorization", message }]);
  }
  if (!(error instanceof errors.JOSEError)) return error;
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthorized(...(CLAIMS[error.claim] ?? ["token-claims", `the token's claim ${error.claim} is wrong`]));
  }
  return unauthorized(...(REFUSALS[error.code] ?? ["token-malformed", "this is no token"]));
}
