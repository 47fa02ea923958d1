import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type RequestOptions, type Server } from "node:https";
import { request as plainRequest } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "@nats-io/transport-node";
import type { Manifest, ResourceGraph } from "../../../preview/graph";
import { workloadsOf, type Container, type Workload } from "../../../preview/workloads";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { ensureTool } from "../../../tools/find";
import { type Authority, createAuthority, type KeyedCertificate } from "../cluster/certificates";
import { podsImpossible } from "../nats/image";
import type { PodObjects } from "../nats/manifests";
import { NatsPods } from "../nats/pods";
import { objectsOf, type SecretValues } from "../stacks/objects";
import { freePort } from "../support/ports";
import { startSupervisor, type Supervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";

/** A platform with TLS everywhere, of three servers that own a shard each. */
const stack = (leavesIssuedOn: string): string => `
config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
  noetl:tls:
    mode: builtIn
    ca: { trusted: [{ generation: 1, issuedOn: "${daysAgo(1000)}" }] }
    leaves: { issuedOn: "${leavesIssuedOn}" }
  noetl:server: { tls: mutual, replicas: 3, shards: { count: 3 } }
  noetl:gateway: {}
  noetl:nats: { tls: { platform: true, clients: required } }
`;

const SERVER = "noetl-server-rust.noetl.svc.cluster.local";
const REPLICA = "noetl-server-rust-2.noetl-server-rust-headless.noetl.svc.cluster.local";
const NATS = "nats.nats.svc.cluster.local";

const reason = podsImpossible();
const hasProxy = (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "haproxy")));
if (!hasProxy) console.warn("skipped: HAProxy is not installed (Debian: haproxy)");

describe("certificates of a rendered platform with mutual TLS", () => {
  let folder: string;
  let objects: Manifest[];
  let secrets: SecretValues;
  let old: SecretValues;
  let workloads: Workload[];
  let stranger: Authority;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "noetl-mutual-tls-"));
    ({ objects, secrets } = await objectsOf(parseStackFile(stack(daysAgo(0)), "Pulumi.tls.yaml")));
    // Of the same root, and not renewed in time.
    ({ secrets: old } = await objectsOf(parseStackFile(stack(daysAgo(400)), "Pulumi.tls.yaml")));
    workloads = workloadsOf(graphOf(objects));
    stranger = await createAuthority("noetl-ca");
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** A Secret's certificate and key. */
  function pairOf(name: string, { namespace = "noetl", from = secrets } = {}): KeyedCertificate & { ca: string } {
    const data = from.get(`${namespace}/${name}`) ?? {};
    return { certificate: data["tls.crt"] ?? "", key: data["tls.key"] ?? "", ca: data["ca.crt"] ?? "" };
  }

  /** A container of a workload, and a folder with what is mounted into it at /tls. */
  function containerOf(name: string, container: string): { container: Container; tls: string } {
    const workload = workloads.find((one) => one.name === name);
    const found = [...(workload?.initContainers ?? []), ...(workload?.containers ?? [])].find(
      (one) => one.name === container,
    );
    if (!workload || !found) throw new Error(`no container ${container} in ${name}`);
    const mount = found.mounts.find(({ path }) => path === "/tls");
    const volumes = workload.podSpec.volumes as { name: string; secret?: { secretName: string } }[];
    const secret = volumes.find((volume) => volume.name === mount?.volume)?.secret?.secretName ?? "";
    const tls = mkdtempSync(join(folder, "pod-"));
    for (const [file, text] of Object.entries(secrets.get(`${workload.namespace}/${secret}`) ?? {})) {
      writeFileSync(join(tls, file), text);
    }
    return { container: found, tls };
  }

  describe("a server that asks for certificates", () => {
    let server: Server;
    let port: number;
    let clients: string[];

    beforeAll(async () => {
      clients = [];
      // As rustls in the published server: its own pair, and the roots that clients must be of.
      const { certificate, key, ca } = pairOf("noetl-server-tls");
      server = createServer(
        { cert: certificate, key, ca, requestCert: true, rejectUnauthorized: true },
        (incoming, answer) => {
          clients.push(commonName(incoming.socket));
          answer.end("{}");
        },
      );
      port = await listening(server);
    });

    afterAll(() => close(server));

    /** What becomes of a call: its status, or the error. */
    function call(tls: Partial<KeyedCertificate> & { ca?: string }, servername = SERVER): Promise<string> {
      const { certificate, key, ca = pairOf("noetl-worker-tls").ca } = tls;
      return answerOf({ port, servername, ca, ...(certificate !== undefined && { cert: certificate, key }) });
    }

    it.each([
      ["noetl-worker-tls", "noetl-worker-rust"],
      ["noetl-gateway-tls", "noetl-gateway"],
      ["noetl-scrape-tls", "noetl-scrape"],
    ])("accepts %s, and sees who it is", async (secret, commonName) => {
      expect(await call(pairOf(secret))).toBe("200");
      expect(clients.at(-1)).toBe(commonName);
    });

    it("accepts another replica, which shows the server's own certificate", async () => {
      expect(await call(pairOf("noetl-server-tls"), REPLICA)).toBe("200");
    });

    it.each(["noetl-server-rust.noetl.svc", SERVER, REPLICA, "localhost"])("is known as %s", async (name) => {
      expect(await call(pairOf("noetl-worker-tls"), name)).toBe("200");
    });

    it("refuses a client without a certificate", async () => {
      expect(await call({})).toMatch(/ECONNRESET|certificate required/);
    });

    it("refuses a client of another authority of the same name", async () => {
      expect(await call(await stranger.client("noetl-worker-rust"))).toMatch(/ECONNRESET|unknown ca/);
    });

    it("refuses a client whose certificate has expired", async () => {
      expect(await call(pairOf("noetl-worker-tls", { from: old }))).toMatch(/ECONNRESET|certificate expired/);
    });

    it("is refused under a name that its certificate is not for", async () => {
      expect(await call(pairOf("noetl-worker-tls"), "noetl.example.com")).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
    });

    it("is refused by a client that trusts another authority", async () => {
      expect(await call({ ...pairOf("noetl-worker-tls"), ca: stranger.certificate })).toContain("SIGNATURE");
    });

    it.each([
      ["noetl-worker-rust", "wait-for-server", "SERVER_READY"],
      ["noetl-system-worker-pool", "wait-for-server", "SERVER_READY"],
    ])("lets the container of %s that waits for it go on: curl as rendered", async (workload, name, variable) => {
      const found = workloads.find((one) => one.name === workload) ?? workloads.find(isSystemPool);
      const { container, tls } = containerOf(found?.name ?? "", name);
      const url = container.env.find((one) => one.name === variable)?.value ?? "";
      expect(url.startsWith(`https://${SERVER}:8082/`)).toBe(true);
      const [shell = "", ...args] = (container.raw.command as string[]).map((text) =>
        text.replaceAll("/tls/", `${tls}/`),
      );
      // The one thing that differs from a cluster is where the name leads.
      const home = mkdtempSync(join(folder, "home-"));
      writeFileSync(join(home, ".curlrc"), `connect-to = "${SERVER}:8082:127.0.0.1:${port}"\n`);
      await promisify(execFile)(shell, args, { env: { PATH: process.env.PATH, HOME: home, [variable]: url } });
      expect(clients.at(-1)).toBe("noetl-worker-rust");
    });
  });

  it("a server whose certificate has expired is refused", async () => {
    const { certificate, key } = pairOf("noetl-server-tls", { from: old });
    const server = createServer({ cert: certificate, key });
    const port = await listening(server);
    try {
      const { certificate: cert, key: own, ca } = pairOf("noetl-worker-tls");
      expect(await answerOf({ port, servername: SERVER, ca, cert, key: own })).toContain("CERT_HAS_EXPIRED");
    } finally {
      await close(server);
    }
  });

  (hasProxy ? describe : describe.skip)("the proxies beside programs that present no certificate", () => {
    let supervisor: Supervisor;
    let server: Server;
    let port: number;
    let clients: [commonName: string, servername: string][];

    beforeAll(async () => {
      supervisor = await startSupervisor("noetl-proxy-");
      clients = [];
      const { certificate, key, ca } = pairOf("noetl-server-tls");
      server = createServer(
        { cert: certificate, key, ca, requestCert: true, rejectUnauthorized: true },
        (incoming, answer) => {
          clients.push([commonName(incoming.socket), serverName(incoming.socket)]);
          answer.end("through");
        },
      );
      port = await listening(server);
    });

    afterAll(async () => {
      await close(server);
      await supervisor.stop();
    });

    /** HAProxy with the rendered configuration, whose names lead here. @returns the port it listens on */
    async function proxy(workload: string, to = port): Promise<number> {
      const { container, tls } = containerOf(workload, "server-proxy");
      const listen = await freePort();
      const conf = (container.env.find(({ name }) => name === "HAPROXY_CONF")?.value ?? "")
        .replaceAll("/tls/", `${tls}/`)
        .replaceAll(/(bind [\d.]+):15082/g, `$1:${listen}`)
        .replaceAll(/server server \S+:8082/g, `server server 127.0.0.1:${to}`)
        .replaceAll(" resolvers cluster init-addr none", "");
      const file = join(tls, "haproxy.cfg");
      writeFileSync(file, conf);
      await supervisor.start({ name: `proxy-${listen}`, command: "haproxy", arguments: ["-db", "-f", file] });
      return listen;
    }

    it("passes the gateway's calls on, as the gateway, to the server and to each replica by its name", async () => {
      const listen = await proxy("noetl-gateway");
      expect(await answers(`http://127.0.0.1:${listen}/api/health`)).toBe("through");
      expect(clients.at(-1)).toEqual(["noetl-gateway", SERVER]);
      expect(await answers(`http://127.0.1.2:${listen}/api/events`)).toBe("through");
      expect(clients.at(-1)).toEqual(["noetl-gateway", REPLICA]);
    });

    it("passes the system pool's calls on, as a worker", async () => {
      const pool = workloads.find(isSystemPool)?.name ?? "";
      expect(await answers(`http://127.0.0.1:${await proxy(pool)}/api/internal/plugins/x`)).toBe("through");
      expect(clients.at(-1)).toEqual(["noetl-worker-rust", SERVER]);
    });

    it("passes on what one replica says to another", async () => {
      expect(await answers(`http://127.0.1.0:${await proxy("noetl-server-rust")}/api/events`)).toBe("through");
      expect(clients.at(-1)?.[1]).toBe(REPLICA.replace("-2.", "-0."));
    });

    it.each([
      ["of another authority", () => stranger.server([SERVER])],
      ["expired", () => Promise.resolve(pairOf("noetl-server-tls", { from: old }))],
      ["for another name", () => Promise.resolve(pairOf("nats-tls", { namespace: "nats" }))],
    ])("says nothing to a server whose certificate is %s", async (_, make) => {
      const { certificate, key } = await make();
      let asked = 0;
      const impostor = createServer({ cert: certificate, key }, (_incoming, answer) => {
        asked += 1;
        answer.end("through");
      });
      try {
        const listen = await proxy("noetl-gateway", await listening(impostor));
        await waitFor("the proxy to listen", () => isRefusal(listen));
        expect(asked).toBe(0);
      } finally {
        await close(impostor);
      }
    });
  });

  (reason === undefined ? describe : describe.skip)(
    `NATS of the same authority${reason === undefined ? "" : ` (skipped: ${reason})`}`,
    () => {
      let pods: NatsPods;

      beforeAll(async () => {
        const tool = await ensureTool("nats-server");
        if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
        pods = await NatsPods.create(tool.path, {
          statefulSet: named("StatefulSet/nats") as unknown as PodObjects["statefulSet"],
          configMap: named("ConfigMap/nats-config") as unknown as PodObjects["configMap"],
          secret: named("Secret/nats-auth") as unknown as PodObjects["secret"],
          tlsSecret: named("Secret/nats-tls") as unknown as PodObjects["secret"] & object,
        });
        await pods.start(pods.all);
        await pods.ready(pods.all);
      });
      afterAll(() => pods.remove());

      function named(name: string): Manifest {
        const found = objects.find(({ kind, metadata }) => `${kind}/${metadata.name}` === name);
        if (!found) throw new Error(`no ${name}`);
        return found;
      }

      /** What becomes of a client that trusts a root. */
      async function login(tls: { ca: string; servername: string } | undefined): Promise<string> {
        try {
          const connection = await connect({
            servers: `${pods.all[0]?.ip ?? ""}:4222`,
            user: "noetl",
            pass: secrets.get("noetl/noetl-nats")?.NATS_PASSWORD ?? "",
            reconnect: false,
            ...(tls && { tls }),
          });
          await connection.close();
          return "ok";
        } catch (error) {
          return String(error);
        }
      }

      it.each(["noetl-server-tls", "noetl-worker-tls", "noetl-gateway-tls"])(
        "is known by the roots that come with %s, and asks for no certificate",
        async (secret) => {
          expect(await login({ ca: pairOf(secret).ca, servername: NATS })).toBe("ok");
        },
      );

      it("is refused by a client that trusts another authority, or expects another name", async () => {
        expect(await login({ ca: stranger.certificate, servername: NATS })).toMatch(/certificate|signature/i);
        expect(await login({ ca: pairOf("noetl-worker-tls").ca, servername: "nats.elsewhere" })).toContain(
          "nats.elsewhere",
        );
      });

      it("is what the URLs say that server and workers get", () => {
        expect(secrets.get("noetl/noetl-nats")?.NOETL_NATS_URL).toMatch(
          /^tls:\/\/noetl:[^@]+@nats\.nats\.svc\.cluster\.local:4222$/,
        );
      });
    },
  );
});

/** A day in the past, as stack files write it. */
function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, "2026-11-21".length);
}

function isSystemPool({ podLabels, kind }: Workload): boolean {
  return kind === "Deployment" && podLabels.component === "system-worker";
}

function graphOf(objects: readonly Manifest[]): ResourceGraph {
  const resources = objects.map((manifest, index) => ({
    urn: `urn:pulumi:tls::noetl::kubernetes:core/v1:${manifest.kind}::${index}`,
    type: `kubernetes:core/v1:${manifest.kind}`,
    name: manifest.metadata.name,
    dependencies: [],
    custom: true,
    protect: false,
    retainOnDelete: false,
    inputs: manifest,
  }));
  return { project: "noetl", stack: "tls", resources };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Who a client says it is. */
function commonName(socket: Socket): string {
  return socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : "";
}

/** Whom a client asks for. */
function serverName(socket: Socket): string {
  return "servername" in socket ? String(socket.servername) : "";
}

/** What becomes of a call by https to this machine: its status, or the error's code and words. */
function answerOf(options: RequestOptions): Promise<string> {
  return new Promise((resolve) => {
    const call = request({ host: "127.0.0.1", path: "/api/health", agent: false, ...options }, (answer) => {
      answer.resume();
      resolve(String(answer.statusCode));
    });
    call.on("error", (error: NodeJS.ErrnoException) => {
      resolve(`${error.code ?? ""} ${error.message}`);
    });
    call.end();
  });
}

/** What a URL answers by plain HTTP, once somebody listens there. */
function answers(url: string): Promise<string> {
  return waitFor(`an answer of ${url}`, async () => {
    const answer = await plain(url);
    return answer === "ECONNREFUSED" ? undefined : answer;
  });
}

/** True once a proxy listens, and closes what it is asked. */
async function isRefusal(port: number): Promise<true | undefined> {
  return (await plain(`http://127.0.0.1:${port}/api/health`)) === "ECONNRESET" || undefined;
}

function plain(url: string): Promise<string> {
  return new Promise((resolve) => {
    const call = plainRequest(url, { agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (data: string) => (text += data));
      answer.on("end", () => {
        resolve(text);
      });
    });
    call.on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    call.end();
  });
}
