import { describe, expect, test } from "@jest/globals";
import { configOf, problemsOf, stackText } from "./support";

const SIGNED = "noetl:pythonServer: {}\nnoetl:tls: { mode: certManager }\n";

describe("noetl:flight and noetl:pythonServer", () => {
  test("given neither key, when read, then there is neither", () => {
    const { flight, pythonServer } = configOf(stackText(""));
    expect([flight, pythonServer]).toEqual([undefined, undefined]);
  });

  test("given an empty key, when read, then all four switches are on", () => {
    expect(configOf(stackText(`${SIGNED}noetl:flight: {}`)).flight).toEqual({
      serverTls: true,
      clientTls: true,
      bearer: true,
      tokens: { current: 1, accepted: [1] },
      mutual: true,
    });
  });

  test.each([
    ["a server without trust", "noetl:pythonServer: {}"],
    [
      "all off",
      "noetl:pythonServer: {}\nnoetl:flight: { serverTls: false, clientTls: false, bearer: false, mutual: false }",
    ],
    ["C2.1 alone", `${SIGNED}noetl:flight: { clientTls: false, bearer: false, mutual: false }`],
    ["a token and no certificates of clients", `${SIGNED}noetl:flight: { clientTls: false, mutual: false }`],
    ["two tokens", `${SIGNED}noetl:flight: { tokens: { current: 2, accepted: [1, 2] } }`],
  ])("given %s, when read, then nothing is wrong", (_, lines) => {
    expect(problemsOf(stackText(lines))).toEqual([]);
  });

  test.each([
    [
      "no server",
      "noetl:tls: { mode: certManager }\nnoetl:flight: {}",
      ["noetl:flight", "nobody serves Flight: the Rust server does not"],
    ],
    [
      "nobody who signs",
      "noetl:pythonServer: {}\nnoetl:flight: {}",
      ["noetl:flight.serverTls", "nobody signs the server's certificate"],
    ],
    [
      "clients' TLS without the server's",
      `${SIGNED}noetl:flight: { serverTls: false, bearer: false, mutual: false, clientTls: true }`,
      ["noetl:flight.clientTls", "a server without a certificate has nothing that clients could trust"],
    ],
    [
      "a token in plain text",
      `${SIGNED}noetl:flight: { serverTls: false, clientTls: false, mutual: false }`,
      ["noetl:flight.bearer", "the token would cross the network in plain text"],
    ],
    [
      "mutual TLS without clients' certificates",
      `${SIGNED}noetl:flight: { clientTls: false }`,
      ["noetl:flight.mutual", "workers would have no certificate, and be refused"],
    ],
    [
      "a token that is not taken",
      `${SIGNED}noetl:flight: { tokens: { current: 2 } }`,
      ["noetl:flight.tokens.current", "workers would present token 2, which the server does not take"],
    ],
    [
      "a token twice",
      `${SIGNED}noetl:flight: { tokens: { accepted: [1, 1] } }`,
      ["noetl:flight.tokens.accepted[1]", "token 1 is in the list already"],
    ],
    [
      "a variable of the same name",
      `${SIGNED}noetl:flight: {}\nnoetl:workerPools:\n  - { name: w, poolName: w, segment: shared, keychain: [{ variable: NOETL_FLIGHT_BEARER_TOKEN, secret: s, key: k }] }`,
      ["noetl:workerPools[0].keychain[0].variable", "the pool has this variable already, by flight.bearer"],
    ],
    [
      "a workload of the server's name",
      "noetl:pythonServer: {}\nnoetl:server: { name: noetl-server }",
      ["noetl:server.name", '"noetl-server" is the name of pythonServer already'],
    ],
    [
      "more connections to keep than the Python server's pool has",
      "noetl:pythonServer: { pool: { max: 4, min: 5 } }",
      ["noetl:pythonServer.pool.min", "5 is more than pythonServer.pool.max, 4"],
    ],
    [
      "more requested than allowed",
      'noetl:pythonServer: { resources: { requests: { cpu: "4" } } }',
      ["noetl:pythonServer.resources.requests.cpu", "4 is requested, more than the limit of 2"],
    ],
  ])("given %s, when read, then it is told what and where", (_, lines, [path, message]) => {
    const found = problemsOf(stackText(lines)).map((problem) => [
      problem.path,
      problem.message.replace(/ \((line \d+|the default)\)$/, ""),
    ]);
    expect(found).toEqual([[path, message]]);
  });
});
