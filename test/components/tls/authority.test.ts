import * as k8s from "@pulumi/kubernetes";
import { describe, expect, test } from "@jest/globals";
import { existingNamespace } from "../../../components/kubernetes/namespaces";
import type { CertificateAuthority, Leaf } from "../../../components/tls/authority";
import { BuiltInAuthority, type BuiltInAuthorityArgs } from "../../../components/tls/built-in/authority";
import {
  CertManagerAuthority,
  type CertManagerAuthorityArgs,
  type OwnRoots,
} from "../../../components/tls/cert-manager/authority";
import type { ResourceGraph } from "../../../preview/graph";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const NOETL = existingNamespace("noetl");
const SERVER: Leaf = {
  name: "noetl-server-tls",
  namespace: NOETL,
  dnsNames: ["noetl-server-rust.noetl.svc", "noetl-server-rust.noetl.svc.cluster.local", "localhost"],
  ipAddresses: ["127.0.0.1"],
  usages: ["server"],
};
const WORKER: Leaf = {
  name: "noetl-worker-tls",
  namespace: NOETL,
  commonName: "noetl-worker-rust",
  dnsNames: ["noetl-worker-rust.noetl.svc"],
  usages: ["client"],
};
const IN_NATS: Leaf = { ...SERVER, namespace: existingNamespace("nats") };

const FIRST = { generation: 1, issuedOn: "2026-11-21", days: 3650 };
const SECOND = { generation: 2, issuedOn: "2027-01-15", days: 3650 };
const LEAVES = { issuedOn: "2027-01-20", days: 365 };

function builtIn(changed: Partial<BuiltInAuthorityArgs> = {}): Promise<ResourceGraph> {
  return issuedBy(() => new BuiltInAuthority("tls", { generation: 1, trusted: [FIRST], leaves: LEAVES, ...changed }));
}

function certManager(
  signer: CertManagerAuthorityArgs["signer"] = own(1, [1]),
  changed: Partial<CertManagerAuthorityArgs> = {},
  leaves?: Leaf[],
): Promise<ResourceGraph> {
  const days = { root: 3650, leaf: 365, renewBefore: 30 };
  const args = { signer, days, reloader: false, joinImage: "busybox:1", ...changed };
  return issuedBy(() => new CertManagerAuthority("tls", args), leaves);
}

function own(generation: number, trusted: number[]): OwnRoots {
  return { kind: "Issuer", namespace: NOETL, generation, trusted };
}

/** The leaves, and a pod that reads the first. */
function issuedBy(make: () => CertificateAuthority, leaves = [SERVER, WORKER]): Promise<ResourceGraph> {
  return recorded(() => {
    const authority = make();
    const [identity] = leaves.map((leaf) => authority.issue(leaf));
    if (!identity) return;
    const { volumes, initContainers, podAnnotations } = identity.pod({ path: "/tls" });
    const metadata = { name: "reader", annotations: { ...podAnnotations } };
    const spec = { volumes: [...volumes], initContainers: [...initContainers], containers: [] };
    new k8s.core.v1.Pod("reader", { metadata, spec }, { dependsOn: [...identity.dependsOn] });
  });
}

/** Seeds, and whether each is protected. */
function seeds({ resources }: ResourceGraph): [name: string, isProtected: boolean][] {
  return resources.flatMap(({ type, name, protect }) =>
    type.includes("RandomBytes") ? [[name, protect] as [string, boolean]] : [],
  );
}

function revisionOf(graph: ResourceGraph): unknown {
  const { metadata } = objectNamed(graph, "Pod/reader") as unknown as {
    metadata: { annotations: Record<string, string> };
  };
  return metadata.annotations["certificate.noetl.io/noetl-server-tls"];
}

describe("BuiltInAuthority", () => {
  test("makes Secrets of the shape that cert-manager writes, and keeps no more than a protected seed", async () => {
    const graph = await builtIn();
    expect(objectNames(graph)).toEqual(["Pod/reader", "Secret/noetl-server-tls", "Secret/noetl-worker-tls"]);
    expect(seeds(graph)).toEqual([["tls-generation-1", true]]);
    expect(objectNamed(graph, "Secret/noetl-server-tls")).toMatchObject({
      metadata: { namespace: "noetl", labels: { app: "noetl", component: "tls" } },
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": "<secret>", "tls.key": "<secret>", "ca.crt": "<secret>" },
    });
  });

  test("shows no seed, key or certificate in what is recorded", async () => {
    const text = JSON.stringify(await builtIn());
    expect(text).not.toMatch(/BEGIN|MIG|MII/);
    expect(text).not.toContain(Buffer.alloc(32).toString("base64"));
  });

  test("recorded twice, pods have the same revision; with another day, root or signer, another one", async () => {
    const revision = revisionOf(await builtIn());
    expect(revision).toMatch(/^[0-9a-f]{8}$/);
    expect(revisionOf(await builtIn())).toBe(revision);
    const revisions = [revision];
    for (const changes of [
      { leaves: { ...LEAVES, issuedOn: "2027-12-01" } },
      { trusted: [FIRST, SECOND] },
      { trusted: [FIRST, SECOND], generation: 2 },
      { trusted: [SECOND], generation: 2 },
    ]) {
      revisions.push(revisionOf(await builtIn(changes)));
    }
    expect(new Set(revisions).size).toBe(5);
  });

  test("during a roll, protects the seed that signs and lets the other one go", async () => {
    expect(seeds(await builtIn({ trusted: [FIRST, SECOND] }))).toEqual([
      ["tls-generation-1", true],
      ["tls-generation-2", false],
    ]);
    expect(seeds(await builtIn({ trusted: [FIRST, SECOND], generation: 2 }))).toEqual([
      ["tls-generation-2", true],
      ["tls-generation-1", false],
    ]);
  });

  test("lets the seed go when it is told to", async () => {
    expect(seeds(await builtIn({ protect: false }))).toEqual([["tls-generation-1", false]]);
  });

  test("makes a workload after its Secret", async () => {
    const { resources } = await builtIn();
    const secret = resources.find(({ name, type }) => name === SERVER.name && type.endsWith(":Secret"));
    expect(resources.find(({ name }) => name === "reader")?.dependencies).toContain(secret?.urn);
  });

  test("refuses to sign with a root that nobody trusts", async () => {
    await expect(builtIn({ generation: 2 })).rejects.toThrow("generation 2 signs, and nobody would trust it");
  });
});

describe("CertManagerAuthority", () => {
  test("makes the platform's chain: issuer, root, issuer of the root, leaves", async () => {
    const graph = await certManager();
    expect(objectNames(graph)).toEqual([
      "Certificate/noetl-ca",
      "Certificate/noetl-server-tls",
      "Certificate/noetl-worker-tls",
      "Issuer/noetl-ca-issuer",
      "Issuer/noetl-selfsigned-issuer",
      "Pod/reader",
    ]);
    const rsa = { algorithm: "RSA", size: 2048, encoding: "PKCS8" };
    expect(objectNamed(graph, "Issuer/noetl-selfsigned-issuer").spec).toEqual({ selfSigned: {} });
    expect(objectNamed(graph, "Issuer/noetl-ca-issuer").spec).toEqual({ ca: { secretName: "noetl-ca-tls" } });
    expect(objectNamed(graph, "Certificate/noetl-ca").spec).toEqual({
      isCA: true,
      commonName: "noetl-ca",
      secretName: "noetl-ca-tls",
      duration: "87600h",
      renewBefore: "8760h",
      privateKey: { ...rsa, rotationPolicy: "Never" },
      usages: ["cert sign", "crl sign"],
      issuerRef: { name: "noetl-selfsigned-issuer", kind: "Issuer", group: "cert-manager.io" },
    });
    expect(objectNamed(graph, "Certificate/noetl-server-tls").spec).toEqual({
      secretName: "noetl-server-tls",
      dnsNames: SERVER.dnsNames,
      ipAddresses: ["127.0.0.1"],
      duration: "8760h",
      renewBefore: "720h",
      privateKey: { ...rsa, rotationPolicy: "Always" },
      usages: ["server auth", "digital signature", "key encipherment"],
      issuerRef: { name: "noetl-ca-issuer", kind: "Issuer", group: "cert-manager.io" },
    });
    expect(objectNamed(graph, "Certificate/noetl-worker-tls").spec).toMatchObject({
      commonName: "noetl-worker-rust",
      usages: ["client auth", "digital signature", "key encipherment"],
    });
  });

  test("given ClusterIssuers, the root is where cert-manager looks for it, and leaves are anywhere", async () => {
    const signer: OwnRoots = { ...own(1, [1]), kind: "ClusterIssuer", namespace: existingNamespace("cert-manager") };
    const graph = await certManager(signer, {}, [IN_NATS]);
    expect(objectNamed(graph, "Certificate/noetl-ca").metadata.namespace).toBe("cert-manager");
    expect(objectNamed(graph, "ClusterIssuer/noetl-ca-issuer").metadata).not.toHaveProperty("namespace");
    expect(objectNamed(graph, "Certificate/noetl-server-tls")).toMatchObject({
      metadata: { namespace: "nats" },
      spec: { issuerRef: { name: "noetl-ca-issuer", kind: "ClusterIssuer" } },
    });
  });

  test("given an Issuer, refuses a leaf of another namespace", async () => {
    await expect(certManager(own(1, [1]), {}, [IN_NATS])).rejects.toThrow(
      "noetl-server-tls is in namespace nats, and the issuer in noetl",
    );
  });

  test("given an issuer of somebody else's, makes leaves and nothing else", async () => {
    const signer = { name: "google-cas", kind: "GoogleCASClusterIssuer", group: "cas-issuer.jetstack.io" };
    const graph = await certManager(signer);
    expect(objectNames(graph)).toEqual(["Certificate/noetl-server-tls", "Certificate/noetl-worker-tls", "Pod/reader"]);
    expect(objectNamed(graph, "Certificate/noetl-server-tls").spec).toMatchObject({ issuerRef: signer });
    expect(revisionOf(graph)).toBe("google-cas");
  });

  test("during a roll, brings each trusted root into the namespace, and pods join them without any root's key", async () => {
    const graph = await certManager(own(1, [1, 2]));
    expect(objectNames(graph)).toEqual([
      "Certificate/noetl-ca",
      "Certificate/noetl-ca-2",
      "Certificate/noetl-ca-2-trust",
      "Certificate/noetl-ca-trust",
      "Certificate/noetl-server-tls",
      "Certificate/noetl-worker-tls",
      "Issuer/noetl-ca-2-issuer",
      "Issuer/noetl-ca-issuer",
      "Issuer/noetl-selfsigned-issuer",
      "Pod/reader",
    ]);
    expect(objectNamed(graph, "Certificate/noetl-ca-2-trust").spec).toMatchObject({
      secretName: "noetl-ca-2-trust",
      usages: ["digital signature", "code signing"],
      issuerRef: { name: "noetl-ca-2-issuer" },
    });
    const pod = objectNamed(graph, "Pod/reader").spec;
    expect(pod).toMatchObject({ initContainers: [{ name: "tls-join-roots" }] });
    expect(JSON.stringify(pod)).toContain("noetl-ca-2-trust");
    expect(JSON.stringify(pod)).not.toMatch(/noetl-ca(-2)?-tls/);
    expect(revisionOf(graph)).toBe("generation-1-of-1-2");
  });

  test("given a ConfigMap with roots, trusts those alone", async () => {
    const graph = await certManager(own(1, [1, 2]), { trustConfigMap: "noetl-roots" });
    expect(objectNames(graph).filter((name) => name.includes("trust"))).toEqual([]);
    expect(objectNamed(graph, "Pod/reader").spec).toMatchObject({
      initContainers: [],
      volumes: [{ projected: { sources: [{}, { configMap: { name: "noetl-roots" } }] } }],
    });
  });

  test("refuses to sign with a root that nobody trusts", async () => {
    await expect(certManager(own(2, [1]))).rejects.toThrow("generation 2 signs, and nobody would trust it");
  });
});
