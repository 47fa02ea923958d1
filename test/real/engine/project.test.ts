import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { describeUnless } from "../stacks/requirements";
import { processesWith } from "../support/processes";
import { namesOf, notReady, platformObjects } from "./live";
import { failureOf, type OpenStack } from "./open-stack";
import { previewWithPack } from "./policy-pack";
import { projectImpossible } from "./requirements";
import { type PlatformCluster, startPlatformCluster } from "./platform-cluster";

const CANARY = "canary-71c0";
const LEAK = `
import { core, Provider } from "@pulumi/kubernetes";
new core.v1.ConfigMap(
  "leak",
  { metadata: { name: "leak", namespace: "noetl" }, data: { POSTGRES_PASSWORD: "${CANARY}" } },
  { provider: new Provider("other", { context: "kind-noetl" }) },
);
`;

/*
 * The project as it is, run by the CLI as a user runs it: Pulumi.yaml, its runtime options, index.ts.
 */

describeUnless(projectImpossible(), "the project under the Pulumi CLI", () => {
  let platform: PlatformCluster;
  let stack: OpenStack;

  beforeAll(async () => {
    platform = await startPlatformCluster();
    stack = await platform.engine.open({ stack: "kind", kubeconfig: platform.kubeconfig, program: "project" });
  });

  afterAll(async () => {
    await (platform as PlatformCluster | undefined)?.stop();
  });

  it("given an empty cluster, when up follows a preview, then it makes what the preview showed", async () => {
    const { created } = await stack.preview();
    const update = await stack.up();

    expect(update.created).toEqual(created);
    const objects = await platformObjects(platform.cluster.kube);
    expect(namesOf(objects)).toEqual(await stack.objects());
    expect(notReady(objects)).toEqual([]);
  });

  it("given the platform, then the stack's outputs say where it is", async () => {
    expect(await stack.outputs()).toEqual({
      natsUrl: "nats://nats.nats.svc.cluster.local:4222",
      postgresHost: "postgres.postgres.svc.cluster.local",
      schemaVersion: expect.stringMatching(/^\d+\.\d+\.\d+-\d+$/),
      serverUrl: "http://noetl-server-rust.noetl.svc.cluster.local:8082",
    });
  });

  it("given the platform, when up runs again, then nothing changes", async () => {
    const { changes } = await stack.up();

    expect(Object.keys(changes)).toEqual(["same"]);
  });

  it("given a mistake in the stack file, then the update ends with its message alone", async () => {
    const undo = stack.edit({ "noetl:server.replica": 2 });
    const { message } = await failureOf(stack.preview());
    undo();

    expect(message).toContain("error: stack kind: 1 problem");
    expect(message).toContain("noetl:server.replica: unknown key");
    expect(message).not.toMatch(/unhandled exception|^\s+at /m);
  });

  it("given the platform, when it is previewed with the policy pack, then no policy stops it", async () => {
    const { code, said } = await previewWithPack(platform.engine, stack);

    expect(said).toMatch(/✅ noetl@v\S+ /);
    expect(said).not.toMatch(/\[(mandatory|advisory)\]/);
    expect(said).toMatch(/Resources:\s+\d+ unchanged\s/);
    expect(code).toBe(0);
  });

  it("given a password in a ConfigMap, when it is previewed with the policy pack, then the policy refuses it", async () => {
    const index = join(stack.settings.workDir, "index.ts");
    const program = readFileSync(index, "utf8");
    writeFileSync(index, `${program}${LEAK}`);
    const { code, said } = await previewWithPack(platform.engine, stack);
    writeFileSync(index, program);

    expect(said).toMatch(/❌ noetl@v\S+ /);
    expect(said).toMatch(/\[mandatory\] {2}plaintext-secrets {2}\(kubernetes:core\/v1:ConfigMap: leak\)/);
    expect(said.match(/\[mandatory\]/g)).toHaveLength(1);
    expect(said).not.toContain(CANARY);
    expect(code).not.toBe(0);
  });

  it("given the platform, when it is destroyed, then nothing is left", async () => {
    await stack.destroy();
    await stack.close();

    expect(namesOf(await platformObjects(platform.cluster.kube))).toEqual([]);
    expect(processesWith(platform.engine.folder)).toEqual([]);
  });
});
