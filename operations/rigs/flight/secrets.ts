import { randomBytes } from "node:crypto";
import { issueLeaf, issueRoot } from "../../../components/tls/built-in/certificates";
import { SERVICE } from "../../../components/noetl/python-server-manifests";
import { FLIGHT_CLIENT_FILES, FLIGHT_SERVER_FILES, TOKEN, TOKENS } from "../../../components/tls/flight-names";
import type { JsonObject } from "../../../preview/json";

/** Secrets of the rig's own, in the shape of the platform's. */
export const FLIGHT_SECRETS = {
  server: "noetl-verify-flight-tls",
  bearer: "noetl-verify-flight-bearer",
  client: "noetl-verify-flight-client",
} as const;

/** What a client of Flight needs, PEM but for the token. */
export interface FlightTrust {
  /** Name that the server's certificate is for. */
  serverName: string;
  /** What the server is known by. */
  ca: string;
  certificate: string;
  key: string;
  token: string;
}

/** Days that the certificates hold, which are deleted within the hour. */
const DAYS = 30;

/** Name that the server's certificate is for. */
export function flightHost(namespace: string): string {
  return `${SERVICE}.${namespace}.svc.cluster.local`;
}

/**
 * A certificate authority of a run's own, with a certificate for the server, one for its clients, and a token.
 *
 * @param client common name of the clients' certificate
 * @param today the day from which they hold: `2026-11-21`
 */
export async function flightSecrets(
  namespace: string,
  client: string,
  today: string,
): Promise<{ secrets: JsonObject[]; known: FlightTrust; stranger: FlightTrust }> {
  const serverName = flightHost(namespace);
  const made = await authority(today);
  const server = await made.issue(serverName, [serverName, "localhost"], "server");
  const own = await made.issue(client, [`${client}.${namespace}.svc`], "client");
  const token = randomBytes(32).toString("base64");
  const known = { serverName, ca: made.ca, ...own, token };
  const secret = (name: string, stringData: JsonObject): JsonObject => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    stringData,
  });
  const files = FLIGHT_SERVER_FILES;
  const clientFiles = FLIGHT_CLIENT_FILES;
  return {
    secrets: [
      secret(FLIGHT_SECRETS.server, {
        [files.certificate]: server.certificate,
        [files.key]: server.key,
        [files.ca]: made.ca,
      }),
      secret(FLIGHT_SECRETS.bearer, { [TOKENS]: token }),
      secret(FLIGHT_SECRETS.client, {
        [clientFiles.certificate]: own.certificate,
        [clientFiles.key]: own.key,
        [clientFiles.ca]: made.ca,
        [TOKEN]: token,
      }),
    ],
    known,
    stranger: await strangerOf(known, today),
  };
}

/** Somebody who knows the server and its token, with a certificate that another authority has signed. */
export async function strangerOf(known: FlightTrust, today: string): Promise<FlightTrust> {
  const other = await authority(today);
  return { ...known, ...(await other.issue("stranger", ["stranger"], "client")) };
}

/** An authority whose key nobody keeps. */
async function authority(today: string) {
  const lifetime = { issuedOn: today, days: DAYS };
  const root = await issueRoot(randomBytes(32).toString("base64"), {
    generation: 1,
    name: "noetl-flight-ca",
    ...lifetime,
  });
  return {
    ca: root.certificate,
    issue: (commonName: string, dnsNames: string[], usage: "server" | "client") =>
      issueLeaf(root, { name: usage, commonName, dnsNames, usages: [usage] }, lifetime),
  };
}
