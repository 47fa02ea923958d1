import type { RigContext } from "../context";
import { ask, type HttpAnswer, type Tls } from "../http";
import { clientsOf } from "../mtls/clients";
import { tlsListeners } from "../mtls/listeners";
import type { Evidence } from "../rig";

/** A route of the internal API that changes nothing. */
const PATH = "/api/internal/outbox/pending-count";

/** Asks the internal API with its token, with another one, and with none. */
export async function tokenEvidence(context: RigContext): Promise<Evidence[]> {
  const { reach, platform } = context;
  const token = await reach.secret({ namespace: platform.namespace, name: "noetl-internal-api-token", key: "token" });
  const tls = await serverTls(context);
  const come = (authorization: string | undefined): Promise<HttpAnswer> =>
    ask(
      reach,
      platform.server.endpoint,
      { path: PATH, ...(authorization !== undefined && { headers: { Authorization: authorization } }) },
      tls,
    );
  const what = (how: string): string => `GET ${PATH} ${how}`;
  return [
    accepted(what("with the token of Secret noetl-internal-api-token"), await come(`Bearer ${token}`)),
    refused(what("with another token"), await come("Bearer not-the-token")),
    refused(what("without a token"), await come(undefined)),
  ];
}

function accepted(what: string, { status }: Pick<HttpAnswer, "status">): Evidence {
  return { what, expected: "HTTP 200", seen: `HTTP ${status}`, ok: status === 200 };
}

/** Seeds and published servers differ in how they refuse. */
function refused(what: string, { status }: Pick<HttpAnswer, "status">): Evidence {
  return { what, expected: "HTTP 401 or 403", seen: `HTTP ${status}`, ok: status === 401 || status === 403 };
}

/** What pods have to speak to the server by TLS; undefined where they need none. */
async function serverTls({ reach, platform }: RigContext): Promise<Tls | undefined> {
  const { endpoint } = platform.server;
  const listener = tlsListeners(platform.graph, platform.config).find(
    ({ protocol, name }) => protocol === "http" && name === `${endpoint.namespace}/${endpoint.name}:${endpoint.port}`,
  );
  if (listener === undefined) return undefined;
  const { roots, right } = await clientsOf(reach, listener, []);
  return {
    ca: roots,
    serverName: listener.servername,
    ...(right && { certificate: right.certificate, key: right.key }),
  };
}
