import { describe, expect, test } from "@jest/globals";
import { KedaOperator, type KedaOperatorArgs } from "../../../components/scaling/keda-operator";
import { CHARTS } from "../../../stacks/versions";
import { recorded } from "../../support/recorded";

const ARGS: KedaOperatorArgs = {
  namespace: { name: "keda", created: "keda" },
  chart: CHARTS.keda,
  httpTimeout: 3000,
  logLevel: "info",
  metrics: true,
  resources: { requests: { cpu: "100m", memory: "100Mi" }, limits: { cpu: 1, memory: "1000Mi" } },
};

async function releaseOf(args: Partial<KedaOperatorArgs> = {}) {
  const graph = await recorded(() => new KedaOperator("keda", { ...ARGS, ...args }));
  return graph.resources.find(({ type }) => type === "kubernetes:helm.sh/v3:Release")?.inputs;
}

describe("KedaOperator", () => {
  test("is a Helm release of the pinned chart that is undone when it does not come up", async () => {
    expect(await releaseOf()).toMatchObject({
      name: "keda",
      chart: "keda",
      version: CHARTS.keda.version,
      repositoryOpts: { repo: "https://kedacore.github.io/charts" },
      namespace: "keda",
      atomic: true,
    });
  });

  test("its values are those that differ from the chart's, quantities as text", async () => {
    expect(await releaseOf({ httpTimeout: 500, logLevel: "debug", metrics: false })).toHaveProperty("values", {
      http: { timeout: 500 },
      logging: { operator: { level: "debug" } },
      prometheus: { operator: { enabled: false } },
      resources: {
        operator: { requests: { cpu: "100m", memory: "100Mi" }, limits: { cpu: "1", memory: "1000Mi" } },
      },
      image: { pullPolicy: "IfNotPresent" },
      enableServiceLinks: false,
    });
  });

  test("given an escape hatch, releases what it returns", async () => {
    const transform = { release: (args: object) => ({ ...args, chart: "./keda.tgz" }) };
    expect(await releaseOf({ transform })).toMatchObject({ chart: "./keda.tgz" });
  });

  test("the pinned version knows a missing consumer from an empty one", () => {
    const [major = 0, minor = 0] = CHARTS.keda.version.split(".").map(Number);
    expect([major, minor >= 20]).toEqual([2, true]);
  });
});
