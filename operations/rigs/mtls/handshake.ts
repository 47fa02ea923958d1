import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type SecureVersion, type TLSSocket } from "node:tls";

/**
 * What is spoken before and after the TLS handshake: a NATS server speaks to clients first, and plain (`nats`); between
 * servers, TLS comes first (`nats-link`).
 */
export type Protocol = "http" | "http2" | "nats" | "nats-link";

/** Where a listener can be reached from here. */
export interface Place {
  host: string;
  port: number;
}

/** Who a client says it is, PEM. */
export interface Identity {
  certificate: string;
  key: string;
}

/** How a client comes. */
export interface Offer {
  /** Name that it expects of the server. */
  servername: string;
  /** Roots that it knows the server by, PEM. */
  roots: string;
  identity?: Identity | undefined;
  /** The one version that it speaks. Default: 1.2 and 1.3. */
  version?: SecureVersion | undefined;
}

/** What became of a handshake. */
export type Outcome =
  | { accepted: true; version: string; validUntil: string }
  /** Who ended it: the server, or the client that did not believe the server. */
  | { accepted: false; by: "server" | "client"; reason: string };

/** How long a listener may take to answer, in milliseconds. */
const PATIENCE = 10_000;

/** What a client says first when TLS is done: with TLS 1.3 the server judges a certificate only after the handshake. */
const GREETINGS: Record<Protocol, (servername: string) => string> = {
  http: (servername) => `GET /health HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`,
  // Preface, and an empty SETTINGS frame.
  http2: () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0",
  nats: () => "PING\r\n",
  "nats-link": () => "PING\r\n",
};

/** Shakes hands with a listener once, and waits for its first word afterwards. */
export async function shakeHands(protocol: Protocol, place: Place, offer: Offer): Promise<Outcome> {
  const socket = connectTcp({ ...place, timeout: PATIENCE });
  try {
    if (protocol === "nats") await firstWord(socket);
    return await overTls(protocol, socket, offer);
  } catch (error) {
    return refused("server", error);
  } finally {
    socket.destroy();
  }
}

/** Whether a listener answers a client that uses no TLS at all. @returns its first words; undefined when it has none */
export async function speakPlain(protocol: Protocol, place: Place): Promise<string | undefined> {
  const socket = connectTcp({ ...place, timeout: PATIENCE });
  try {
    if (protocol === "nats") await firstWord(socket);
    socket.write(GREETINGS[protocol](place.host));
    const words = await firstWord(socket);
    // A TLS alert is an answer of TLS, not of what is behind it.
    return words[0] === 0x15 ? undefined : words.toString("latin1").split("\r\n", 1)[0];
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

function overTls(protocol: Protocol, socket: Socket, offer: Offer): Promise<Outcome> {
  const { servername, roots, identity, version } = offer;
  return new Promise((resolve) => {
    const tls = connectTls({
      socket,
      servername,
      ca: roots,
      ...(identity && { cert: identity.certificate, key: identity.key }),
      ...(protocol === "http2" && { ALPNProtocols: ["h2"] }),
      // What is to be refused must be offered: OpenSSL itself no longer does.
      ...(version && { minVersion: version, maxVersion: version, ciphers: "DEFAULT:@SECLEVEL=0" }),
      rejectUnauthorized: true,
    });
    const limit = setTimeout(() => tls.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE);
    const end = (outcome: Outcome): void => {
      clearTimeout(limit);
      resolve(outcome);
      tls.destroy();
    };
    let greeted = false;
    tls.once("secureConnect", () => {
      greeted = true;
      tls.write(GREETINGS[protocol](servername), "latin1");
    });
    tls.once("data", () => {
      end({ accepted: true, version: tls.getProtocol() ?? "", validUntil: validUntil(tls) });
    });
    tls.once("error", (error: Error) => {
      end(refused(!greeted && isDisbelief(error) ? "client" : "server", error));
    });
    tls.once("close", () => {
      end(refused("server", new Error("the connection was closed")));
    });
  });
}

function validUntil(tls: TLSSocket): string {
  return new Date(tls.getPeerCertificate().valid_to).toISOString();
}

/** Errors by which Node itself says that it does not believe the server's certificate; all others come from the peer. */
function isDisbelief(error: Error): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return (
    code === "ERR_TLS_CERT_ALTNAME_INVALID" ||
    /^(UNABLE_TO_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/.test(code)
  );
}

function refused(by: "server" | "client", error: unknown): Outcome {
  const { message, code } = error as NodeJS.ErrnoException;
  // OpenSSL: `…:error:0A000412:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:…`
  const [, alert] = /:(?:ssl\w+|tls\w+)[^:]*:([^:]*alert[^:]*):/.exec(message) ?? [];
  return { accepted: false, by, reason: alert ?? (message !== "" ? message : (code ?? "the connection was closed")) };
}

function firstWord(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once("data", resolve);
    socket.once("timeout", () => {
      reject(new Error(`no answer within ${PATIENCE / 1000} s`));
    });
    socket.once("error", reject);
    socket.once("close", () => {
      reject(new Error("the connection was closed"));
    });
  });
}
