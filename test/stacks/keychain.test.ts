import { expect, test } from "@jest/globals";
import { renderStack } from "../../preview/render";
import { workloadsOf } from "../../preview/workloads";
import { parseStackFile } from "../../stacks/config/stack-file";
import { stackText } from "./config/support";

const GCP = "noetl:gcp: { project: noetl-production, region: us-central1 }";

/** GOOGLE_CLOUD_PROJECT of the server; undefined where it has none. */
async function projectOf(keychain: string, gcp = GCP): Promise<string | undefined> {
  const text = stackText(`noetl:server: { keychain: { ${keychain} } }\n${gcp}`);
  const workloads = workloadsOf(await renderStack(parseStackFile(text, "Pulumi.test.yaml")));
  const server = workloads.find(({ name }) => name === "noetl-server-rust");
  return server?.containers[0]?.env.find(({ name }) => name === "GOOGLE_CLOUD_PROJECT")?.value;
}

test("given the keychain provider gcp, when rendered, then its project is its own, else that of the stack", async () => {
  expect(await projectOf("gcp: {}")).toBe("noetl-production");
  expect(await projectOf("gcp: {}, kubernetes: {}")).toBe("noetl-production");
  expect(await projectOf("gcp: { project: other-project }")).toBe("other-project");
});

test("given no such provider, or no project anywhere, when rendered, then there is none", async () => {
  expect(await projectOf("kubernetes: {}")).toBeUndefined();
  expect(await projectOf("gcp: {}", "noetl:keda: {}")).toBeUndefined();
});
