import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "./problem";
import { may, type Person, type Right } from "./roles";
import type { Oidc } from "./oidc";
import type { Tokens } from "./tokens";

/** Whoever is on this machine, where there are no tokens. */
const LOCAL: Person = { name: "local", roles: ["admin"] };

/** Who knows whose a token is: a file of hashes, an OpenID provider, or both. */
export interface Doors {
  tokens?: Tokens | undefined;
  oidc?: Oidc | undefined;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/;

/**
 * Who asks, and whether they may.
 *
 * @param doors Without any, only programs of this machine can connect.
 * @returns a promise only where a provider's signature is to be checked
 * @throws ApiError 401, 403, 503
 */
export function admit(headers: IncomingHttpHeaders, right: Right, doors: Doors): Person | Promise<Person> {
  const isLocal = !doors.tokens && !doors.oidc;
  refusePages(headers, isLocal);
  const person = isLocal ? LOCAL : byToken(headers.authorization, doors);
  return person instanceof Promise ? person.then((one) => allowed(one, right)) : allowed(person, right);
}

function allowed(person: Person, right: Right): Person {
  if (may(person, right)) return person;
  throw new ApiError("forbidden", `${person.name} is ${person.roles.join(" and ")}, which may not ${right}`);
}

/** Pages of browsers: they can reach what listens on loopback, by a name of their own that leads there. */
function refusePages({ host, origin }: IncomingHttpHeaders, isLocal: boolean): void {
  if (isLocal && (host === undefined || !LOOPBACK.test(host))) {
    throw new ApiError("host-refused", "without tokens, this service answers to localhost only", [
      { path: "header.host", message: "must be localhost, 127.0.0.1 or [::1]" },
    ]);
  }
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return;
  throw new ApiError("origin-refused", "pages of other origins may not ask", [
    { path: "header.origin", message: "must be this service's own" },
  ]);
}

function byToken(authorization: string | undefined, { tokens, oidc }: Doors): Person | Promise<Person> {
  const token = /^Bearer ([^ ]+)$/i.exec(authorization ?? "")?.[1];
  const person = token === undefined ? undefined : tokens?.personOf(token);
  if (person) return person;
  // Ours have no dots, and a provider's have two.
  if (oidc && token?.split(".").length === 3) return oidc.personOf(token);
  const message =
    token === undefined ? "send a token in the header Authorization, of type Bearer" : "this token is not known";
  throw new ApiError("unauthorized", message, [{ path: "header.authorization", message }], {
    "www-authenticate": "Bearer",
  });
}
