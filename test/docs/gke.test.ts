import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { workloadsOf } from "../../preview/workloads";
import { renderStack } from "../../preview/render";
import { infrastructure } from "../../stacks/infrastructure";
import { withProfile } from "../../stacks/profile";
import { readStackFile } from "../../stacks/config/stack-file";

const shipped = (stack: string) => readStackFile(join(__dirname, "..", "..", `Pulumi.${stack}.yaml`));
const [base, platform] = [shipped("gke-base"), shipped("gke")];

describe("the two stacks of docs/gke.md", () => {
  test("say the same of project, cluster, database and pooler", () => {
    const [one, other] = [base.config, platform.config];
    const named = ({ gcp }: typeof one) => ({ ...gcp, layer: undefined, cluster: gcp?.cluster.name });
    expect(named(other)).toEqual(named(one));
    expect(other.postgres).toEqual(one.postgres);
    expect(other.pgbouncer).toEqual(one.pgbouncer);
    expect(other.cluster).toEqual(one.cluster);
  });

  describe("what the base tells", () => {
    let outputs: ReturnType<typeof infrastructure>;

    beforeAll(async () => {
      await pulumi.runtime.setMocks({
        call: ({ token }) => {
          throw new Error(`no mock answers ${token}`);
        },
        newResource: ({ name, inputs }) => ({ id: name, state: inputs as Record<string, unknown> }),
      });
      const spec = withProfile(base.config);
      if (!spec.gcp) throw new Error("no gcp");
      outputs = infrastructure(spec, spec.gcp);
    });

    test("is what the platform says", () => {
      const { gcp, cluster } = platform.config;
      expect(outputs).toEqual({
        project: gcp?.project,
        region: gcp?.region,
        clusterContext: cluster.context,
        cloudSqlInstance: "noetl-production:us-central1:noetl-shared-pg",
        registry: "us-central1-docker.pkg.dev/noetl-production/noetl",
        gatewayAddress: gcp?.ingress?.address,
      });
    });

    test("is what each Auth Proxy is told", async () => {
      const graph = await renderStack(platform);
      const proxies = workloadsOf(graph).flatMap(({ name, containers, initContainers }) =>
        [...initContainers, ...containers]
          .filter(({ image }) => image?.includes("/cloud-sql-proxy:"))
          .map(({ raw }) => [name, (raw.args as string[]).at(-1)]),
      );
      expect(proxies).toEqual([
        [expect.stringMatching(/^noetl-schema-/), outputs.cloudSqlInstance],
        ["pgbouncer", outputs.cloudSqlInstance],
      ]);
    });
  });
});
