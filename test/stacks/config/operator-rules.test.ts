import { describe, expect, test } from "@jest/globals";
import { configOf, problemsOf, stackText } from "./support";

/** What is said of a stack with these lines: path, message and what is allowed. */
function told(...lines: string[]) {
  return problemsOf(stackText(lines.join("\n"))).map(({ path, message, allowed }) => [path, message, allowed]);
}

const INSTALLED = "noetl:certManager: { install: true }";
const ELSEWHERE = "noetl:certManager: { install: true, namespace: pki }";

describe("certManager", () => {
  test("given no key, when read, then nobody says where cert-manager comes from", () => {
    expect(configOf(stackText("")).certManager).toEqual({
      namespace: "cert-manager",
      logLevel: 2,
      metrics: true,
      resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
    });
  });

  test.each([
    ["installed", [INSTALLED]],
    ["of the cluster, in any namespace", ["noetl:certManager: { install: false, namespace: kube-system }"]],
    ["for ClusterIssuers", [INSTALLED, "noetl:tls: { mode: certManager, ca: { kind: ClusterIssuer } }"]],
    ["elsewhere, for Issuers of namespace noetl", [ELSEWHERE, "noetl:tls: { mode: certManager }"]],
    ["watched", [INSTALLED, "noetl:monitoring: { kind: gmp, certManager: {} }"]],
    ["of the cluster, watched", ["noetl:certManager: { metrics: false }", "noetl:monitoring: { certManager: {} }"]],
  ])("given it %s, when read, then nothing is wrong", (_, lines) => {
    expect(told(...lines)).toEqual([]);
  });

  test.each([
    ["noetl", "the platform"],
    ["nats-supercluster", "the platform"],
    ["kube-system", "Kubernetes"],
  ])("given the operator in namespace %s, when read, then that is refused", (namespace, owner) => {
    expect(told(`noetl:certManager: { install: true, namespace: ${namespace} }`)).toEqual([
      [
        "noetl:certManager.namespace",
        `"${namespace}" is a namespace of ${owner}`,
        "a namespace that nothing else is in, such as cert-manager",
      ],
    ]);
  });

  test("given both operators in one namespace, when read, then that is refused", () => {
    expect(told("noetl:certManager: { install: true, namespace: keda }", "noetl:keda: { install: true }")).toEqual([
      [
        "noetl:certManager.namespace",
        '"keda" is the namespace of KEDA (the default)',
        "a namespace that nothing else is in, such as cert-manager",
      ],
    ]);
  });

  test("given roots where the installed operator does not look, when read, then that is refused", () => {
    expect(told(ELSEWHERE, "noetl:tls: { mode: certManager, ca: { kind: ClusterIssuer } }")).toEqual([
      [
        "noetl:tls.ca.operatorNamespace",
        "cert-manager, which this stack installs in pki, would not look for its roots in cert-manager (line 5)",
        "pki",
      ],
    ]);
  });

  test("given a scrape of another cert-manager than the installed one, when read, then that is refused", () => {
    expect(told(ELSEWHERE, "noetl:monitoring: { kind: gmp, certManager: {} }")).toEqual([
      [
        "noetl:monitoring.certManager.namespace",
        "cert-manager, which this stack installs in pki, is not in cert-manager (line 5)",
        "pki, or no monitoring.certManager: what the stack installs is watched",
      ],
    ]);
  });

  test("given a scrape of an operator without metrics, when read, then that is refused", () => {
    const silent = "noetl:certManager: { install: true, metrics: false }";
    expect(told(silent, "noetl:monitoring: { kind: gmp, certManager: {} }")).toEqual([
      [
        "noetl:monitoring.certManager",
        "this stack installs cert-manager without metrics, so there is nothing to scrape (line 5)",
        "nothing, while certManager.metrics is false",
      ],
    ]);
  });

  test.each(["certManager", "keda"])(
    "given %s that requests more than its limit, when read, then that is refused",
    (section) => {
      const resources = "{ requests: { cpu: 2 }, limits: { cpu: 1 } }";
      expect(told(`noetl:${section}: { install: true, resources: ${resources} }`)).toEqual([
        [`noetl:${section}.resources.requests.cpu`, "2 is requested, more than the limit of 1", "at most 1"],
      ]);
    },
  );
});
