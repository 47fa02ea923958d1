import type { Json, Manifest } from "../../preview/graph";
import { at, listOf, objectOf, textOf, type JsonObject } from "../../preview/json";
import { listedKinds, type Planned } from "../adopt/objects";
import type { ClusterApi } from "./api";

/** An object as the API server has it. */
export type Live = JsonObject & Manifest;

/** How the API server would take the program's object over the live one. */
export type Trial = { result: JsonObject } | { refused: JsonObject };

/**
 * The live objects of a program, and what else there is of their kinds in its namespaces.
 *
 * @param secret What to keep of a value of a Secret.
 */
export async function liveObjects(
  planned: readonly Planned[],
  api: ClusterApi,
  secret: (value: Json) => string,
): Promise<Live[]> {
  const namespaces = [...new Set(planned.flatMap(({ manifest }) => manifest.metadata.namespace ?? []))].sort();
  const lists = listedKinds(planned).flatMap((kind) =>
    namespaces.map((namespace) => list(api, kind, namespace, secret)),
  );
  const alone = planned
    .filter(({ manifest }) => manifest.metadata.namespace === undefined)
    .map(({ manifest }) => one(api, manifest));
  return (await Promise.all([...lists, ...alone])).flat();
}

async function list(
  api: ClusterApi,
  { apiVersion, kind }: Pick<Live, "apiVersion" | "kind">,
  namespace: string,
  secret: (value: Json) => string,
): Promise<Live[]> {
  const path = await api.pathOf(apiVersion, kind, namespace);
  if (path === undefined) return [];
  const { body } = await api.send("GET", path);
  return listOf(body.items).map((item) => {
    const object = { ...objectOf(item), apiVersion, kind } as Live;
    if (kind !== "Secret") return object;
    const entries = Object.entries(objectOf(object.data)).map(([key, value]) => [key, secret(value)]);
    return { ...object, data: Object.fromEntries(entries) as JsonObject };
  });
}

async function one(api: ClusterApi, { apiVersion, kind, metadata: { name } }: Manifest): Promise<Live[]> {
  const path = await api.pathOf(apiVersion, kind);
  if (path === undefined) return [];
  const { status, body } = await api.send("GET", `${path}/${name}`);
  return status === 200 ? [body as Live] : [];
}

/**
 * Asks the API server what it would make of an object, as Pulumi would apply it.
 *
 * @param manager Who asks, in its eyes; a dry run leaves no trace of it.
 */
export async function tryOut(manifest: Manifest, api: ClusterApi, manager: string): Promise<Trial> {
  const { apiVersion, kind, metadata } = manifest;
  const path = (await api.pathOf(apiVersion, kind, metadata.namespace)) ?? "";
  const query = `dryRun=All&force=true&fieldManager=${manager}`;
  const { status, body } = await api.send("PATCH", `${path}/${metadata.name}?${query}`, manifest);
  return status < 300 ? { result: body } : { refused: body };
}

/** What the API server writes of itself. */
const SERVERS_OWN = ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"];

/** An object without its status, and without what the API server writes of itself. */
export function bare(object: JsonObject): JsonObject {
  const { status: _status, ...rest } = object;
  const metadata = Object.entries(objectOf(rest.metadata)).filter(([key]) => !SERVERS_OWN.includes(key));
  return { ...rest, metadata: Object.fromEntries(metadata) };
}

/** Reasons of a refusal, without the values that the API server quotes. */
export function reasonsOf(status: JsonObject): string[] {
  const causes = listOf(at(status, "details", "causes")).map(objectOf);
  const reasons = causes.map(({ field, message }) => `${textOf(field) ?? ""}: ${withoutValue(textOf(message) ?? "")}`);
  return reasons.length > 0
    ? [...new Set(reasons)].sort()
    : [withoutValue(textOf(status.message) ?? "no reason given")];
}

function withoutValue(message: string): string {
  return message.replace(/Invalid value: [^]*: (?=[^:]*$)/, "");
}
