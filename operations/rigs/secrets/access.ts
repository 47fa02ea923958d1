import { manifestOf, type Manifest, type ResourceGraph } from "../../../preview/graph";
import { at, isObject, type JsonObject, listOf, objectOf, textOf } from "../../../preview/json";
import { workloadsOf } from "../../../preview/workloads";
import type { Evidence } from "../rig";

/** A question to the API server's authorizer: may this account do that? */
export interface Access {
  /** Namespace and name of a service account. */
  account: { namespace: string; name: string };
  verb: string;
  /** Namespace of the Secrets. */
  namespace: string;
  /** One Secret. Default: any of them. */
  secret?: string;
  allowed: boolean;
}

/** A Secret that no account may read but those that are granted it. */
const KEPT = "noetl-secret";

/**
 * What the accounts of a stack must be allowed to do with Secrets, because their pods ask the API for them, and what all
 * others must not be.
 */
export function accessesOf(graph: ResourceGraph): Access[] {
  const manifests = graph.resources.flatMap((resource) => manifestOf(resource) ?? []);
  const granted = manifests
    .filter(({ kind }) => kind === "RoleBinding")
    .flatMap((binding) => grantsOf(binding, manifests));
  const accounts = workloadsOf(graph).map(({ namespace, podSpec }) => ({
    namespace,
    name: textOf(podSpec.serviceAccountName) ?? "default",
  }));
  const denied = distinct(accounts).flatMap((account): Access[] => {
    const may = granted.some(
      ({ account: { namespace, name }, verb, secret, ...grant }) =>
        `${namespace}/${name}` === `${account.namespace}/${account.name}` &&
        verb === "get" &&
        grant.namespace === "noetl" &&
        (secret === undefined || secret === KEPT),
    );
    return may ? [] : [{ account, verb: "get", namespace: "noetl", secret: KEPT, allowed: false }];
  });
  return [...granted, ...denied];
}

function grantsOf(binding: Manifest, manifests: readonly Manifest[]): Access[] {
  const { namespace = "" } = binding.metadata;
  const role = manifests.find(
    ({ kind, metadata }) =>
      kind === "Role" && metadata.namespace === namespace && metadata.name === textOf(at(binding.roleRef, "name")),
  );
  const accounts = listOf(binding.subjects)
    .filter(isObject)
    .filter(({ kind }) => kind === "ServiceAccount")
    .map((subject) => ({ namespace: textOf(subject.namespace) ?? namespace, name: textOf(subject.name) ?? "" }));
  const rules = listOf(role?.rules)
    .filter(isObject)
    .filter(({ resources }) => listOf(resources).includes("secrets"));
  return rules.flatMap(({ verbs, resourceNames }) =>
    accounts.flatMap((account) =>
      listOf(verbs).flatMap((verb) => {
        const names = listOf(resourceNames).flatMap((name) => textOf(name) ?? []);
        const base = { account, verb: textOf(verb) ?? "", namespace, allowed: true };
        return names.length === 0 ? [base] : names.map((secret) => ({ ...base, secret }));
      }),
    ),
  );
}

/** The question as the API server takes it. */
export function reviewOf({ account, verb, namespace, secret }: Access): JsonObject {
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`, "system:authenticated"];
  return {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: {
      user: `system:serviceaccount:${account.namespace}:${account.name}`,
      groups,
      resourceAttributes: { verb, resource: "secrets", namespace, ...(secret !== undefined && { name: secret }) },
    },
  };
}

/** Whether the answer is what it must be. */
export function accessEvidence(access: Access, answer: JsonObject): Evidence {
  const { account, verb, namespace, secret, allowed } = access;
  const { allowed: may, reason } = objectOf(answer.status);
  const because = textOf(reason) ?? "";
  const word = (is: boolean): string => (is ? "allowed" : "not allowed");
  return {
    what: `ServiceAccount ${account.namespace}/${account.name}: ${verb} ${secret === undefined ? "Secrets" : `Secret ${secret}`} of ${namespace}`,
    expected: word(allowed),
    seen: `${word(may === true)}${because === "" ? "" : ` (${because})`}`,
    ok: (may === true) === allowed,
  };
}

function distinct(accounts: readonly { namespace: string; name: string }[]): { namespace: string; name: string }[] {
  const found = new Map(accounts.map((account) => [`${account.namespace}/${account.name}`, account]));
  return [...found.values()];
}
