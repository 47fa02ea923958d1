import { InvalidArgumentError, Option, type Command } from "commander";
import type { OidcSettings } from "../../orchestrator/api/oidc";
import type { Role } from "../../orchestrator/api/roles";

/** In the order of what they allow. */
export const ROLES: readonly Role[] = ["viewer", "operator", "approver", "admin"];

/** Options by which a service takes the tokens of an OpenID provider. */
export interface OidcOptions {
  oidcIssuer?: string;
  oidcAudience?: string;
  oidcRolesClaim?: string;
  oidcRole?: ReadonlyMap<string, Role>;
  oidcNameClaim?: string;
  oidcClockTolerance?: number;
}

export function oidcOptions(): Option[] {
  return [
    new Option("--oidc-issuer <url>", "take tokens of this OpenID provider; needs --oidc-audience"),
    new Option("--oidc-audience <name>", "whom its tokens must be for: the client's id there"),
    new Option(
      "--oidc-roles-claim <claim>",
      "claim that holds the roles, as realm_access.roles (default: roles, groups)",
    ),
    new Option(
      "--oidc-role <value=role>",
      "what a value of that claim may do; may be repeated (default: roles by name)",
    ).argParser(roleOf),
    new Option("--oidc-name-claim <claim>", "claim that names the person, as email (default: sub)"),
    new Option("--oidc-clock-tolerance <seconds>", "how much clocks may differ (default: 30)").argParser(seconds),
  ].map((option) => option.helpGroup("OpenID provider:"));
}

/** What the options say; ends the command where they lack one another. */
export function oidcSettings(options: OidcOptions, command: Command): OidcSettings | undefined {
  const { oidcIssuer: issuer, oidcAudience: audience } = options;
  if (issuer === undefined || audience === undefined) {
    const given = Object.keys(options).some((name) => name.startsWith("oidc"));
    if (!given) return undefined;
    return command.error("error: options '--oidc-issuer <url>' and '--oidc-audience <name>' need each other");
  }
  return {
    issuer,
    audience,
    rolesClaim: options.oidcRolesClaim,
    roles: options.oidcRole,
    nameClaim: options.oidcNameClaim,
    toleranceSeconds: options.oidcClockTolerance,
  };
}

function roleOf(text: string, others: ReadonlyMap<string, Role> = new Map()): ReadonlyMap<string, Role> {
  const at = text.lastIndexOf("=");
  const role = ROLES.find((one) => one === text.slice(at + 1));
  if (at < 1 || role === undefined) {
    throw new InvalidArgumentError(`It must be as platform-team=operator, with one of ${ROLES.join(", ")}.`);
  }
  return new Map([...others, [text.slice(0, at), role]]);
}

function seconds(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 300) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 0 to 300.");
}
