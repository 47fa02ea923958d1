import { Server, ServerCredentials, status, type ServerWritableStream, type ServiceError } from "@grpc/grpc-js";
import { FLIGHT_SERVICE } from "./flight-protocol";
import { HttpError } from "./http";
import { objectIn, toJson } from "./json";
import { type Address, type Place, StartError } from "./place";
import type { ResultStore } from "./result-store";

/** Port of Flight in a container. */
export const FLIGHT_PORT = 8083;
const ROWS_A_MESSAGE = 1000;

type Call = ServerWritableStream<string, string>;

/**
 * The Python server's Flight endpoint, as far as trust goes: real gRPC over real TLS, with the bearer tokens and the
 * client certificates that its environment asks for. What it sends is rows as JSON (see flight-protocol.ts).
 */
export class FlightServer {
  private constructor(
    private readonly server: Server,
    readonly address: Address,
  ) {}

  static async start(place: Place, results: ResultStore): Promise<FlightServer> {
    const server = new Server();
    server.addService(FLIGHT_SERVICE, {
      doGet: (call: Call) => {
        void send(call, results, place);
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", credentials(place), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    return new FlightServer(server, { host: "127.0.0.1", port });
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

function credentials({ env, file, faults }: Place): ServerCredentials {
  const { NOETL_FLIGHT_TLS_CERT: certificate, NOETL_FLIGHT_TLS_KEY: key, NOETL_FLIGHT_CLIENT_CA: clientCa } = env;
  if (certificate === undefined || key === undefined) {
    if (clientCa !== undefined) throw new StartError("NOETL_FLIGHT_CLIENT_CA needs TLS");
    return ServerCredentials.createInsecure();
  }
  if (faults.has("Flight without TLS")) return ServerCredentials.createInsecure();
  const mutual = clientCa !== undefined && !faults.has("TLS asks for no client certificate");
  const bytes = (path: string): Buffer => Buffer.from(file(path));
  return ServerCredentials.createSsl(
    mutual ? bytes(clientCa) : null,
    [{ cert_chain: bytes(certificate), private_key: bytes(key) }],
    mutual,
  );
}

async function send(call: Call, results: ResultStore, place: Place): Promise<void> {
  const fail = (code: status, details: string): void => {
    call.emit("error", { code, details } satisfies Partial<ServiceError>);
  };
  if (!isAllowed(call, place)) {
    fail(status.UNAUTHENTICATED, "a bearer token is required");
    return;
  }
  try {
    const { rows } = objectIn(await results.resolve(call.request));
    if (!Array.isArray(rows)) {
      fail(status.INVALID_ARGUMENT, "the result is no table");
      return;
    }
    for (let at = 0; at < rows.length; at += ROWS_A_MESSAGE) call.write(toJson(rows.slice(at, at + ROWS_A_MESSAGE)));
    call.end();
  } catch (error) {
    const missing = error instanceof HttpError && error.status === 404;
    fail(missing ? status.NOT_FOUND : status.INTERNAL, (error as Error).message);
  }
}

function isAllowed({ metadata }: Call, { env, faults }: Place): boolean {
  const tokens = (env.NOETL_FLIGHT_BEARER_TOKENS ?? "").split(",").filter((token) => token !== "");
  if (tokens.length === 0 || faults.has("Flight takes any token")) return true;
  const given = String(metadata.get("authorization")[0] ?? "").replace(/^bearer /i, "");
  return tokens.includes(given);
}
