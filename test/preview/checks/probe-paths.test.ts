import { describe, expect, test } from "@jest/globals";
import { probePaths } from "../../../preview/checks/probe-paths";
import { findingsOf, graph, workload } from "../support";

const URN = "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::app";

describe("probe paths", () => {
  const server = (image: string, path: string) =>
    workload({
      container: { image, livenessProbe: { httpGet: { path } }, readinessProbe: { httpGet: { path: "/api/health" } } },
    });

  test.each([
    ["the published image probed where it answers", server("ghcr.io/noetl/server:3.39.3", "/health")],
    ["an image of another family probed as specified", server("registry.example/noetl/server:3.0.0", "/healthz")],
    ["an image without probes", workload()],
  ])("given %s, when checked, then nothing is found", (_, node) => {
    expect(findingsOf(probePaths, graph(node))).toEqual([]);
  });

  test("given the published image probed as specified, when checked, then it is a warning that names the setting", () => {
    expect(findingsOf(probePaths, graph(server("ghcr.io/noetl/server:3.39.3", "/healthz")))).toEqual([
      {
        severity: "warning",
        rule: "probe-paths",
        resource: URN,
        message:
          "probes ask for /healthz, to which ghcr.io/noetl/server:3.39.3 answers 404: pods would never become ready",
        fix: "set noetl:server.healthApi to published, or use an image that has these paths",
      },
    ]);
  });
});
