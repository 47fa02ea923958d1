import type { Json } from "../../preview/graph";
import { at, isObject, type JsonObject, objectOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { Answer, ClusterApi } from "../cluster/api";

/** Requests to an API server. */
export type Api = Pick<ClusterApi, "pathOf" | "send">;

/** Names an object of a cluster. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
}

/** As people read it: `Deployment noetl/noetl-worker`. */
export function formatRef({ kind, name, namespace }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Names an object that is given whole. */
export function refOf(object: JsonObject): ObjectRef {
  const text = (...path: string[]): string => textOf(at(object, ...path)) ?? "";
  const namespace = textOf(at(object, "metadata", "namespace"));
  return {
    apiVersion: text("apiVersion"),
    kind: text("kind"),
    name: text("metadata", "name"),
    ...(namespace !== undefined && { namespace }),
  };
}

/** @throws UserError when the cluster has no such kind */
export async function pathOf(api: Api, ref: ObjectRef): Promise<string> {
  const path = await api.pathOf(ref.apiVersion, ref.kind, ref.namespace);
  if (path === undefined) throw new UserError(`the cluster has no kind ${ref.kind} of ${ref.apiVersion}`);
  return `${path}/${ref.name}`;
}

/** An object as it is; undefined when there is none, or the cluster does not know its kind. */
export async function readObject(api: Api, ref: ObjectRef): Promise<JsonObject | undefined> {
  const path = await api.pathOf(ref.apiVersion, ref.kind, ref.namespace);
  if (path === undefined) return undefined;
  const answer = await api.send("GET", `${path}/${ref.name}`);
  return answer.status === 404 ? undefined : answered(answer, formatRef(ref));
}

/** @throws UserError when the API server has refused */
export function answered({ status, body }: Answer, what: string): JsonObject {
  if (status < 300) return body;
  throw new UserError(`the API server answers ${status} for ${what}: ${textOf(body.message) ?? "without a reason"}`);
}

/** What API servers and controllers write of themselves. */
const OTHERS_METADATA = ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];
const OTHERS_ANNOTATIONS = ["deployment.kubernetes.io/revision"];

/** What somebody has asked for: an object without what API servers and controllers write of themselves. */
export function asked(object: JsonObject): JsonObject {
  const { status: _status, metadata, ...rest } = object;
  const { annotations, ...others } = objectOf(metadata);
  const kept = without(objectOf(annotations), OTHERS_ANNOTATIONS);
  const own = without(others, OTHERS_METADATA);
  return { ...rest, metadata: { ...own, ...(Object.keys(kept).length > 0 && { annotations: kept }) } };
}

/** What an object has under a key; what every JavaScript object has does not count. */
export function entryOf(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Whether two values are the same, whatever the order of their keys. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => same(item, other[index]));
  if (isObject(one) && isObject(other)) {
    const keys = Object.keys(one);
    return (
      keys.length === Object.keys(other).length &&
      keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]))
    );
  }
  return one === other;
}
