import { createSecureServer, createServer as createPlain, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { callFlight } from "../../../../operations/rigs/flight/call";
import { flightSecrets } from "../../../../operations/rigs/flight/secrets";
import { judgeCalls } from "../../../../operations/rigs/judging/flight";
import { at, textOf } from "../../../../preview/json";

const MADE = flightSecrets("noetl", "noetl-worker-rust", new Date().toISOString().slice(0, 10));

let server: Http2Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A server that answers every gRPC call with a status: 16 to whoever has not the token. */
async function serve(secure: boolean, token: string): Promise<number> {
  const { secrets } = await MADE;
  const text = (name: string, key: string): string | undefined =>
    textOf(
      at(
        secrets.find(({ metadata }) => at(metadata, "name") === name),
        "stringData",
        key,
      ),
    );
  const tls = "noetl-verify-flight-tls";
  const made = secure
    ? createSecureServer({
        cert: text(tls, "server.crt"),
        key: text(tls, "server.key"),
        ca: text(tls, "client-ca.crt"),
        requestCert: true,
        rejectUnauthorized: true,
      })
    : createPlain();
  made.on("stream", (stream: ServerHttp2Stream, headers) => {
    const known = headers.authorization === `Bearer ${token}`;
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => {
      stream.sendTrailers({ "grpc-status": known ? "5" : "16" });
    });
    stream.end();
  });
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  server = made;
  return (made.address() as AddressInfo).port;
}

describe("a call of Flight", () => {
  test("is answered to whom the server knows, and to nobody else", async () => {
    const { known, stranger } = await MADE;
    const port = await serve(true, known.token);
    const { serverName, ca, certificate, key, token } = known;
    expect(await callFlight(port, { tls: known, token })).toStrictEqual({ answered: true, status: 5 });
    expect(await callFlight(port, { tls: known })).toStrictEqual({ answered: true, status: 16 });
    expect(await callFlight(port, { tls: known, token: `${token}0` })).toStrictEqual({ answered: true, status: 16 });
    for (const caller of [
      { token },
      { tls: { serverName, ca }, token },
      { tls: stranger, token },
      { tls: { serverName: "elsewhere", ca, certificate, key }, token },
    ])
      expect(await callFlight(port, caller)).toMatchObject({ answered: false });
  });

  test("over plain text is answered by a server that has no TLS", async () => {
    const port = await serve(false, "token");
    expect(await callFlight(port, { token: "token" })).toStrictEqual({ answered: true, status: 5 });
    expect(await callFlight(port, { tls: (await MADE).known, token: "token" })).toMatchObject({ answered: false });
  });
});

test("callers must get what they deserve", () => {
  const called = { answered: true as const, status: 16 };
  expect(
    judgeCalls([
      { caller: "in plain text", fate: "cut off", called: { answered: true, status: 5 } },
      { caller: "without a token", fate: "unknown", called },
      { caller: "with its token", fate: "served", called },
      { caller: "without a certificate", fate: "cut off", called: { answered: false, reason: "refused" } },
    ]),
  ).toStrictEqual([
    { what: "Flight called in plain text", expected: "no answer", seen: "an answer (gRPC status 5)", ok: false },
    { what: "Flight called without a token", expected: "UNAUTHENTICATED", seen: "UNAUTHENTICATED", ok: true },
    { what: "Flight called with its token", expected: "an answer", seen: "UNAUTHENTICATED", ok: false },
    { what: "Flight called without a certificate", expected: "no answer", seen: "no answer: refused", ok: true },
  ]);
});
