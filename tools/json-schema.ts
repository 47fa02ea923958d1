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
export function schemaFile({ group, version, kind }: GroupVersionKind): string {
  return `${group === "" ? version : group}/${kind.toLowerCase()}_${version}.json`;
}

/** @returns the schemas of all kinds in the OpenAPI document: file name → schema */
export function schemasOfApi(api: OpenApi): Map<string, Schema> {
  const schemas = new Map<string, Schema>();
  for (const definition of Object.values(api.definitions)) {
    const kinds = (definition[KINDS] ?? []) as GroupVersionKind[];
    const [kind] = kinds;
    // A definition of many kinds (DeleteOptions, WatchEvent) is a message, not an object that one renders.
    if (kind === undefined || kinds.length > 1) continue;
    const schema = closed(definition);
    schemas.set(schemaFile(kind), {
      ...asKind(schema, kind),
      definitions: definitionsUnder(referencesIn(schema), api),
    });
  }
  return schemas;
}

/**
 * @param api gives the schema of `metadata`, which a definition leaves to the API server
 * @returns the schemas of all served versions of a custom resource: file name → schema
 */
export function schemasOfCrd({ spec }: Crd, api: OpenApi): Map<string, Schema> {
  const definitions = definitionsUnder([OBJECT_META], api);
  const served = spec.versions.filter((version) => version.served);
  return new Map(
    served.map((version) => {
      const kind = { group: spec.group, version: version.name, kind: spec.names.kind };
      const root = structural({ ...version.schema?.openAPIV3Schema, "x-kubernetes-embedded-resource": true });
      return [schemaFile(kind), { ...asKind(root, kind), definitions }];
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

/** The definitions that some need, with all that those need. */
function definitionsUnder(names: string[], api: OpenApi): Record<string, Schema> {
  const found: Record<string, Schema> = {};
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found[name] !== undefined) continue;
    found[name] = LOOSE[name] ?? closed(api.definitions[name] ?? {});
    open.push(...referencesIn(found[name]));
  }
  return found;
}

function referencesIn(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === "$ref" && typeof value === "string" ? [value.replace("#/definitions/", "")] : referencesIn(value),
  );
}

/** A part of the OpenAPI document, closed to unknown fields and without its prose. */
function closed(node: Schema): Schema {
  return walk(node, closed, (schema) =>
    schema.properties === undefined || node[PRESERVE] === true ? schema : { ...schema, additionalProperties: false },
  );
}

/** A part of a structural schema (custom resources), which says in its own words what else is allowed. */
function structural(node: Schema): Schema {
  return walk(node, structural, (schema) => {
    const open = node[PRESERVE] === true || node.additionalProperties !== undefined;
    const { type, ...untyped } = schema;
    const either = { anyOf: [{ type: "integer" }, { type: "string" }] };
    const typed = node["x-kubernetes-int-or-string"] === true ? { ...either, ...untyped } : schema;
    const named = node["x-kubernetes-embedded-resource"] === true ? withObjectFields(typed) : typed;
    const strict = type === "object" && !open ? { properties: {}, ...named, additionalProperties: false } : named;
    return node.nullable === true ? orNull(strict) : strict;
  });
}

function withObjectFields(schema: Schema): Schema {
  const own = {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    metadata: { $ref: `#/definitions/${OBJECT_META}` },
  };
  return { ...schema, properties: { ...(schema.properties as object | undefined), ...own } };
}

function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }] };
}

/** Maps the schemas below a schema, drops what does not validate, and then maps the schema itself. */
function walk(node: Schema, below: (part: Schema) => Schema, self: (schema: Schema) => Schema): Schema {
  const parts = Object.entries(node).flatMap(([key, value]): [string, unknown][] => {
    if (key === "properties") return [[key, mapValues(value as Record<string, Schema>, below)]];
    if (key === "items" || (key === "additionalProperties" && typeof value === "object"))
      return [[key, below(value as Schema)]];
    return key.startsWith("x-") || NOTES.has(key) ? [] : [[key, value]];
  });
  return self(Object.fromEntries(parts));
}

const NOTES = new Set(["description", "default", "example", "title", "nullable"]);

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
