import { manifestOf, type ResourceGraph } from "../../../preview/graph";
import { isObject, type JsonObject, listOf, objectOf, textOf } from "../../../preview/json";
import type { ObjectRef } from "../objects";
import { formatRef } from "../objects";
import type { Evidence } from "../rig";

/** Kinds whose objects make a Secret, and say how that goes. */
const KINDS = new Set(["SecretSync", "ExternalSecret", "Certificate", "SecretStore"]);

/** Everything of a stack that brings values into Secrets. */
export function makersOf(graph: ResourceGraph): ObjectRef[] {
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    if (manifest === undefined || !KINDS.has(manifest.kind)) return [];
    const { apiVersion, kind, metadata } = manifest;
    const { name, namespace } = metadata;
    return [{ apiVersion, kind, name, ...(namespace !== undefined && { namespace }) }];
  });
}

/** Whether it says that all is well: some condition holds, and none does not. */
export function makerEvidence(ref: ObjectRef, live: JsonObject | undefined): Evidence {
  const conditions = listOf(objectOf(live?.status).conditions).filter(isObject);
  const bad = conditions.filter(({ type, status }) => status !== "True" && type !== "Issuing");
  const good = conditions.filter(({ status }) => status === "True");
  const words = (list: JsonObject[]): string =>
    list
      .map(({ type, status, reason, message }) =>
        [`${textOf(type) ?? ""} is ${textOf(status) ?? ""}`, textOf(reason), textOf(message)]
          .filter((text) => text !== undefined && text !== "")
          .join(": "),
      )
      .join("; ");
  const seen =
    live === undefined
      ? "it is not there"
      : conditions.length === 0
        ? "it says nothing of itself"
        : words(bad.length > 0 ? bad : good);
  return {
    what: formatRef(ref),
    expected: "says that its Secret is up to date",
    seen,
    ok: good.length > 0 && bad.length === 0,
  };
}
