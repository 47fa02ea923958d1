import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "./problem";
import { may, type Person, type Right } from "./roles";
import type { Tokens } from "./tokens";

/** Whoever is on this machine, where there are no tokens. */
const LOCAL: Person = { name: "local", role: "admin" };

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/;

/**
 * Who asks, and whether they may.
 *
 * @param tokens Without them, only programs of this machine can connect.
 * @throws ApiError 401, 403
 */
export function admit(headers: IncomingHttpHeaders, right: Right, tokens: Tokens | undefined): Person {
  refusePages(headers, tokens === undefined);
  const person = tokens ? byToken(headers.authorization, tokens) : LOCAL;
  if (may(person, right)) return person;
  throw new ApiError(403, "forbidden", `${person.name} is ${person.role}, which may not ${right}`);
}

/** Pages of browsers: they can reach what listens on loopback, by a name of their own that leads there. */
function refusePages({ host, origin }: IncomingHttpHeaders, isLocal: boolean): void {
  if (isLocal && (host === undefined || !LOOPBACK.test(host))) {
    throw new ApiError(403, "host-refused", "without tokens, this service answers to localhost only", [
      { path: "header.host", message: "must be localhost, 127.0.0.1 or [::1]" },
    ]);
  }
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return;
  throw new ApiError(403, "origin-refused", "pages of other origins may not ask", [
    { path: "header.origin", message: "must be this service's own" },
  ]);
}

function byToken(authorization: string | undefined, tokens: Tokens): Person {
  const token = /^Bearer ([^ ]+)$/i.exec(authorization ?? "")?.[1];
  const person = token === undefined ? undefined : tokens.personOf(token);
  if (person) return person;
  const message = token === undefined ? "send a token: Authorization: Bearer noetl_…" : "this token is not known";
  throw new ApiError(401, "unauthorized", message, [{ path: "header.authorization", message }], {
    "www-authenticate": "Bearer",
  });
}
