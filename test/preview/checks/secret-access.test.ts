import { describe, expect, test } from "@jest/globals";
import { secretAccess } from "../../../preview/checks/secret-access";
import type { Json } from "../../../preview/graph";
import { findingsOf, graph, object, resource, workload, type Node } from "../support";

const custom = (apiVersion: string, kind: string, name: string, spec: Record<string, Json>) =>
  object({ apiVersion, kind, metadata: { name, namespace: "noetl" }, spec });

const CLASS = custom("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", "class", {
  provider: "gke",
  parameters: { secrets: "- { resourceName: projects/p/secrets/key/versions/latest, path: key }\n" },
});
const SYNC = custom("secret-sync.gke.io/v1", "SecretSync", "noetl-secret", {
  serviceAccountName: "reader",
  secretProviderClassName: "class",
});
const STORE = custom("external-secrets.io/v1", "SecretStore", "store", {
  provider: { gcpsm: { projectID: "p", auth: { workloadIdentity: { serviceAccountRef: { name: "reader" } } } } },
});
const EXTERNAL = custom("external-secrets.io/v1", "ExternalSecret", "noetl-secret", {
  secretStoreRef: { kind: "SecretStore", name: "store" },
  data: [{ secretKey: "k", remoteRef: { key: "key" } }],
});
const HOLDER = workload({
  podSpec: {
    serviceAccountName: "reader",
    volumes: [{ name: "v", csi: { driver: "d", volumeAttributes: { secretProviderClass: "class" } } }],
  },
});
const BY_PRINCIPAL =
  "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p.svc.id.goog/subject/ns/noetl/sa/reader";

function grant(changed: Record<string, Json> = {}): Node {
  const inputs = { project: "p", secretId: "key", role: "roles/secretmanager.secretAccessor", member: BY_PRINCIPAL };
  return resource("gcp:secretmanager/secretIamMember:SecretIamMember", "grant", { ...inputs, ...changed });
}

describe.each<[string, Node[], string]>([
  ["SecretSync", [CLASS, SYNC], "SecretSync noetl/noetl-secret"],
  ["External Secrets", [STORE, EXTERNAL], "ExternalSecret noetl/noetl-secret"],
  ["the CSI driver", [CLASS, HOLDER], "Deployment noetl/app"],
])("secrets by %s", (_, reading, by) => {
  const findings = (...grants: Node[]) => findingsOf(secretAccess, graph(...reading, ...grants));
  const used = {
    severity: "error",
    rule: "secret-access",
    resource: expect.any(String),
    message: `${by} reads projects/p/secrets/key as ServiceAccount noetl/reader, which has no roles/secretmanager.secretAccessor on it: the Secret would never come to be`,
    fix: "grant roles/secretmanager.secretAccessor on projects/p/secrets/key to that account (gcp.secretmanager.SecretIamMember), as GcpSecretProvider does",
  };

  test("given the grant, by either name of the account, when checked, then nothing is found", () => {
    expect(findings(grant())).toEqual([]);
    expect(findings(grant({ member: "serviceAccount:p.svc.id.goog[noetl/reader]" }))).toEqual([]);
  });

  test.each<[string, Node[]]>([
    ["no grant", []],
    ["a role that reads no values", [grant({ role: "roles/secretmanager.viewer" })]],
    ["a grant to nobody of Kubernetes", [grant({ member: "user:a@example.com" })]],
  ])("given %s, when checked, then that is an error", (__, grants) => {
    expect(findings(...grants)).toEqual([used]);
  });

  test.each<[string, Record<string, Json>, string]>([
    ["another secret", { secretId: "other" }, "ServiceAccount noetl/reader may read projects/p/secrets/other"],
    ["another project", { project: "q" }, "ServiceAccount noetl/reader may read projects/q/secrets/key"],
    [
      "another account",
      { member: BY_PRINCIPAL.replace("reader", "me") },
      "ServiceAccount noetl/me may read projects/p/secrets/key",
    ],
    [
      "another namespace",
      { member: BY_PRINCIPAL.replace("noetl", "nats") },
      "ServiceAccount nats/reader may read projects/p/secrets/key",
    ],
  ])("given a grant on or to %s, when checked, then both the use and the grant are told", (__, changed, may) => {
    expect(findings(grant(changed))).toEqual([
      used,
      {
        severity: "warning",
        rule: "secret-access",
        resource: expect.stringContaining("SecretIamMember::grant"),
        message: `${may}, and nothing of the stack reads it as that account`,
        fix: "take the grant out, or read the secret",
      },
    ]);
  });
});
