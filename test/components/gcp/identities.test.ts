import { describe, expect, test } from "@jest/globals";
import { NODE_GRANTS, POD_GRANTS, type Grant } from "../../../components/gcp/identities";
import type { Json, Resource } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";

/*
 * Who may do what on Google Cloud. The table is said here a second time; what is rendered is held against it, whole, so
 * that one more grant, or a broader one, fails.
 */

const PROJECT = "noetl-production";

/** identity, role, what it is granted on. */
const TABLE = {
  infrastructure: [
    ["noetl-nodes", "roles/artifactregistry.reader", "repository noetl"],
    ["noetl-nodes", "roles/container.defaultNodeServiceAccount", "project"],
  ],
  platform: [
    ["noetl-cloudsql-proxy", "roles/cloudsql.client", "project"],
    ["postgres/cloudsql-proxy", "roles/iam.workloadIdentityUser", "noetl-cloudsql-proxy"],
  ],
};

function stack(layer: keyof typeof TABLE): string {
  return `
config:
  noetl:profile: gke
  noetl:cluster: { context: gke_${PROJECT}_us-central1_noetl-cluster }
  noetl:gcp: { project: ${PROJECT}, region: us-central1, layer: ${layer}, ingress: { host: noetl.example.com } }
  noetl:postgres: { mode: cloudSql }
  noetl:pgbouncer: {}
  noetl:gateway: {}
`;
}

const text = (value: Json | undefined) => (typeof value === "string" ? value : "");

/** Everything that grants something: whatever of a provider's is called IAM. */
function granted(resources: readonly Resource[]): string[][] {
  return resources.flatMap(({ type, inputs }) => {
    if (!/^gcp:.*iam/i.test(type)) return [];
    const on = text(inputs.repository)
      ? `repository ${text(inputs.repository)}`
      : text(inputs.serviceAccountId)
        ? (text(inputs.serviceAccountId).split("/").at(-1)?.split("@")[0] ?? "")
        : "project";
    return [[identityOf(text(inputs.member)), text(inputs.role), on]];
  });
}

function identityOf(member: string): string {
  const pods = new RegExp(`^serviceAccount:${PROJECT}\\.svc\\.id\\.goog\\[(.+)\\]$`).exec(member)?.[1];
  return pods ?? member.replace(/^serviceAccount:/, "").replace(`@${PROJECT}.iam.gserviceaccount.com`, "");
}

describe.each(["infrastructure", "platform"] as const)("identities of the %s layer", (layer) => {
  const render = () => renderStack(parseStackFile(stack(layer), "Pulumi.gke.yaml"));

  test("have exactly the roles of the table", async () => {
    const { resources } = await render();
    expect(granted(resources).sort()).toEqual(TABLE[layer]);
  });

  test("are granted one by one, so that nobody else's roles are taken away", async () => {
    const { resources } = await render();
    const types = resources.map(({ type }) => type).filter((type) => /^gcp:.*iam/i.test(type));
    expect(types.filter((type) => !/member$/i.test(type))).toEqual([]);
  });
});

test("the two halves of Workload Identity name each other", async () => {
  const { resources } = await renderStack(parseStackFile(stack("platform"), "Pulumi.gke.yaml"));
  const account = resources.find(
    ({ type, name }) => type === "kubernetes:core/v1:ServiceAccount" && name === "noetl-cloudsql-proxy",
  );
  expect(account?.inputs.metadata).toMatchObject({
    name: "cloudsql-proxy",
    namespace: "postgres",
    annotations: { "iam.gke.io/gcp-service-account": `noetl-cloudsql-proxy@${PROJECT}.iam.gserviceaccount.com` },
  });
});

describe("the table of grants", () => {
  const grants: readonly Grant[] = [...NODE_GRANTS, ...POD_GRANTS];

  test.each(grants.map((grant) => [grant.account, grant.role, grant] as const))(
    "%s with %s has a reason, and a role that is not of the whole project's owner or editor",
    (_, role, { reason }) => {
      expect(reason).toMatch(/^\S.{10,}/);
      expect(role).not.toMatch(/owner|editor|admin|viewer$/i);
    },
  );
});
