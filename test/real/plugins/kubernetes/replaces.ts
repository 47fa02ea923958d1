import { isObject, textOf, type Values } from "../values";

const IDENTITY = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

/** Fields that the API server refuses to change; only kinds that the platform has. */
const IMMUTABLE: Record<string, string[]> = {
  Deployment: ["spec.selector"],
  StatefulSet: ["spec.podManagementPolicy", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"],
  Job: ["spec.completions", "spec.selector", "spec.template"],
  Service: ["spec.clusterIP"],
  Role: [],
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
  Secret: ["type"],
};

/** The published plugin replaces these when their content changes, unless an argument of the provider says otherwise. */
const CONTENT: Record<string, { paths: string[]; argument: string }> = {
  ConfigMap: { paths: ["data", "binaryData"], argument: "enableConfigMapMutable" },
  Secret: { paths: ["data", "stringData"], argument: "enableSecretMutable" },
};

/** @returns the kinds whose content may change in place, by the provider's arguments */
export function mutableKinds(args: Values): Set<string> {
  return new Set(Object.keys(CONTENT).filter((kind) => textOf(args[CONTENT[kind]?.argument ?? ""]) === "true"));
}

/** @returns paths of an object that cannot change without a new object */
export function immutablePaths({ kind, immutable }: Values, mutable: ReadonlySet<string>): string[] {
  const name = textOf(kind);
  const frozen = immutable === true || !mutable.has(name);
  return [...IDENTITY, ...(IMMUTABLE[name] ?? []), ...(frozen ? (CONTENT[name]?.paths ?? []) : [])];
}

/** @returns whether the old object stands where the new one is to be */
export function deletesFirst(old: Values, now: Values): boolean {
  const place = ({ kind, metadata }: Values): string =>
    JSON.stringify(isObject(metadata) ? [kind, metadata.namespace, metadata.name] : []);
  return place(old) === place(now);
}
