import { describe, expect, test } from "@jest/globals";
import { configOf, pool, problem, problemsOf, stackText } from "./support";

const AUTHORITY = "noetl:tls: { mode: certManager, ca: { kind: ClusterIssuer } }";

describe("TLS of server and NATS", () => {
  test("given nothing, when read, then both are off", () => {
    const { server, nats } = configOf(stackText(""));
    expect([server.tls, nats.tls]).toEqual(["off", undefined]);
  });

  test.each([
    ["TLS", "noetl:server: { tls: tls }"],
    ["no TLS behind somebody else's", "noetl:server: { publicUrl: 'https://noetl.example.com' }"],
    ["mTLS", "noetl:server: { tls: mutual }"],
    ["mTLS behind a public name", "noetl:server: { tls: mutual, publicUrl: 'https://noetl.example.com' }"],
    [
      "NATS of the same authority",
      "noetl:server: { tls: mutual }\nnoetl:nats: { tls: { platform: true, clients: required } }",
    ],
  ])("given %s and an authority, when read, then nothing is wrong", (_, lines) => {
    expect(problemsOf(stackText(`${lines}\n${AUTHORITY}`))).toEqual([]);
  });

  test.each([
    [
      "nobody who signs",
      "noetl:server: { tls: mutual }",
      problem(
        "5:24",
        "noetl:server.tls",
        '"mutual" needs a certificate, and nobody signs one: tls.mode is off (the default)',
        {
          allowed: '"off", unless tls.mode is builtIn, certManager, issuer or given',
          next: "add noetl:tls with a mode; docs/components/tls.md has one for each kind of cluster",
        },
      ),
    ],
    [
      "a public URL without TLS",
      `noetl:server: { tls: tls, publicUrl: 'http://noetl.example.com' }\n${AUTHORITY}`,
      problem(
        "5:40",
        "noetl:server.publicUrl",
        "http://noetl.example.com is plain HTTP, which a server with TLS does not answer",
        { allowed: "an https URL, or none: the default is that of the Service" },
      ),
    ],
    [
      "a Python pool",
      `noetl:server: { tls: mutual }\n${AUTHORITY}\nnoetl:workerPools:\n  - { name: py, poolName: py, runtime: python, image: "ghcr.io/noetl/noetl:v2.35.9" }`,
      problem(
        "8:42",
        "noetl:workerPools[0].runtime",
        "the Python worker can neither present a certificate nor be told of a root, as it must with server.tls (line 5)",
        { allowed: '"rust", unless server.tls is off' },
      ),
    ],
    [
      "the port of the proxies",
      `noetl:server: { tls: tls, port: 15082 }\n${AUTHORITY}`,
      problem("5:35", "noetl:server.port", "15082 is the port of the proxy that is in the same pod with server.tls", {
        allowed: "another port",
      }),
    ],
    [
      "more shards than addresses",
      `noetl:server: { tls: tls, replicas: 512, shards: { count: 512 } }\n${AUTHORITY}`,
      problem(
        "5:61",
        "noetl:server.shards.count",
        "512 shards are more than a proxy has addresses for, which pods have with server.tls",
        { allowed: "a whole number from 1 to 256" },
      ),
    ],
    [
      "NATS of an authority without clients that know it",
      `noetl:nats: { tls: { platform: true } }\n${AUTHORITY}`,
      problem(
        "5:34",
        "noetl:nats.tls.platform",
        "the platform's clients would not know its root: they get it with their certificate, which they have with server.tls (the default)",
        { allowed: "false, unless server.tls is tls or mutual" },
      ),
    ],
    [
      "NATS of an authority of another namespace",
      "noetl:nats: { tls: { platform: true } }\nnoetl:server: { tls: tls }\nnoetl:tls: { mode: certManager }",
      problem(
        "5:34",
        "noetl:nats.tls.platform",
        "nobody signs it: an Issuer of namespace noetl does so only there, and that is who signs for tls (line 7)",
        {
          allowed: "false, unless noetl:tls is builtIn, given or has a ClusterIssuer",
          next: "set tls.ca.kind: ClusterIssuer",
        },
      ),
    ],
    [
      "NATS that requires TLS by a root that nobody knows",
      `noetl:nats: { tls: { secretName: mine, clients: required } }\nnoetl:server: { tls: tls }\n${AUTHORITY}`,
      problem(
        "5:51",
        "noetl:nats.tls.clients",
        "the platform's own clients would not know who signed the certificate of NATS, and could not connect",
        { allowed: '"off" or "optional", unless nats.tls.platform is true' },
      ),
    ],
    [
      "NATS with two certificates",
      `noetl:nats: { tls: { secretName: mine, platform: true } }\nnoetl:server: { tls: tls }\n${AUTHORITY}`,
      problem("5:22", "noetl:nats.tls", "says several sources of certificates", {
        allowed:
          "issuer for a certificate by cert-manager, secretName for one that exists, or platform: true for one of noetl:tls",
      }),
    ],
    [
      "clients that shall present certificates",
      `noetl:nats: { tls: { platform: true, clients: mutual } }\nnoetl:server: { tls: tls }\n${AUTHORITY}`,
      problem("5:49", "noetl:nats.tls.clients", '"mutual" is none of the choices', {
        allowed: "off, optional, required",
      }),
    ],
    [
      "a controller that makes streams of NATS that requires TLS",
      `noetl:nats: { tls: { platform: true, clients: required } }\nnoetl:server: { tls: tls }\n${AUTHORITY}\nnoetl:streams: { mode: declared, by: nack }`,
      problem(
        "8:40",
        "noetl:streams.by",
        "the JetStream controller would not know who signed the certificate of NATS, and could not connect (line 5)",
        { allowed: '"bootstrap", unless nats.tls.clients is off or optional' },
      ),
    ],
    [
      "half a switch",
      "noetl:server: { tls: true }",
      problem("5:24", "noetl:server.tls", "true is none of the choices", { allowed: "off, tls, mutual" }),
    ],
  ])("given %s, when read, then it is told what and where", (_, lines, expected) => {
    expect(problemsOf(stackText(lines))).toEqual([expected]);
  });

  test("given a Rust pool, when read, then TLS is no problem for it", () => {
    const text = stackText(`noetl:server: { tls: mutual }\n${AUTHORITY}\nnoetl:workerPools:\n${pool("worker")}`);
    expect(problemsOf(text)).toEqual([]);
  });
});
