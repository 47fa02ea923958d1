import { describe, expect, test } from "@jest/globals";
import { existingNamespace } from "../../../components/kubernetes/namespaces";
import type { CertificateAuthority } from "../../../components/tls/authority";
import { BuiltInAuthority } from "../../../components/tls/built-in/authority";
import { CertManagerAuthority } from "../../../components/tls/cert-manager/authority";
import { FlightTls, type FlightSide, type FlightTlsArgs } from "../../../components/tls/flight-tls";
import type { ResourceGraph } from "../../../preview/graph";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const NOETL = existingNamespace("noetl");
const ALL: Omit<FlightTlsArgs, "authority"> = {
  namespace: NOETL,
  service: "noetl",
  client: "noetl-worker-rust",
  serverTls: true,
  clientTls: true,
  bearer: { current: 1, accepted: [1] },
  mutual: true,
};

const builtIn = () =>
  new BuiltInAuthority("tls", {
    generation: 1,
    trusted: [{ generation: 1, issuedOn: "2026-11-21", days: 3650 }],
    leaves: { issuedOn: "2026-11-21", days: 365 },
  });
const certManager = () =>
  new CertManagerAuthority("tls", {
    signer: { kind: "Issuer", namespace: NOETL, generation: 1, trusted: [1] },
    days: { root: 3650, leaf: 365, renewBefore: 30 },
    reloader: false,
    joinImage: "busybox:1",
  });

interface Made {
  graph: ResourceGraph;
  server: FlightSide;
  client: FlightSide;
}

async function make(
  authority: (() => CertificateAuthority) | undefined,
  changed: Partial<FlightTlsArgs> = {},
): Promise<Made> {
  const sides: Omit<Made, "graph">[] = [];
  const graph = await recorded(() => {
    sides.push(new FlightTls("noetl-flight", { ...ALL, authority: authority?.(), ...changed }));
  });
  const [side] = sides;
  if (!side) throw new Error("unreachable");
  return { graph, server: side.server, client: side.client };
}

function keysOf(graph: ResourceGraph): Record<string, string[]> {
  const secrets = objectNames(graph).filter((name) => name.startsWith("Secret/"));
  return Object.fromEntries(
    secrets.map((name) => [
      name.slice("Secret/".length),
      Object.keys((objectNamed(graph, name) as unknown as { stringData: object }).stringData).sort(),
    ]),
  );
}

describe("FlightTls", () => {
  test("given all four switches and the built-in authority, the Secrets have exactly the platform's keys", async () => {
    const { graph } = await make(builtIn);
    expect(keysOf(graph)).toEqual({
      "noetl-flight-bearer": ["NOETL_FLIGHT_BEARER_TOKENS"],
      "noetl-flight-client": ["NOETL_FLIGHT_BEARER_TOKEN", "client.crt", "client.key", "server-ca.crt"],
      "noetl-flight-tls": ["client-ca.crt", "server.crt", "server.key"],
    });
  });

  test.each([
    ["the built-in authority", builtIn],
    ["cert-manager", certManager],
  ])("given %s, pods find the same files and tokens", async (_, authority) => {
    const { server, client } = await make(authority);
    expect([server.tls?.paths, server.tokens]).toEqual([
      {
        certificate: "/etc/noetl/flight/server.crt",
        key: "/etc/noetl/flight/server.key",
        ca: "/etc/noetl/flight/client-ca.crt",
      },
      { secret: "noetl-flight-bearer", key: "NOETL_FLIGHT_BEARER_TOKENS" },
    ]);
    expect([client.tls?.paths, client.tokens]).toEqual([
      {
        certificate: "/etc/noetl/flight/client.crt",
        key: "/etc/noetl/flight/client.key",
        ca: "/etc/noetl/flight/server-ca.crt",
      },
      { secret: "noetl-flight-client", key: "NOETL_FLIGHT_BEARER_TOKEN" },
    ]);
  });

  test("given cert-manager, volumes give its files the platform's names, and the token has a Secret beside them", async () => {
    const { graph, server, client } = await make(certManager);
    expect(keysOf(graph)).toEqual({
      "noetl-flight-bearer": ["NOETL_FLIGHT_BEARER_TOKENS"],
      "noetl-flight-client": ["NOETL_FLIGHT_BEARER_TOKEN"],
    });
    expect(objectNamed(graph, "Certificate/noetl-flight-tls").spec).toMatchObject({
      commonName: "noetl.noetl.svc.cluster.local",
      dnsNames: ["noetl.noetl.svc.cluster.local", "noetl.noetl.svc", "localhost"],
      usages: ["server auth", "digital signature", "key encipherment"],
    });
    expect(objectNamed(graph, "Certificate/noetl-flight-client-certificate").spec).toMatchObject({
      commonName: "noetl-worker-rust",
      secretName: "noetl-flight-client-certificate",
      usages: ["client auth", "digital signature", "key encipherment"],
    });
    const items = (certificate: string, key: string, ca: string) => [
      { key: "tls.crt", path: certificate },
      { key: "tls.key", path: key },
      { key: "ca.crt", path: ca },
    ];
    expect(server.tls?.volumes).toEqual([
      {
        name: "flight",
        secret: { secretName: "noetl-flight-tls", items: items("server.crt", "server.key", "client-ca.crt") },
      },
    ]);
    expect(client.tls?.volumes).toEqual([
      {
        name: "flight",
        secret: {
          secretName: "noetl-flight-client-certificate",
          items: items("client.crt", "client.key", "server-ca.crt"),
        },
      },
    ]);
  });

  test("given TLS of the server alone, clients get nothing", async () => {
    const { graph, client } = await make(builtIn, { clientTls: false, mutual: false, bearer: undefined });
    expect(Object.keys(keysOf(graph))).toEqual(["noetl-flight-tls"]);
    expect(client).toEqual({ podAnnotations: {}, dependsOn: [] });
  });

  test("given a token without certificates for clients, their Secret has the token", async () => {
    const { graph } = await make(builtIn, { clientTls: false, mutual: false });
    expect(keysOf(graph)["noetl-flight-client"]).toEqual(["NOETL_FLIGHT_BEARER_TOKEN"]);
  });

  test("given nothing on, there is nothing", async () => {
    const off = { serverTls: false, clientTls: false, bearer: undefined, mutual: false };
    expect(objectNames((await make(undefined, off)).graph)).toEqual([]);
  });

  test("given another token, pods of both sides start anew", async () => {
    const revision = async (bearer: FlightTlsArgs["bearer"]) => {
      const { server, client } = await make(builtIn, { bearer });
      return [server, client].map(({ podAnnotations }) => podAnnotations["noetl.io/flight-tokens"]);
    };
    expect(await revision({ current: 1, accepted: [1, 2] })).toEqual(["1 of 1,2", "1 of 1,2"]);
    expect(await revision({ current: 2, accepted: [2] })).toEqual(["2 of 2", "2 of 2"]);
  });

  test("shows neither token nor key", async () => {
    expect(JSON.stringify((await make(builtIn)).graph)).not.toMatch(/BEGIN|MI[GI]|AAAAAAAA/);
  });

  test.each([
    ["TLS without anybody who signs", undefined, {}, "TLS needs somebody who signs"],
    ["a certificate of clients alone", builtIn, { serverTls: false }, "clients trust nobody without TLS of the server"],
    ["mutual TLS without certificates of clients", builtIn, { clientTls: false }, "clients need a certificate"],
    [
      "a token that the server does not take",
      builtIn,
      { bearer: { current: 2, accepted: [1] } },
      "token 2 is not among those that the server takes: 1",
    ],
  ])("refuses %s", async (_, authority, changed, message) => {
    await expect(make(authority, changed)).rejects.toThrow(message);
  });
});
