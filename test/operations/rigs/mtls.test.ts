import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { authoritySecrets, type Listener, tlsListeners } from "../../../operations/rigs/mtls/listeners";
import { expectedOf, seen, verdictOf } from "../../../operations/rigs/mtls/matrix";
import { expiredClient, makeStranger, signerOf } from "../../../operations/rigs/mtls/strangers";
import { validityEvidence } from "../../../operations/rigs/mtls/validity";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { authorityOf } from "./authority";

const TLS = `
config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
  noetl:tls: { mode: certManager, ca: { kind: ClusterIssuer, trusted: [1, 2] } }
  noetl:server: { tls: mutual }
  noetl:nats: { replicas: 3, tls: { platform: true, clients: required } }
  noetl:pythonServer: {}
  noetl:flight: {}
  noetl:workerPools: [{ name: noetl-worker-rust, poolName: worker-rust-pool, segment: shared }]
`;

describe("the listeners of a stack", () => {
  let listeners: Listener[];
  let authorities: unknown;

  beforeAll(async () => {
    const settings = parseStackFile(TLS, "Pulumi.tls.yaml");
    const graph = await renderStack(settings);
    listeners = tlsListeners(graph, settings.config);
    authorities = authoritySecrets(graph);
  });

  const key = (namespace: string, name: string, of: string) => ({ kind: "Secret", namespace, name, key: of });
  const roots = ["noetl-ca-trust", "noetl-ca-2-trust"].map((name) => key("noetl", name, "ca.crt"));
  const nats = {
    namespace: "nats",
    podLabels: { app: "nats", component: "messaging" },
    protocol: "nats",
    servername: "nats.nats.svc.cluster.local",
    plainToo: false,
    roots: [key("nats", "nats-tls", "ca.crt")],
  };

  test("are all that speak TLS, with the files that their clients have", () => {
    expect(listeners).toEqual([
      { ...nats, name: "nats/nats:4222", port: 4222, mutual: false },
      {
        ...nats,
        name: "nats/nats:6222",
        protocol: "nats-link",
        port: 6222,
        mutual: true,
        identity: { certificate: key("nats", "nats-tls", "tls.crt"), key: key("nats", "nats-tls", "tls.key") },
      },
      {
        name: "noetl/noetl-server:8083",
        namespace: "noetl",
        podLabels: { app: "noetl-server", component: "server" },
        port: 8083,
        protocol: "http2",
        servername: "noetl.noetl.svc.cluster.local",
        plainToo: false,
        mutual: true,
        roots,
        identity: {
          certificate: key("noetl", "noetl-flight-client-certificate", "tls.crt"),
          key: key("noetl", "noetl-flight-client-certificate", "tls.key"),
        },
      },
      {
        name: "noetl/noetl-server-rust:8082",
        namespace: "noetl",
        podLabels: { app: "noetl-server-rust", component: "server" },
        port: 8082,
        protocol: "http",
        servername: "noetl-server-rust.noetl.svc.cluster.local",
        plainToo: false,
        mutual: true,
        roots,
        identity: {
          certificate: key("noetl", "noetl-worker-tls", "tls.crt"),
          key: key("noetl", "noetl-worker-tls", "tls.key"),
        },
      },
    ]);
  });

  test("come with the Secrets that the authority's keys are in, where it is the cluster's own", () => {
    expect(authorities).toEqual([
      { namespace: "cert-manager", secret: "noetl-ca-tls" },
      { namespace: "cert-manager", secret: "noetl-ca-2-tls" },
    ]);
  });
});

describe("what must become of a client", () => {
  const expected = (listener: { mutual: boolean; plainToo: boolean }) =>
    Object.fromEntries(expectedOf(listener).map(({ comer, verdict }) => [comer, verdict]));
  const always = {
    "right certificate": "accepted",
    "TLS 1.3": "accepted",
    "TLS 1.2": "accepted",
    "TLS 1.1": "refused by server",
    "TLS 1.0": "refused by server",
    "roots of another authority": "refused by client",
    "another name": "refused by client",
  };

  test("of a listener that asks for a certificate: only the right one gets through", () => {
    expect(expected({ mutual: true, plainToo: false })).toEqual({
      ...always,
      "no certificate": "refused by server",
      "another authority": "refused by server",
      expired: "refused by server",
      "no TLS": "refused by server",
    });
  });

  test("of one that asks for none: who comes with one is not looked at", () => {
    expect(expected({ mutual: false, plainToo: false })).toEqual({
      ...always,
      "no certificate": "accepted",
      "no TLS": "refused by server",
    });
  });

  test("of one that leaves the choice: also without TLS", () => {
    expect(expected({ mutual: false, plainToo: true })).toMatchObject({ "no TLS": "accepted" });
  });

  test("is told in words", () => {
    const accepted = { accepted: true, version: "TLSv1.3", validUntil: "2027-01-01T00:00:00.000Z" } as const;
    const refused = { accepted: false, by: "server", reason: "certificate required" } as const;
    expect([verdictOf(accepted), seen(accepted), verdictOf(refused), seen(refused)]).toEqual([
      "accepted",
      "accepted with TLSv1.3",
      "refused by server",
      "refused by server: certificate required",
    ]);
  });
});

describe("strangers", () => {
  test("look like the right client, and are of another key", async () => {
    const right = await makeStranger(undefined);
    const stranger = await makeStranger(right.client.certificate);
    const [of, like] = [right.client.certificate, stranger.client.certificate].map((pem) => new X509Certificate(pem));
    expect([like?.subject, like?.issuer]).toEqual([of?.subject, of?.issuer]);
    expect(like?.verify(new X509Certificate(right.root).publicKey)).toBe(false);
    expect(like?.verify(new X509Certificate(stranger.root).publicKey)).toBe(true);
  });

  test.each(["rsa", "ec"] as const)("one that has expired is of the right authority, of an %s key", async (kind) => {
    const signer = await authorityOf(kind);
    const { client } = await makeStranger(undefined);
    const expired = new X509Certificate((await expiredClient(signer, client.certificate)).certificate);
    expect(Date.parse(expired.validTo)).toBeLessThan(Date.now());
    expect(expired.verify(new X509Certificate(signer.certificate).publicKey)).toBe(true);
    expect(expired.subject).toBe("CN=noetl-verify");
    expect(signerOf(expired.toString(), [{ certificate: client.certificate, key: client.key }, signer])).toBe(signer);
    expect(signerOf(client.certificate, [signer])).toBeUndefined();
  });
});

describe("the days that are left", () => {
  const now = new Date("2026-11-21T12:00:00.000Z");
  test.each([
    ["2026-11-28T12:00:00.000Z", 7, true],
    ["2026-11-28T11:59:59.000Z", 6, false],
    ["2026-11-20T12:00:00.000Z", -1, false],
  ])("until %s are %d", (validUntil, days, ok) => {
    expect(validityEvidence("nats-0:4222", validUntil, now)).toEqual({
      what: "certificate of nats-0:4222",
      expected: "valid for 7 days or more",
      seen: `valid until ${validUntil}, ${days} days`,
      ok,
    });
  });
});
