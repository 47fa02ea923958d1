import type { Json, Manifest } from "../../preview/graph";
import { at, type JsonObject, listOf, objectOf, textOf } from "../../preview/json";
import { BESIDE } from "./compare";

/** What to do with a live object that the API server does not let the program take over, losing nothing that runs. */
export function stepFor(planned: Manifest, live: JsonObject, reasons: readonly string[], context: string): string {
  const { kind, metadata } = planned;
  const object = `${kind.toLowerCase()} ${metadata.name}`;
  const kubectl = `kubectl --context ${context}${metadata.namespace === undefined ? "" : ` -n ${metadata.namespace}`}`;
  if (reasons.every((reason) => reason.includes("].valueFrom"))) {
    const names = literalVariables(planned, live).map((name) => `${name}-`);
    return `remove the literal values, which rolls the pods: ${kubectl} set env ${object.replace(" ", "/")} ${names.join(" ")}`;
  }
  if (reasons.every((reason) => reason.endsWith(BESIDE)))
    return `give it the program's name: ${kubectl} patch ${object} --type=json -p '[{"op":"replace","path":"/spec/template/spec/containers/0/name","value":"NAME"}]'`;
  if (kind === "StatefulSet" || kind === "Deployment" || kind === "DaemonSet")
    return `keep the live value with a setting or a transform; or ${kubectl} delete ${object} --cascade=orphan, which leaves its pods and claims`;
  if (kind === "Job") return `${kubectl} delete ${object}: the update runs it again, which is safe`;
  if (kind === "RoleBinding" || kind === "ClusterRoleBinding")
    return `${kubectl} delete ${object} just before the update, which creates it again`;
  return `keep the live value with a setting or a transform; or ${kubectl} delete ${object} just before the update`;
}

/** Variables that hold a value in the live object, and refer to one in the program's. */
function literalVariables(planned: Manifest, live: JsonObject): string[] {
  const wanted = new Set(variablesOf(planned).flatMap(({ key, refers }) => (refers ? [key] : [])));
  const found = variablesOf(live).filter(({ key, refers }) => !refers && wanted.has(key));
  return [...new Set(found.map(({ name }) => name))].sort();
}

function variablesOf(object: Json): { key: string; name: string; refers: boolean }[] {
  const spec = at(object, "spec", "template", "spec");
  return [...listOf(at(spec, "initContainers")), ...listOf(at(spec, "containers"))].map(objectOf).flatMap((container) =>
    listOf(container.env)
      .map(objectOf)
      .map((variable) => {
        const name = textOf(variable.name) ?? "";
        return { key: `${textOf(container.name) ?? ""} ${name}`, name, refers: variable.valueFrom !== undefined };
      }),
  );
}
