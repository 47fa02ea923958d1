import { describe, expect, test } from "@jest/globals";
import type { Crd } from "../../tools/crds";
import { type OpenApi, schemasOfApi, schemasOfCrd } from "../../tools/json-schema";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const META_SCHEMA = { type: "object", properties: { name: { type: "string" } }, additionalProperties: false };
const INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

const API: OpenApi = {
  definitions: {
    "io.k8s.api.core.v1.Service": {
      description: "prose",
      type: "object",
      properties: {
        apiVersion: { type: "string" },
        kind: { type: "string" },
        metadata: { $ref: `#/definitions/${META}`, description: "prose" },
        ports: {
          type: "array",
          items: { type: "object", properties: { target: { $ref: `#/definitions/${INT_OR_STRING}` } } },
        },
        labels: { type: "object", additionalProperties: { type: "string" } },
      },
      required: ["ports"],
      "x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "Service" }],
    },
    [META]: { type: "object", description: "prose", properties: { name: { type: "string" } } },
    [INT_OR_STRING]: { type: "string", format: "int-or-string" },
    DeleteOptions: {
      type: "object",
      "x-kubernetes-group-version-kind": [
        { group: "", version: "v1", kind: "DeleteOptions" },
        { group: "apps", version: "v1", kind: "DeleteOptions" },
      ],
    },
  },
};

function crd(spec: object, served = true): Crd {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.org" },
    spec: {
      group: "example.org",
      names: { kind: "Thing", plural: "things" },
      versions: [{ name: "v1", served, schema: { openAPIV3Schema: { type: "object", properties: { spec } } } }],
    },
  };
}

/** The schema of `spec` in the schema made from a definition. */
function schemaOfSpec(spec: object): unknown {
  const schema = schemasOfCrd(crd(spec), API).get("example.org/thing_v1.json") as { properties: { spec: unknown } };
  return schema.properties.spec;
}

describe("schemasOfApi", () => {
  test("makes one closed schema for each kind, with all references written out and no prose", () => {
    expect([...schemasOfApi(API)]).toStrictEqual([
      [
        "v1/service_v1.json",
        {
          type: "object",
          properties: {
            apiVersion: { enum: ["v1"] },
            kind: { enum: ["Service"] },
            metadata: META_SCHEMA,
            ports: {
              type: "array",
              items: {
                type: "object",
                properties: { target: { anyOf: [{ type: "integer" }, { type: "string" }] } },
                additionalProperties: false,
              },
            },
            labels: { type: "object", additionalProperties: { type: "string" } },
          },
          required: ["apiVersion", "kind", "ports"],
          additionalProperties: false,
        },
      ],
    ]);
  });
});

describe("schemasOfApi, given a definition that contains itself", () => {
  test("leaves it open there", () => {
    const kind = { group: "example.org", version: "v1", kind: "Tree" };
    const tree = {
      type: "object",
      properties: { child: { $ref: "#/definitions/Tree" } },
      "x-kubernetes-group-version-kind": [kind],
    };

    expect(schemasOfApi({ definitions: { Tree: tree } }).get("example.org/tree_v1.json")).toStrictEqual({
      type: "object",
      properties: { child: {}, apiVersion: { enum: ["example.org/v1"] }, kind: { enum: ["Tree"] } },
      required: ["apiVersion", "kind"],
      additionalProperties: false,
    });
  });
});

describe("schemasOfCrd", () => {
  test("makes a closed schema whose metadata is that of every object", () => {
    const schemas = schemasOfCrd(crd({ type: "object", properties: { size: { type: "integer" } } }), API);

    expect([...schemas]).toStrictEqual([
      [
        "example.org/thing_v1.json",
        {
          type: "object",
          properties: {
            spec: { type: "object", properties: { size: { type: "integer" } }, additionalProperties: false },
            apiVersion: { enum: ["example.org/v1"] },
            kind: { enum: ["Thing"] },
            metadata: META_SCHEMA,
          },
          required: ["apiVersion", "kind"],
          additionalProperties: false,
        },
      ],
    ]);
  });

  test("leaves out versions that are not served", () => {
    expect([...schemasOfCrd(crd({ type: "object" }, false), API)]).toStrictEqual([]);
  });

  test.each<[string, object, object]>([
    [
      "an object without fields is closed",
      { type: "object" },
      { type: "object", properties: {}, additionalProperties: false },
    ],
    [
      "a map stays open",
      { type: "object", additionalProperties: { type: "string", description: "prose" } },
      { type: "object", additionalProperties: { type: "string" } },
    ],
    [
      "preserved unknown fields stay open",
      { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      { type: "object" },
    ],
    [
      "a number or a string",
      { type: "string", "x-kubernetes-int-or-string": true, pattern: "^x" },
      { anyOf: [{ type: "integer" }, { type: "string" }], pattern: "^x" },
    ],
    [
      "a field that may be null",
      { type: "string", nullable: true, default: "a" },
      { anyOf: [{ type: "string" }, { type: "null" }] },
    ],
    [
      "conditions on values stay as they are",
      {
        type: "object",
        properties: { a: { type: "string" } },
        oneOf: [{ required: ["a"] }, { properties: { a: { enum: ["b"] } } }],
      },
      {
        type: "object",
        properties: { a: { type: "string" } },
        oneOf: [{ required: ["a"] }, { properties: { a: { enum: ["b"] } } }],
        additionalProperties: false,
      },
    ],
    [
      "an embedded object has the fields of every object",
      { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
      {
        type: "object",
        properties: {
          apiVersion: { type: "string" },
          kind: { type: "string" },
          metadata: META_SCHEMA,
        },
      },
    ],
  ])("%s", (_, spec, schema) => {
    expect(schemaOfSpec(spec)).toStrictEqual(schema);
  });
});
