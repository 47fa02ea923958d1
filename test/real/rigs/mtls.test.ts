import { createServer, type Server, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import type { TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { mtls } from "../../../operations/rigs/catalog/mtls";
import { type Platform, platformOf } from "../../../operations/rigs/platform";
import { evidenceOf } from "../../../operations/rigs/report";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { ensureTool } from "../../../tools/find";
import { type Authority, createAuthority, type KeyedCertificate } from "../cluster/certificates";
import { type Cluster, startCluster } from "../cluster/cluster";
import type { KubeObject } from "../support/objects";
import { freePort } from "../support/ports";
import { waitFor } from "../support/wait";
import { notesIn, verify, wrongIn } from "./verify";
import { Ways } from "./ways";

/*
 * The rig against a real nats-server, and an HTTPS server as the platform's server is one; pods and Secrets are of a real
 * API server. Not proved here: port-forwards, which need a kubelet.
 */

const STACK = `
config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
  noetl:tls: { mode: certManager, ca: { kind: ClusterIssuer } }
  noetl:server: { tls: mutual }
  noetl:nats: { replicas: 3, tls: { platform: true, clients: required } }
`;
const SERVER = "noetl-server-rust.noetl.svc.cluster.local";
const NATS = "nats.nats.svc.cluster.local";
const MONTH = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 30 * 86_400_000) };

describe("the rig mtls", () => {
  let cluster: Cluster;
  let authority: Authority;
  let platform: Platform;
  let right: KeyedCertificate;
  let server: Server | undefined;
  const ways = new Ways();

  beforeAll(async () => {
    const settings = parseStackFile(STACK, "Pulumi.tls.yaml");
    platform = platformOf("tls", settings.config, await renderStack(settings));
    [cluster, authority] = await Promise.all([
      startCluster({ contextName: "kind-noetl" }),
      createAuthority("noetl-ca"),
    ]);
    const [nats, client] = [await authority.peer([NATS], MONTH), await authority.peer(["noetl-worker-rust"], MONTH)];
    right = await authority.peer([SERVER], MONTH);
    await cluster.kube.applyAll([
      ...["noetl", "nats", "cert-manager"].map((name): KubeObject => ({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
      })),
      secret("noetl", "noetl-worker-tls", {
        "tls.crt": client.certificate,
        "tls.key": client.key,
        "ca.crt": authority.certificate,
      }),
      secret("nats", "nats-tls", {
        "tls.crt": nats.certificate,
        "tls.key": nats.key,
        "ca.crt": authority.certificate,
      }),
      secret("cert-manager", "noetl-ca-tls", { "tls.crt": authority.certificate, "tls.key": authority.key }),
    ]);
    for (const namespace of ["noetl", "nats"]) {
      await cluster.kube.untilReady({ apiVersion: "v1", kind: "ServiceAccount", name: "default", namespace });
    }
    const pods = [
      pod("noetl", "server-0", { app: "noetl-server-rust", component: "server" }),
      pod("nats", "nats-0", { app: "nats", component: "messaging" }),
    ];
    await cluster.kube.applyAll(pods);
    for (const { metadata } of pods) {
      await cluster.kube.untilReady({
        apiVersion: "v1",
        kind: "Pod",
        name: metadata.name,
        namespace: metadata.namespace ?? "",
      });
    }
    await startNats(nats);
    ways.lead(
      "noetl",
      "server-0",
      8082,
      () => server && { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    );
  });

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });
  afterAll(async () => {
    ways.close();
    await cluster.stop();
  });

  /** Clients need TLS, and servers a certificate, as the stack has it. */
  async function startNats({ certificate, key }: KeyedCertificate): Promise<void> {
    const tool = await ensureTool("nats-server");
    if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
    const [port, routes, http] = [await freePort(), await freePort(), await freePort()];
    const files = { "tls.crt": certificate, "tls.key": key, "ca.crt": authority.certificate };
    // Beside the cluster's own files, some of which have these names.
    const folder = join(cluster.folder, "nats-tls");
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
    const tls = (more: string) =>
      `tls { cert_file: "${folder}/tls.crt", key_file: "${folder}/tls.key", ca_file: "${folder}/ca.crt"${more} }`;
    const conf = join(folder, "nats.conf");
    writeFileSync(
      conf,
      [
        `server_name: "nats-0"`,
        `listen: "127.0.0.1:${port}"`,
        `http: "127.0.0.1:${http}"`,
        tls(""),
        `accounts { NOETL { users: [{ user: noetl, password: secret }] } }`,
        `cluster { name: nats, listen: "127.0.0.1:${routes}", ${tls(", verify: true")} }`,
      ].join("\n"),
    );
    await cluster.run({ name: "nats-tls", command: tool.path, arguments: ["-c", conf] });
    await waitFor("nats-server", () =>
      fetch(`http://127.0.0.1:${http}/varz`).then(
        () => true as const,
        () => undefined,
      ),
    );
    ways.lead("nats", "nats-0", 4222, () => ({ host: "127.0.0.1", port }));
    ways.lead("nats", "nats-0", 6222, () => ({ host: "127.0.0.1", port: routes }));
  }

  /** A server of the platform, or a wrong one. */
  async function serve(
    change: ServerOptions = {},
    refuse: (socket: TLSSocket) => boolean = () => false,
  ): Promise<void> {
    const made = createServer(
      {
        cert: right.certificate,
        key: right.key,
        ca: authority.certificate,
        requestCert: true,
        rejectUnauthorized: true,
        ...change,
      },
      (_, answer) => answer.end("{}"),
    );
    made.on("secureConnection", (socket: TLSSocket) => {
      if (refuse(socket)) socket.destroy();
    });
    await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
    server = made;
  }

  it("finds every listener as it should be, and changes nothing", async () => {
    await serve();
    const report = await verify(mtls, platform, { cluster, ways });

    expect(wrongIn(report)).toEqual([]);
    expect([report.result, report.changes, notesIn(report)]).toEqual(["passed", [], []]);
    expect(evidenceOf(report).map(({ what, expected }) => `${what}: ${expected}`)).toEqual([
      ...listed("nats-0:4222", false),
      ...listed("nats-0:6222", true),
      ...listed("server-0:8082", true),
    ]);
  });

  it.each<[string, ServerOptions, ((socket: TLSSocket) => boolean) | undefined, string[]]>([
    [
      "takes clients without a certificate",
      { requestCert: false },
      undefined,
      [
        "no certificate: refused by server, not accepted",
        "another authority: refused by server, not accepted",
        "expired: refused by server, not accepted",
      ],
    ],
    [
      "looks at no dates",
      { rejectUnauthorized: false },
      ({ authorized, authorizationError }) => !authorized && String(authorizationError) !== "CERT_HAS_EXPIRED",
      ["expired: refused by server, not accepted"],
    ],
    [
      "speaks the old versions",
      { minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" },
      undefined,
      ["TLS 1.1: refused by server, not accepted", "TLS 1.0: refused by server, not accepted"],
    ],
  ])("given a server that %s, catches it", async (_, change, refuse, told) => {
    await serve(change, refuse);
    const report = await verify(mtls, platform, { cluster, ways });

    expect(report.result).toBe("failed");
    expect(wrongIn(report).map((text) => text.replace(/^server-0:8082, | with TLSv.*$/g, ""))).toEqual(told);
  });

  it("given a server with a certificate for another name, and one that is over soon, catches both", async () => {
    const soon = { ...MONTH, notAfter: new Date(Date.now() + 2 * 86_400_000) };
    const { certificate, key } = await authority.peer(["elsewhere.svc"], MONTH);
    await serve({ cert: certificate, key });
    const elsewhere = await verify(mtls, platform, { cluster, ways });
    expect(wrongIn(elsewhere)[0]).toMatch(
      /^server-0:8082, right certificate: accepted, not refused by client: .*elsewhere/,
    );

    server?.close();
    const short = await authority.peer([SERVER], soon);
    await serve({ cert: short.certificate, key: short.key });
    const over = await verify(mtls, platform, { cluster, ways });
    expect(wrongIn(over)).toEqual([
      expect.stringMatching(/^certificate of server-0:8082: valid for 7 days or more, not valid until .*, 1 days$/),
    ]);
  });
});

function listed(listener: string, mutual: boolean): string[] {
  const refused = (...comers: string[]) => comers.map((comer) => `${listener}, ${comer}: refused by server`);
  const accepted = (...comers: string[]) => comers.map((comer) => `${listener}, ${comer}: accepted`);
  return [
    ...accepted("right certificate"),
    `certificate of ${listener}: valid for 7 days or more`,
    ...(mutual ? refused("no certificate", "another authority", "expired") : accepted("no certificate")),
    ...refused("no TLS"),
    ...accepted("TLS 1.3", "TLS 1.2"),
    ...refused("TLS 1.1", "TLS 1.0"),
    ...["roots of another authority", "another name"].map((comer) => `${listener}, ${comer}: refused by client`),
  ];
}

function secret(namespace: string, name: string, stringData: Record<string, string>) {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, stringData };
}

function pod(namespace: string, name: string, labels: Record<string, string>): KubeObject {
  const containers = [{ name: "main", image: "registry.example/main:1" }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels }, spec: { containers } };
}
