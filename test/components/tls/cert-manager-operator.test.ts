import { describe, expect, test } from "@jest/globals";
import { existingNamespace } from "../../../components/kubernetes/namespaces";
import { CertManagerAuthority } from "../../../components/tls/cert-manager/authority";
import { CertManagerOperator, type CertManagerOperatorArgs } from "../../../components/tls/cert-manager/operator";
import { CHARTS } from "../../../stacks/versions";
import { CRD_PROJECTS } from "../../../tools/catalog";
import { recorded } from "../../support/recorded";

const NAMESPACE = existingNamespace("cert-manager");
const ARGS: CertManagerOperatorArgs = {
  namespace: NAMESPACE,
  chart: CHARTS.certManager,
  replicas: 1,
  logLevel: 2,
  metrics: true,
  resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { cpu: 1, memory: "512Mi" } },
};
const RESOURCES = { requests: { cpu: "50m", memory: "128Mi" }, limits: { cpu: "1", memory: "512Mi" } };

async function releaseOf(args: Partial<CertManagerOperatorArgs> = {}) {
  const graph = await recorded(() => new CertManagerOperator("cert-manager", { ...ARGS, ...args }));
  return graph.resources.find(({ type }) => type === "kubernetes:helm.sh/v3:Release")?.inputs;
}

describe("CertManagerOperator", () => {
  test("is a Helm release of the pinned chart that is undone when it does not come up", async () => {
    expect(await releaseOf()).toMatchObject({
      name: "cert-manager",
      chart: "cert-manager",
      version: CHARTS.certManager.version,
      repositoryOpts: { repo: "https://charts.jetstack.io" },
      namespace: "cert-manager",
      atomic: true,
    });
  });

  test("brings its definitions and leaves them, and elects its leader where GKE Autopilot lets it", async () => {
    const pods = { replicaCount: 1, podDisruptionBudget: { enabled: false }, resources: RESOURCES };
    expect(await releaseOf()).toHaveProperty("values", {
      crds: { enabled: true, keep: true },
      global: { leaderElection: { namespace: "cert-manager" }, logLevel: 2 },
      prometheus: { enabled: true },
      ...pods,
      webhook: { ...pods, securePort: 10250 },
      cainjector: pods,
      startupapicheck: { resources: RESOURCES },
    });
  });

  test("given two pods of each part, keeps one of each while nodes are drained; given no metrics, serves none", async () => {
    const pods = { replicaCount: 2, podDisruptionBudget: { enabled: true } };
    const elsewhere = existingNamespace("pki");
    expect(await releaseOf({ replicas: 2, logLevel: 6, metrics: false, namespace: elsewhere })).toMatchObject({
      namespace: "pki",
      values: {
        global: { leaderElection: { namespace: "pki" }, logLevel: 6 },
        prometheus: { enabled: false },
        ...pods,
        webhook: pods,
        cainjector: pods,
      },
    });
  });

  test("given an escape hatch, releases what it returns", async () => {
    const transform = { release: (args: object) => ({ ...args, chart: "./cert-manager.tgz" }) };
    expect(await releaseOf({ transform })).toMatchObject({ chart: "./cert-manager.tgz" });
  });

  test("every issuer and certificate waits for its release", async () => {
    const { resources } = await recorded(() => {
      const operator = new CertManagerOperator("cert-manager", ARGS);
      const authority = new CertManagerAuthority("tls", {
        signer: { kind: "ClusterIssuer", namespace: NAMESPACE, generation: 2, trusted: [1, 2] },
        days: { root: 3650, leaf: 365, renewBefore: 30 },
        reloader: false,
        joinImage: "busybox:1",
        operator,
      });
      authority.issue({ name: "leaf", namespace: NAMESPACE, dnsNames: ["a.b"], usages: ["server"] });
    });
    const release = resources.find(({ type }) => type === "kubernetes:helm.sh/v3:Release")?.urn;
    const waiting = resources.filter(({ type }) => type.startsWith("kubernetes:cert-manager.io/"));
    expect(waiting).toHaveLength(8);
    expect(waiting.filter(({ dependencies }) => release === undefined || !dependencies.includes(release))).toEqual([]);
  });

  test("its version is that of the definitions that tests check certificates by", () => {
    const definitions = CRD_PROJECTS.find(({ project }) => project === "cert-manager");
    expect(CHARTS.certManager.version).toBe(definitions?.module?.version);
  });
});
