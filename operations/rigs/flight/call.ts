import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectPlain } from "node:net";
import { connect as connectTls } from "node:tls";

/** How a client of Flight comes. */
export interface Caller {
  /** TLS, as it does it. Default: none, it speaks plain text. */
  tls?: { ca: string; serverName: string; certificate?: string | undefined; key?: string | undefined } | undefined;
  /** Bearer token. Default: none. */
  token?: string | undefined;
}

/** What became of a call. */
export type Called =
  /** gRPC's own status of the answer: 0 is well, 16 says that nobody knows the caller. */
  | { answered: true; status: number }
  /** There was no gRPC at all. */
  | { answered: false; reason: string };

/** gRPC's status of a caller whose token does not count. */
export const UNAUTHENTICATED = 16;

/** Milliseconds until an answer counts as missing. */
const PATIENCE = 15_000;

const DO_GET = "/arrow.flight.protocol.FlightService/DoGet";

/** A ticket in gRPC's frame: five bytes of it, then field 1 with the reference. */
function frame(reference: string): Buffer {
  const text = Buffer.from(reference);
  const ticket = Buffer.concat([Buffer.from([0x0a, text.length]), text]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(ticket.length, 1);
  return Buffer.concat([head, ticket]);
}

/** Of no execution, and short: what it leads to is no matter, whether it is let in is. */
const REFERENCE = "noetl://execution/1/result/none/1";

/** Calls method DoGet of a Flight server once. @param port where it is on this machine */
export async function callFlight(port: number, { tls, token }: Caller): Promise<Called> {
  const place = { host: "127.0.0.1", port };
  const socket = tls
    ? connectTls({
        ...place,
        ca: tls.ca,
        servername: tls.serverName,
        cert: tls.certificate,
        key: tls.key,
        ALPNProtocols: ["h2"],
      })
    : connectPlain(place);
  const session = connect(`${tls ? "https" : "http"}://127.0.0.1:${port}`, { createConnection: () => socket });
  try {
    return { answered: true, status: await statusOf(session, token) };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { answered: false, reason: message || (code ?? "no reason given") };
  } finally {
    session.destroy();
    // A session that never began leaves its connection open, and with it the process.
    socket.destroy();
  }
}

function statusOf(session: ClientHttp2Session, token: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = "";
    const request = session.request({
      ":method": "POST",
      ":path": DO_GET,
      "content-type": "application/grpc",
      te: "trailers",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    });
    const listen = (headers: Record<string, unknown>): void => {
      const status = headers["grpc-status"];
      if (typeof status === "string") said = status;
    };
    request.on("response", listen);
    request.on("trailers", listen);
    request.on("error", reject);
    session.on("error", reject);
    request.setTimeout(PATIENCE, () => {
      reject(new Error(`nothing came within ${PATIENCE / 1000} seconds`));
    });
    request.on("close", () => {
      if (said === "") reject(new Error("the connection was ended without an answer"));
      else resolve(Number(said));
    });
    request.resume();
    request.end(frame(REFERENCE));
  });
}
