import { describe, expect, it } from "@jest/globals";
import { gatewayUrl, isClustered, leafUrl, type NatsFacts } from "../../../components/nats/facts";
import { secretConf, serverConf } from "../../../components/nats/server-conf";
import { CLUSTER_FACTS, FACTS } from "./facts";

const PASSWORDS = { system: "s", noetl: "n" };
const TLS = { secretName: "nats-tls", clients: "off" } as const;
const PEER = { name: "nats-b", namespace: { name: "west", created: "west" } };
const GATEWAY = { peers: [{ name: "nats-b", urls: [gatewayUrl(PEER)] }] };
const REMOTE = { name: "b", urls: [leafUrl(PEER)], user: "noetl", account: "NOETL" };

describe("a cluster", () => {
  it("knows its servers by a list that stands in the Secret, with credentials", () => {
    expect(blockOf(CLUSTER_FACTS, "cluster")).toBe(`cluster {
  name: "nats"
  host: $POD_IP
  port: 6222
  authorization {
    user: "route"
    password: $CLUSTER_PASSWORD
  }
  routes: $CLUSTER_ROUTES
}
`);
    expect(secretConf(CLUSTER_FACTS, { ...PASSWORDS, cluster: 'p@ "ss' })).toBe(`NATS_SYS_PASSWORD: "s"
NATS_NOETL_PASSWORD: "n"
CLUSTER_PASSWORD: "p@ \\"ss"
CLUSTER_ROUTES: [
  "nats-route://route:p%40%20%22ss@nats-0.nats-headless.nats.svc.cluster.local:6222"
  "nats-route://route:p%40%20%22ss@nats-1.nats-headless.nats.svc.cluster.local:6222"
  "nats-route://route:p%40%20%22ss@nats-2.nats-headless.nats.svc.cluster.local:6222"
]
`);
  });

  it("takes the names it is given", () => {
    const facts = { ...CLUSTER_FACTS, name: "nats-cluster-a", headless: "nats-cluster-a", clusterName: "a" };
    expect(blockOf(facts, "cluster")).toContain('  name: "a"\n');
    expect(secretConf(facts, { ...PASSWORDS, cluster: "c" })).toContain(
      '"nats-route://route:c@nats-cluster-a-2.nats-cluster-a.nats.svc.cluster.local:6222"',
    );
  });

  it.each([
    ["one server", FACTS, false],
    ["one server that nobody else knows", { ...FACTS, gateway: { peers: [] } }, false],
    ["one server of a supercluster", { ...FACTS, gateway: GATEWAY }, true],
    ["three servers", CLUSTER_FACTS, true],
  ])("is not what %s is, unless there are others: %#", (_case, facts: NatsFacts, expected) => {
    expect(isClustered(facts)).toBe(expected);
    expect(blockOf(facts, "cluster") !== undefined).toBe(expected);
  });

  it("needs its password", () => {
    expect(() => secretConf(CLUSTER_FACTS, PASSWORDS)).toThrow("the NATS cluster needs passwords.cluster");
  });
});

describe("a supercluster", () => {
  it("is joined by gateways that refuse strangers", () => {
    expect(blockOf({ ...CLUSTER_FACTS, gateway: GATEWAY }, "gateway")).toBe(`gateway {
  name: "nats"
  host: $POD_IP
  port: 7222
  authorization {
    user: "gateway"
    password: $GATEWAY_PASSWORD
  }
  reject_unknown_cluster: true
  gateways: [
    { name: "nats-b", urls: ["nats://nats-b-headless.west.svc.cluster.local:7222"] }
  ]
}
`);
  });

  it("has one password", () => {
    const facts = { ...CLUSTER_FACTS, gateway: GATEWAY };
    expect(secretConf(facts, { ...PASSWORDS, cluster: "c", gateway: "12345" })).toContain(
      'GATEWAY_PASSWORD: "12345"\n',
    );
    expect(() => secretConf(facts, { ...PASSWORDS, cluster: "c" })).toThrow("needs passwords.gateway");
  });
});

describe("leafnodes", () => {
  it("listen", () => {
    expect(blockOf({ ...FACTS, leafnodes: { listen: true, remotes: [] } }, "leafnodes")).toBe(
      "leafnodes {\n  host: $POD_IP\n  port: 7422\n}\n",
    );
  });

  it("connect, with credentials in the Secret", () => {
    const facts = { ...FACTS, leafnodes: { listen: false, remotes: [REMOTE] } };
    expect(blockOf(facts, "leafnodes")).toBe(`leafnodes {
  remotes: [
    { urls: $LEAFNODE_B_URLS, account: "NOETL" }
  ]
}
`);
    expect(secretConf(facts, { ...PASSWORDS, leafnodes: { b: "p/w" } })).toContain(
      'LEAFNODE_B_URLS: [\n  "nats-leaf://noetl:p%2Fw@nats-b-headless.west.svc.cluster.local:7422"\n]\n',
    );
    expect(() => secretConf(facts, PASSWORDS)).toThrow("needs passwords.leafnodes.b");
  });
});

describe("TLS", () => {
  const FILES = '"/etc/nats/tls/tls.crt"';

  it("verifies both sides of every link", () => {
    const facts: NatsFacts = {
      ...CLUSTER_FACTS,
      gateway: GATEWAY,
      leafnodes: { listen: true, remotes: [REMOTE] },
      tls: TLS,
    };
    for (const block of ["cluster", "gateway", "leafnodes"]) {
      expect(blockOf(facts, block)).toContain(`  tls {
    cert_file: "/etc/nats/tls/tls.crt"
    key_file: "/etc/nats/tls/tls.key"
    ca_file: "/etc/nats/tls/ca.crt"
    timeout: 5
    verify: true
  }
`);
    }
    expect(blockOf(facts, "leafnodes")).toContain(`account: "NOETL", tls: { cert_file: ${FILES}`);
    expect(blockOf(facts, "tls")).toBeUndefined();
  });

  it.each([
    ["optional", undefined, "allow_non_tls: true"],
    ["required", undefined, undefined],
    ["mutual", "  verify: true\n", undefined],
  ] as const)("is %s for clients", (clients, inside, beside) => {
    const conf = serverConf({ ...FACTS, tls: { ...TLS, clients } });
    const block = blockOf({ ...FACTS, tls: { ...TLS, clients } }, "tls") ?? "";
    expect(block).toContain(FILES);
    expect(block.includes("verify")).toBe(inside !== undefined);
    expect(conf.includes("allow_non_tls")).toBe(beside !== undefined);
  });
});

/** A top-level block of nats.conf. */
function blockOf(facts: NatsFacts, name: string): string | undefined {
  return new RegExp(`^${name} \\{\\n[^]*?^\\}\\n`, "m").exec(serverConf(facts))?.[0];
}
