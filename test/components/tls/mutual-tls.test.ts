import { describe, expect, test } from "@jest/globals";
import type { CertificateAuthority, Leaf } from "../../../components/tls/authority";
import { MutualTls, type MutualTlsArgs } from "../../../components/tls/mutual-tls";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { identity, namespace } from "../noetl/facts";

const NAMES = ["noetl-server-rust.noetl.svc", "noetl-server-rust.noetl.svc.cluster.local", "localhost"];

/** What an authority is asked to sign, and what becomes of it. */
async function made(args: Partial<MutualTlsArgs> = {}) {
  const leaves: Leaf[] = [];
  const authority: CertificateAuthority = {
    issue: (leaf) => {
      leaves.push(leaf);
      return identity(leaf.name);
    },
  };
  let tls: MutualTls | undefined;
  const server = { names: NAMES, addresses: ["127.0.0.1"], callsItself: false, metrics: true };
  const graph = await recorded(() => {
    tls = new MutualTls("mutual-tls", { authority, namespace, server, gateway: true, ...args });
  });
  return { leaves, graph, tls, server };
}

describe("MutualTls", () => {
  test("given a server, when made, then each role has a certificate of its own, by the names of old", async () => {
    const { leaves } = await made();
    expect(leaves).toEqual([
      {
        name: "noetl-server-tls",
        namespace,
        dnsNames: NAMES,
        ipAddresses: ["127.0.0.1"],
        usages: ["server"],
      },
      {
        name: "noetl-worker-tls",
        namespace,
        commonName: "noetl-worker-rust",
        dnsNames: ["noetl-worker-rust.noetl.svc"],
        usages: ["client"],
      },
      {
        name: "noetl-gateway-tls",
        namespace,
        commonName: "noetl-gateway",
        dnsNames: ["noetl-gateway.noetl.svc"],
        usages: ["client"],
      },
      {
        name: "noetl-scrape-tls",
        namespace,
        commonName: "noetl-scrape",
        dnsNames: ["noetl-scrape.noetl.svc"],
        usages: ["client"],
      },
    ]);
  });

  test("given replicas that call each other, when made, then the server's certificate is of a client, too", async () => {
    const { server } = await made();
    const { leaves } = await made({ server: { ...server, callsItself: true } });
    expect(leaves[0]?.usages).toEqual(["server", "client"]);
  });

  test("given neither gateway nor metrics, when made, then nobody has a certificate for them", async () => {
    const { server } = await made();
    const { leaves, tls } = await made({ gateway: false, server: { ...server, metrics: false } });
    expect(leaves.map(({ name }) => name)).toEqual(["noetl-server-tls", "noetl-worker-tls"]);
    expect(tls?.gateway).toBeUndefined();
    expect(tls?.scrape).toBeUndefined();
  });

  test("given NATS, when made, then its servers have one, for both sides of a connection, in their namespace", async () => {
    const nats = { namespace: { name: "nats", created: "nats" }, names: ["nats", "*.nats-headless.nats.svc"] };
    const { leaves, tls } = await made({ nats });
    expect(leaves).toContainEqual({
      name: "nats-tls",
      namespace: nats.namespace,
      dnsNames: nats.names,
      usages: ["server", "client"],
    });
    expect(tls?.nats?.secretName).toBe("nats-tls");
  });

  test("given metrics, when made, then the monitoring is told what to present, and what name to expect", async () => {
    const { tls, graph } = await made();
    const key = (name: string) => ({ secret: "noetl-scrape-tls", key: name });
    expect(tls?.scrape).toEqual({
      serverName: "noetl-server-rust.noetl.svc",
      caSecret: key("ca.crt"),
      certSecret: key("tls.crt"),
      keySecret: key("tls.key"),
    });
    expect(objectNames(graph)).toEqual([]);
  });

  test("given a collector, when made, then it may read that one Secret and nothing else", async () => {
    const { graph } = await made({ collector: { name: "collector", namespace: "gmp-system" } });
    expect(objectNames(graph)).toEqual(["Role/noetl-scrape-tls", "RoleBinding/noetl-scrape-tls"]);
    expect(objectNamed(graph, "Role/noetl-scrape-tls")).toMatchObject({
      metadata: { namespace: "noetl" },
      rules: [
        {
          apiGroups: [""],
          resources: ["secrets"],
          resourceNames: ["noetl-scrape-tls"],
          verbs: ["get", "list", "watch"],
        },
      ],
    });
    expect(objectNamed(graph, "RoleBinding/noetl-scrape-tls")).toMatchObject({
      roleRef: { kind: "Role", name: "noetl-scrape-tls" },
      subjects: [{ kind: "ServiceAccount", name: "collector", namespace: "gmp-system" }],
    });
  });
});
