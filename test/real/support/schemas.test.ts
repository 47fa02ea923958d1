import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KUBERNETES_VERSIONS, type KubernetesMinor } from "../../../tools/catalog";
import { ensureTool } from "../../../tools/find";
import { kubeconformSchemas } from "../../../tools/schemas";

const DEPLOYMENT = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web" } },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "web",
            image: "web:1",
            // Quantities and ports are numbers or strings.
            resources: { limits: { cpu: 1, memory: "1Gi" } },
            readinessProbe: { httpGet: { path: "/", port: "http" } },
            livenessProbe: { httpGet: { path: "/", port: 8080 } },
          },
        ],
      },
    },
  },
};
const SCALED_OBJECT = {
  apiVersion: "keda.sh/v1alpha1",
  kind: "ScaledObject",
  metadata: { name: "web" },
  spec: { scaleTargetRef: { name: "web" }, triggers: [{ type: "nats-jetstream", metadata: { lagThreshold: "10" } }] },
};

describe.each(Object.keys(KUBERNETES_VERSIONS) as KubernetesMinor[])("the JSON Schemas of Kubernetes %s", (minor) => {
  let folder: string;
  let kubeconform: string;
  let schemas: string;

  beforeAll(async () => {
    const [tool, location] = await Promise.all([ensureTool("kubeconform"), kubeconformSchemas(minor)]);
    if (!tool.found) throw new Error(tool.reason);
    if (typeof location !== "string") throw new Error(location.reason);
    [kubeconform, schemas, folder] = [tool.path, location, mkdtempSync(join(tmpdir(), "noetl-test-"))];
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** What kubeconform says is wrong with an object, the place and the problem; it has no order of its own. */
  function problemsOf(object: object): string[] {
    const file = join(folder, "object.json");
    writeFileSync(file, JSON.stringify(object));
    const { stdout } = spawnSync(kubeconform, ["-strict", "-output", "json", "-schema-location", schemas, file]);
    const { resources } = JSON.parse(stdout.toString()) as {
      resources: { status: string; validationErrors?: { path: string; msg: string }[] }[];
    };
    const problems = resources.flatMap(({ status, validationErrors = [] }) =>
      validationErrors.length === 0 ? [status] : validationErrors.map(({ path, msg }) => `${path}: ${msg}`),
    );
    return problems.sort();
  }

  it("take good objects", () => {
    expect([problemsOf(DEPLOYMENT), problemsOf(SCALED_OBJECT)]).toStrictEqual([[], []]);
  });

  it("refuse fields that a kind does not have", () => {
    const { spec, metadata } = DEPLOYMENT;

    expect(
      problemsOf({ ...DEPLOYMENT, metadata: { ...metadata, lable: {} }, spec: { ...spec, replica: 1 } }),
    ).toStrictEqual([
      "/metadata: additional properties 'lable' not allowed",
      "/spec: additional properties 'replica' not allowed",
    ]);
    expect(problemsOf({ ...SCALED_OBJECT, spec: { ...SCALED_OBJECT.spec, pollInterval: 1 } })).toStrictEqual([
      "/spec: additional properties 'pollInterval' not allowed",
    ]);
  });

  it("refuse values of a wrong type, and fields that are missing", () => {
    expect(problemsOf({ ...DEPLOYMENT, spec: { ...DEPLOYMENT.spec, replicas: "3" } })).toStrictEqual([
      "/spec/replicas: got string, want integer",
    ]);
    expect(problemsOf({ ...SCALED_OBJECT, spec: { triggers: [] } })).toStrictEqual([
      "/spec/triggers: minItems: got 0, want 1",
      "/spec: missing property 'scaleTargetRef'",
    ]);
  });
});
