import { manifestOf, type Json, type Manifest } from "../graph";
import { at, listOf, textOf } from "../json";
import type { Policy, PolicyContext, Violation } from "./policy";

/** Rights by which an account gets others than it was given. */
export const rbacPrivileges: Policy = {
  id: "rbac-privileges",
  title: "No role has a wildcard or a right that leads to others, and no binding hands out the cluster.",
  reason:
    "Whoever may escalate, impersonate, run commands in foreign pods or read every Secret has all rights of the cluster, whatever else its role says.",
  severity: "error",
  fix: "name the verbs and resources that are used, in a Role of the namespace where they are used, with resourceNames where they are known",
  find: (context) => {
    const isClusterWide = clusterWideIn(context);
    return context.graph.resources.flatMap((resource): Violation[] => {
      const manifest = manifestOf(resource);
      if (!manifest?.apiVersion.startsWith("rbac.authorization.k8s.io/")) return [];
      const found = isBinding(manifest) ? bindingProblems(manifest) : roleProblems(manifest, isClusterWide(manifest));
      return [...new Set(found)].map((message) => ({ resource: resource.urn, message }));
    });
  },
};

/** Whether the rules of a role hold in every namespace: a ClusterRole that RoleBindings alone refer to does not. */
function clusterWideIn({ graph }: PolicyContext): (role: Manifest) => boolean {
  const bindings = graph.resources.flatMap((resource) => manifestOf(resource) ?? []).filter(isBinding);
  return ({ kind, metadata }) => {
    if (kind !== "ClusterRole") return false;
    const its = bindings.filter(
      ({ roleRef }) => at(roleRef, "kind") === "ClusterRole" && at(roleRef, "name") === metadata.name,
    );
    return its.length === 0 || its.some((binding) => binding.kind === "ClusterRoleBinding");
  };
}

function isBinding({ kind }: Manifest): boolean {
  return kind === "RoleBinding" || kind === "ClusterRoleBinding";
}

const READ = ["get", "list", "watch"];
const WRITE = ["create", "update", "patch"];

/** Resources that lead to more, the verbs by which they do, and what they lead to. */
const DANGEROUS: readonly { group: string; resource: string; verbs: readonly string[]; leads: string }[] = [
  { group: "", resource: "nodes/proxy", verbs: [...READ, ...WRITE], leads: "runs commands in every pod of a node" },
  { group: "", resource: "pods/exec", verbs: ["create", "get"], leads: "runs commands in other pods" },
  { group: "", resource: "pods/attach", verbs: ["create", "get"], leads: "speaks to the processes of other pods" },
  { group: "", resource: "pods/portforward", verbs: ["create", "get"], leads: "passes by network policies" },
  {
    group: "",
    resource: "pods/ephemeralcontainers",
    verbs: ["update", "patch"],
    leads: "puts containers into other pods",
  },
  { group: "", resource: "serviceaccounts/token", verbs: ["create"], leads: "makes tokens of other accounts" },
  { group: "", resource: "persistentvolumes", verbs: WRITE, leads: "mounts folders of the node" },
  {
    group: "certificates.k8s.io",
    resource: "certificatesigningrequests/approval",
    verbs: ["update", "patch"],
    leads: "lets anybody be anybody",
  },
  ...["roles", "clusterroles", "rolebindings", "clusterrolebindings"].map((resource) => ({
    group: "rbac.authorization.k8s.io",
    resource,
    verbs: WRITE,
    leads: "hands out rights",
  })),
  ...["mutatingwebhookconfigurations", "validatingwebhookconfigurations"].map((resource) => ({
    group: "admissionregistration.k8s.io",
    resource,
    verbs: WRITE,
    leads: "reads or changes what others write",
  })),
];

function roleProblems(role: Manifest, clusterWide: boolean): string[] {
  return listOf(role.rules).flatMap((rule) => {
    const [verbs, groups, resources] = [textsOf(rule, "verbs"), textsOf(rule, "apiGroups"), textsOf(rule, "resources")];
    const named = textsOf(rule, "resourceNames").length > 0;
    const about = [...resources, ...textsOf(rule, "nonResourceURLs")].join(", ");
    return [
      ...(verbs.includes("*") ? [`verb * on ${about}`] : []),
      ...(resources.some((name) => name === "*" || name.startsWith("*/")) ? ["resource *"] : []),
      ...(groups.includes("*") ? [`API group * for ${about}`] : []),
      ...(textsOf(rule, "nonResourceURLs").includes("*") ? ["URL *"] : []),
      ...["escalate", "bind", "impersonate"]
        .filter((verb) => verbs.includes(verb))
        .map((verb) => `verb ${verb} on ${about}`),
      ...DANGEROUS.flatMap(({ group, resource, verbs: bad, leads }) => {
        const having = verbs.filter((verb) => bad.includes(verb));
        if (!groups.includes(group) || !resources.includes(resource) || having.length === 0) return [];
        return [`${having.join(", ")} on ${resource}, which ${leads}`];
      }),
      ...(clusterWide && !named && groups.includes("") && resources.includes("secrets")
        ? verbs.filter((verb) => READ.includes(verb)).map((verb) => `${verb} on secrets of every namespace`)
        : []),
    ];
  });
}

const EVERYBODY = ["system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts"];

function bindingProblems({ kind, roleRef, subjects }: Manifest): string[] {
  const role = textOf(at(roleRef, "name")) ?? "";
  const names = listOf(subjects).map((subject) => textOf(at(subject, "name")) ?? "");
  return [
    ...(at(roleRef, "kind") === "ClusterRole" && ["cluster-admin", "admin", "edit"].includes(role)
      ? [`hands out the role ${role}${kind === "RoleBinding" ? " of a namespace" : ""}`]
      : []),
    ...names.filter((name) => EVERYBODY.includes(name)).map((name) => `hands rights to ${name}`),
    ...names.filter((name) => name === "system:masters").map((name) => `hands rights to the group ${name}`),
  ];
}

function textsOf(rule: Json, key: string): string[] {
  return listOf(at(rule, key)).flatMap((value) => textOf(value) ?? []);
}
