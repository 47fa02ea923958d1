import { Client, credentials, Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { DO_GET, flightData, ticket } from "./flight-protocol";
import type { ClientTls } from "./http-client";
import { parseJson } from "./json";
import { type Place, routed } from "./place";

/** Flight could not be spoken to at all; what the server itself refuses is a plain Error. */
export class FlightUnreachable extends Error {}

const DEADLINE_MILLISECONDS = 60_000;

/** Fetches the rows behind a reference. @param endpoint `http` for plain text, `https` for TLS */
export async function fetchByFlight(
  place: Place,
  { endpoint, ref, bearer, tls }: { endpoint: string; ref: string; bearer: string | undefined; tls: ClientTls },
): Promise<unknown[]> {
  const { url, named } = routed(place, endpoint);
  const bytes = (pem: string | undefined): Buffer | null => (pem === undefined ? null : Buffer.from(pem));
  const trust =
    named.protocol === "https:"
      ? credentials.createSsl(bytes(tls.ca), bytes(tls.key), bytes(tls.certificate))
      : credentials.createInsecure();
  // The name that the certificate is for, though the address is another here.
  const client = new Client(`${url.hostname}:${url.port}`, trust, {
    "grpc.ssl_target_name_override": named.hostname,
    "grpc.default_authority": named.hostname,
    "grpc.use_local_subchannel_pool": 1,
  });
  const metadata = new Metadata();
  if (bearer !== undefined) metadata.set("authorization", `Bearer ${bearer}`);
  try {
    const stream = client.makeServerStreamRequest(DO_GET, ticket.serialize, flightData.deserialize, ref, metadata, {
      deadline: Date.now() + DEADLINE_MILLISECONDS,
    });
    const rows: unknown[] = [];
    for await (const part of stream) rows.push(...(parseJson(part as string) as unknown[]));
    return rows;
  } catch (error) {
    const { code, details } = error as ServiceError;
    throw code === status.UNAVAILABLE ? new FlightUnreachable(details) : new Error(`Flight server error: ${details}`);
  } finally {
    client.close();
  }
}
