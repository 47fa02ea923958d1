/**
 * Turns what Kubernetes says of its objects (the OpenAPI document of the API, the schemas of custom resources) into
 * JSON Schemas (draft 4) that stand alone and allow no unknown field, as `kubeconform` reads them.
 */
import type { Crd } from "./crds";

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** The OpenAPI 2 document of the Kubernetes API, as far as it is used here. */
export interface OpenApi {
  definitions: Readonly<Record<string, Schema>>;
}

interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

const KINDS = "x-kubernetes-group-version-kind";
const PRESERVE = "x-kubernetes-preserve-unknown-fields";
const OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

// The OpenAPI document calls these strings; the API takes numbers too.
const LOOSE: Readonly<Record<string, Schema>> = {
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { anyOf: [{ type: "integer" }, { type: "string" }] },
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { anyOf: [{ type: "string" }, { type: "number" }] },
};

/**
 * @returns the file name of an object's schema below a schema folder, in the form kubeconform's location template asks
 * for: the group (the version for the core group), then kind and version
 */
function schemaFile({ group, version, kind }: GroupVersionKind): string {
  return `${group === "" ? version : group}/${kind.toLowerCase()}_${version}.json`;
}

/** @returns the schemas of all kinds in the OpenAPI document: file name → schema */
export function schemasOfApi(api: OpenApi): Map<string, Schema> {
  const schemaOf = expander(api);
  const schemas = new Map<string, Schema>();
  for (const [name, definition] of Object.entries(api.definitions)) {
    const [kind, ...others] = (definition[KINDS] ?? []) as GroupVersionKind[];
    // A definition of many kinds (DeleteOptions, WatchEvent) is a message, not an object that one renders.
    if (kind !== undefined && others.length === 0) schemas.set(schemaFile(kind), asKind(schemaOf(name), kind));
  }
  return schemas;
}

/**
 * @param api gives the schema of `metadata`, which a definition leaves to the API server
 * @returns the schemas of all served versions of a custom resource: file name → schema
 */
export function schemasOfCrd({ spec }: Crd, api: OpenApi): Map<string, Schema> {
  const metadata = expander(api)(OBJECT_META);
  const served = spec.versions.filter((version) => version.served);
  return new Map(
    served.map((version) => {
      const kind = { group: spec.group, version: version.name, kind: spec.names.kind };
      const root = structural({ ...version.schema?.openAPIV3Schema, "x-kubernetes-embedded-resource": true }, metadata);
      return [schemaFile(kind), asKind(root, kind)];
    }),
  );
}

function asKind(schema: Schema, { group, version, kind }: GroupVersionKind): Schema {
  const apiVersion = group === "" ? version : `${group}/${version}`;
  return {
    ...schema,
    properties: { ...(schema.properties as object), apiVersion: { enum: [apiVersion] }, kind: { enum: [kind] } },
    required: [...new Set(["apiVersion", "kind", ...((schema.required ?? []) as string[])])],
  };
}

/**
 * Writes out all references: kubeconform tells the place of a problem only outside of them. A definition that contains
 * itself (the schema in a CustomResourceDefinition) stays open where it does.
 *
 * @returns a function from a definition's name to its schema
 */
function expander(api: OpenApi): (name: string) => Schema {
  const known = new Map<string, Schema>(Object.entries(LOOSE));
  const schemaOf = (name: string): Schema => {
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    known.set(name, {});
    const schema = expanded(api.definitions[name] ?? {});
    known.set(name, schema);
    return schema;
  };
  const expanded = (node: Schema): Schema => {
    if (typeof node.$ref === "string") return schemaOf(node.$ref.replace("#/definitions/", ""));
    const schema = mapParts(node, expanded);
    return schema.properties === undefined || node[PRESERVE] === true
      ? schema
      : { ...schema, additionalProperties: false };
  };
  return schemaOf;
}

/** A part of a structural schema (custom resources), which says in its own words what else is allowed. */
function structural(node: Schema, metadata: Schema): Schema {
  const { type, ...untyped } = mapParts(node, (part) => structural(part, metadata));
  const typed =
    node["x-kubernetes-int-or-string"] === true
      ? { anyOf: [{ type: "integer" }, { type: "string" }], ...untyped }
      : { ...(type !== undefined && { type }), ...untyped };
  const named = node["x-kubernetes-embedded-resource"] === true ? withObjectFields(typed, metadata) : typed;
  const open = node[PRESERVE] === true || node.additionalProperties !== undefined;
  const strict = type === "object" && !open ? { properties: {}, ...named, additionalProperties: false } : named;
  return node.nullable === true ? orNull(strict) : strict;
}

function withObjectFields(schema: Schema, metadata: Schema): Schema {
  const own = { apiVersion: { type: "string" }, kind: { type: "string" }, metadata };
  return { ...schema, properties: { ...(schema.properties as object | undefined), ...own } };
}

function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }] };
}

/** Maps the schemas below a schema, and drops what does not validate. */
function mapParts(node: Schema, map: (part: Schema) => Schema): Schema {
  const parts = Object.entries(node).flatMap(([key, value]): [string, unknown][] => {
    if (key === "properties") return [[key, mapValues(value as Record<string, Schema>, map)]];
    if (key === "items" || (key === "additionalProperties" && typeof value === "object"))
      return [[key, map(value as Schema)]];
    return key.startsWith("x-") || NOTES.has(key) ? [] : [[key, value]];
  });
  return Object.fromEntries(parts);
}

const NOTES = new Set(["description", "default", "example", "title", "nullable"]);

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
