import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { NODE_GRANTS, POD_GRANTS, type Grant } from "../../../components/gcp/identities";
import { checkContext } from "../../../preview/checks/check";
import { secretAccess } from "../../../preview/checks/secret-access";
import type { Json, Resource, ResourceGraph } from "../../../preview/graph";
import { at, textOf } from "../../../preview/json";
import { projectFolder } from "../../../preview/project-folder";
import { renderStack } from "../../../preview/render";
import type { StackSettings } from "../../../stacks/config/stack-file";
import { allCases } from "../../real/stacks/cases";

/*
 * Who may do what on Google Cloud. The table is said here a second time, and what is rendered of every stack and corner
 * with something on Google Cloud is held against it, whole, so that one more grant, or a broader one, fails.
 */

/** identity, role, what it is granted on; an account in a cluster has its namespace before it. */
type Row = readonly [identity: string, role: string, on: string];

const NODES: readonly Row[] = [
  ["noetl-nodes", "roles/container.defaultNodeServiceAccount", "project"],
  ["noetl-nodes", "roles/artifactregistry.reader", "repository noetl"],
];
const CLOUD_SQL: readonly Row[] = [
  ["noetl-cloudsql-proxy", "roles/cloudsql.client", "project"],
  ["postgres/cloudsql-proxy", "roles/iam.workloadIdentityUser", "account noetl-cloudsql-proxy"],
];
const FIRESTORE: readonly Row[] = [
  ["noetl-firestore-agent", "roles/datastore.user", "project, only database DATABASE"],
  ["noetl/firestore-agent", "roles/iam.workloadIdentityUser", "account noetl-firestore-agent"],
];
/** Which secrets of which account are those that it reads, the check `secret-access` knows. */
const SECRETS: readonly Row[] = [
  ["NAMESPACE/noetl-secrets", "roles/secretmanager.secretAccessor", "each secret of the namespace"],
];

/** Every stack, example and corner that grants something. */
const GRANTED: Readonly<Record<string, readonly Row[]>> = {
  "gke-base": NODES,
  gke: CLOUD_SQL,
  "gke-sharded": [...CLOUD_SQL, ...SECRETS],
  "cloud-sql": CLOUD_SQL,
  "secrets-by-gke": SECRETS,
  "secrets-by-csi": SECRETS,
  "secrets-by-operator": SECRETS,
  "firestore-agent": FIRESTORE,
  "firestore-of-others": FIRESTORE,
};

const CASES = allCases().filter(({ settings }) => settings.config.gcp !== undefined);

/** Everything of a provider's that gives rights: whatever is called IAM, and keys of accounts. */
function granting({ resources }: ResourceGraph): Resource[] {
  return resources.filter(({ type }) => /^gcp:.*(iam|policy|serviceaccount\/key)/i.test(type));
}

function rowOf({ inputs }: Resource, { config }: StackSettings): Row {
  const project = config.gcp?.project ?? "";
  const { member, role, repository, serviceAccountId, secretId, condition } = inputs;
  const only = condition === undefined ? "" : `, only ${scopeOf(condition, config)}`;
  const on = [
    ...(repository === undefined ? [] : [`repository ${textOf(repository) ?? ""}`]),
    ...(serviceAccountId === undefined ? [] : [`account ${accountOf(serviceAccountId)}`]),
    ...(secretId === undefined ? [] : ["each secret of the namespace"]),
  ];
  return [identityOf(textOf(member) ?? "", project), textOf(role) ?? "", `${on.join(" and ") || "project"}${only}`];
}

/** `projects/P/serviceAccounts/ID@P.iam.gserviceaccount.com`: its id. */
function accountOf(name: Json): string {
  return (textOf(name) ?? JSON.stringify(name)).split("/").at(-1)?.split("@")[0] ?? "";
}

/** What a condition leaves of the project; anything but the one database of the settings is shown as it is. */
function scopeOf(condition: Json, { gcp, firestoreAgent }: StackSettings["config"]): string {
  const expression = textOf(at(condition, "expression")) ?? "";
  const database = `projects/${gcp?.project ?? ""}/databases/${firestoreAgent?.database ?? ""}`;
  return expression === `resource.name == "${database}"` ? "database DATABASE" : expression;
}

function identityOf(member: string, project: string): string {
  const direct = /\/subject\/ns\/[^/]+\/sa\/([^/]+)$/.exec(member)?.[1];
  if (direct !== undefined) return `NAMESPACE/${direct}`;
  const pods = new RegExp(`^serviceAccount:${project}\\.svc\\.id\\.goog\\[(.+)\\]$`).exec(member)?.[1];
  return pods ?? member.replace(/^serviceAccount:/, "").replace(`@${project}.iam.gserviceaccount.com`, "");
}

const sorted = (rows: readonly Row[]) => [...new Set(rows.map((row) => row.join(" | ")))].sort();

test("given a table of the stacks and corners, then each of them is there", () => {
  const names = CASES.map(({ name }) => name);
  expect(Object.keys(GRANTED).filter((name) => !names.includes(name))).toEqual([]);
});

describe.each(CASES)("$name", ({ name, settings }) => {
  let graph: ResourceGraph;
  beforeAll(async () => {
    graph = await renderStack(settings);
  });

  test("given its identities, then they have exactly the roles of the table", () => {
    const rows = granting(graph).map((resource) => rowOf(resource, settings));
    expect(sorted(rows)).toEqual(sorted(GRANTED[name] ?? []));
  });

  test("given its grants, then each is one member of one role, so that nobody else's are taken away", () => {
    const types = granting(graph).map(({ type }) => type);
    expect(types.filter((type) => !/member$/i.test(type))).toEqual([]);
  });

  test("given its grants on secrets, then they are those that the account reads, and no more", () => {
    expect(secretAccess.run(checkContext({ graph, config: settings.config }))).toEqual([]);
  });

  test("given an account of Google Cloud that is made here, then the ServiceAccount that acts as it names it", () => {
    const workloads = granting(graph).flatMap((resource) => {
      const [identity, role, on] = rowOf(resource, settings);
      return role === "roles/iam.workloadIdentityUser" ? [`${identity} ${on.replace("account ", "")}`] : [];
    });
    const annotated = graph.resources.flatMap(({ type, inputs: { metadata } }) => {
      const email = textOf(at(metadata, "annotations", "iam.gke.io/gcp-service-account"));
      if (type !== "kubernetes:core/v1:ServiceAccount" || email === undefined) return [];
      // Whoever made that account says who may be it.
      if (email === settings.config.orchestrator?.pulumi?.googleAccount) return [];
      const pods = `${textOf(at(metadata, "namespace")) ?? ""}/${textOf(at(metadata, "name")) ?? ""}`;
      return [`${pods} ${identityOf(email, settings.config.gcp?.project ?? "")}`];
    });
    expect(annotated.sort()).toEqual(workloads.sort());
  });
});

test("given the page, then its table is this one", () => {
  const page = readFileSync(join(projectFolder(), "docs/components/gcp.md"), "utf8");
  const [, section = ""] = page.split("## Who may do what\n");
  const [, , ...rows] = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("|"));
  const told = rows.map((line): Row => {
    const cells = line.split("|").map((cell) => cell.replaceAll("`", "").trim());
    const [, identity = "", role = "", on = ""] = cells;
    return [identity.replace(/^ServiceAccount /, ""), role, on];
  });
  expect(sorted(told)).toEqual(sorted(Object.values(GRANTED).flat()));
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
