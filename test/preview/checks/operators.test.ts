import { describe, expect, test } from "@jest/globals";
import { operators } from "../../../preview/checks/operators";
import { findingsOf, graph, object } from "../support";

const of = (apiVersion: string, kind: string, name: string) =>
  object({ apiVersion, kind, metadata: { name, namespace: "noetl" }, spec: {} });
const CERTIFIED = graph(
  of("cert-manager.io/v1", "Issuer", "noetl-ca-1-issuer"),
  of("cert-manager.io/v1", "Certificate", "noetl-ca-1"),
  of("cert-manager.io/v1", "Certificate", "noetl-server-tls"),
);
const SCALED = graph(of("keda.sh/v1alpha1", "ScaledObject", "worker"));

describe("operators", () => {
  test("given certificates and nobody who brings cert-manager, when checked, then that is an error with both ways out", () => {
    expect(findingsOf(operators, CERTIFIED)).toEqual([
      {
        severity: "error",
        rule: "operators",
        resource: "noetl:certManager.install",
        message:
          "cert-manager is needed for 1 Issuer, 2 Certificates, and nobody says where it comes from: without it, the API server knows no such kinds",
        fix: "set noetl:certManager.install: true, or false where the cluster has cert-manager",
      },
    ]);
  });

  test("given a scaler and nobody who brings KEDA, when checked, then that is an error", () => {
    expect(findingsOf(operators, SCALED)).toEqual([
      expect.objectContaining({
        severity: "error",
        resource: "noetl:keda.install",
        message:
          "KEDA is needed for 1 ScaledObject, and nobody says where it comes from: without it, the API server knows no such kinds",
      }),
    ]);
  });

  test.each([
    ["the stack installs cert-manager", CERTIFIED, { certManager: { install: true } }],
    ["the cluster has cert-manager", CERTIFIED, { certManager: { install: false } }],
    [
      "an issuer of others, which shows that cert-manager is there",
      graph(of("cert-manager.io/v1", "Certificate", "a")),
      {},
    ],
    ["the stack installs KEDA", SCALED, { keda: { install: true } }],
    ["the cluster has KEDA", SCALED, { keda: { install: false } }],
    ["no custom resources", graph(of("apps/v1", "Deployment", "app")), {}],
    ["those of others", graph(of("jetstream.nats.io/v1beta2", "Stream", "noetl")), {}],
  ])("given %s, when checked, then nothing is found", (_, shown, settings) => {
    expect(findingsOf(operators, shown, settings)).toEqual([]);
  });
});
