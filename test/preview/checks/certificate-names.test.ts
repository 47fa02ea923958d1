import { describe, expect, test } from "@jest/globals";
import { certificateNames } from "../../../preview/checks/certificate-names";
import { env, findingsOf, graph, object, workload, type Node } from "../support";

const SERVER = "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::server";
const WORKER = "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::worker";
const VOLUME = { name: "tls", secret: { secretName: "noetl-server-tls" } };

/** A server behind two Services, and what connects to it. */
function platform(names: readonly string[], variables: Record<string, string>, more: Partial<Parts> = {}) {
  const { certificate = certManager(names), volume = VOLUME, publicUrl = "https://server.noetl.svc:8082" } = more;
  return graph(
    certificate,
    service("server"),
    service("server-headless"),
    workload({
      name: "server",
      podSpec: { volumes: [volume] },
      container: { env: env({ NOETL_PUBLIC_SERVER_URL: publicUrl }) },
    }),
    workload({ name: "worker", container: { env: env(variables) } }),
  );
}

interface Parts {
  certificate: Node;
  volume:
    Record<string, never> | typeof VOLUME | { name: string; projected: { sources: { secret: { name: string } }[] } };
  publicUrl: string;
}

function service(name: string): Node {
  const metadata = { name, namespace: "noetl" };
  return object({ apiVersion: "v1", kind: "Service", metadata, spec: { selector: { app: "server" } } });
}

function certManager(names: readonly string[]): Node {
  return object({
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name: "noetl-server-tls", namespace: "noetl" },
    spec: { secretName: "noetl-server-tls", dnsNames: [...names], ipAddresses: ["127.0.0.1"] },
  });
}

const NAMES = ["server.noetl.svc", "*.server-headless.noetl.svc.cluster.local"];

describe("names of certificates", () => {
  test.each([
    ["the Service's name", { NOETL_SERVER_URL: "https://server.noetl.svc:8082" }],
    ["a replica's name", { PEER: "https://server-0.server-headless.noetl.svc.cluster.local:8082/x" }],
    ["a template of replicas' names", { PEER: "https://server-{shard}.server-headless.noetl.svc.cluster.local:8082" }],
    ["a login before the name", { NATS_URL: "tls://user:p%40ss@server.noetl.svc:4222" }],
    ["a proxy", { CONF: "listen a\n  server server server.noetl.svc:8082 ssl verify required\n" }],
    ["a host that is not in the cluster", { ISSUER: "https://tenant.auth0.com/" }],
    ["a Service of another name", { OTHER: "https://server2.noetl.svc" }],
    ["no TLS at all", { NOETL_SERVER_URL: "http://server.noetl:8082" }],
  ])("given %s in a variable, when checked, then nothing is found", (_, variables) => {
    expect(findingsOf(certificateNames, platform(NAMES, variables))).toEqual([]);
  });

  test("given a name that the certificate lacks, when checked, then it is told who shows what", () => {
    const shown = platform(NAMES, { NOETL_SERVER_URL: "https://server.noetl.svc.cluster.local:8082" });
    expect(findingsOf(certificateNames, shown)).toEqual([
      {
        severity: "error",
        rule: "certificate-names",
        resource: WORKER,
        message:
          "NOETL_SERVER_URL names server.noetl.svc.cluster.local, and certificate noetl-server-tls, which Deployment noetl/server shows there, is only for server.noetl.svc, *.server-headless.noetl.svc.cluster.local, 127.0.0.1",
        fix: "use one of these names, or give noetl-server-tls a certificate that is for server.noetl.svc.cluster.local, too",
      },
    ]);
  });

  test.each([
    ["two labels in place of a star", "https://a.server-0.server-headless.noetl.svc.cluster.local"],
    ["none", "https://server-headless.noetl.svc.cluster.local"],
  ])("given %s, when checked, then the star is not for it", (_, url) => {
    expect(findingsOf(certificateNames, platform(NAMES, { URL: url }))).toHaveLength(1);
  });

  test("given a proxy that expects another name, when checked, then it is found", () => {
    const variables = { CONF: "listen a\n  server server server.noetl.svc.cluster.local:8082 ssl verify required\n" };
    expect(findingsOf(certificateNames, platform(NAMES, variables)).map(({ message }) => message)).toEqual([
      expect.stringContaining("CONF names server.noetl.svc.cluster.local, and certificate noetl-server-tls"),
    ]);
  });

  test("given the same name in two variables of a workload, when checked, then it is told once", () => {
    const url = "https://server.noetl.svc.cluster.local";
    expect(findingsOf(certificateNames, platform(NAMES, { A: url, B: url }))).toHaveLength(1);
  });

  test("given a public URL of any host, when checked, then the server's own certificate must be for it", () => {
    const shown = platform(NAMES, {}, { publicUrl: "https://noetl.example.com" });
    expect(findingsOf(certificateNames, shown).map(({ resource }) => resource)).toEqual([SERVER]);
    const known = platform([...NAMES, "noetl.example.com"], {}, { publicUrl: "https://noetl.example.com" });
    expect(findingsOf(certificateNames, known)).toEqual([]);
  });

  test.each([
    ["in a volume of its own", VOLUME],
    ["in a projected one", { name: "tls", projected: { sources: [{ secret: { name: "noetl-server-tls" } }] } }],
  ])("given a certificate that this program signed, %s, when checked, then its names count", (_, volume) => {
    const certificate = object({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "noetl-server-tls",
        namespace: "noetl",
        annotations: { "certificate.noetl.io/names": "server.noetl.svc,localhost" },
      },
    });
    const url = "https://server.noetl.svc.cluster.local";
    expect(findingsOf(certificateNames, platform([], { URL: url }, { certificate, volume }))).toHaveLength(1);
    const right = { URL: "https://server.noetl.svc" };
    expect(findingsOf(certificateNames, platform([], right, { certificate, volume }))).toEqual([]);
  });

  test("given a certificate from somewhere else, when checked, then nothing is said of it", () => {
    const certificate = object({ apiVersion: "v1", kind: "Secret", metadata: { name: "noetl-server-tls" } });
    expect(findingsOf(certificateNames, platform([], { URL: "https://server.noetl" }, { certificate }))).toEqual([]);
  });
});
