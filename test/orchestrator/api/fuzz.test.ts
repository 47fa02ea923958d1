import { afterAll, beforeAll, expect, test } from "@jest/globals";
import Ajv from "ajv/dist/2020";
import * as fc from "fast-check";
import { Served } from "./served";

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: { Problem: object } };
}

/** A stream that never ends by itself; and what would move the storage to any folder of this machine. */
const LEFT_OUT = ["/events", "/storage/migration"];

let served: Served;
let document: Document;
let known: string;

beforeAll(async () => {
  served = await Served.start();
  document = (await served.ask("GET", "/openapi.json")).json as unknown as Document;
  known = await served.submit({ wait: true });
});

afterAll(async () => {
  await served.stop();
});

/** Texts that are sometimes what a field takes, often nearly, and else anything. */
const texts = () =>
  fc.oneof(
    fc.constantFrom(
      "kind",
      "production",
      "settings.yaml",
      "../x",
      "nats",
      "create",
      "preview",
      "Pending",
      "true",
      "5",
      "0",
      known,
    ),
    fc.string({ maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 20 }),
  );

/** Values by a schema, with mistakes here and there. */
function valueOf(schema: Record<string, unknown>): fc.Arbitrary<unknown> {
  const {
    properties,
    items,
    anyOf,
    oneOf,
    enum: choices,
    const: only,
    type,
  } = schema as {
    properties?: Record<string, Record<string, unknown>>;
    items?: Record<string, unknown>;
    anyOf?: Record<string, unknown>[];
    oneOf?: Record<string, unknown>[];
    enum?: unknown[];
    const?: unknown;
    type?: string;
  };
  const many = anyOf ?? oneOf;
  const right: fc.Arbitrary<unknown> = many
    ? fc.oneof(...many.map(valueOf))
    : choices
      ? fc.constantFrom(...choices)
      : only !== undefined
        ? fc.constant(only)
        : properties
          ? fc.record(Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, valueOf(inner)])), {
              requiredKeys: (schema.required as string[] | undefined) ?? [],
            })
          : items
            ? fc.array(valueOf(items), { maxLength: 3 })
            : type === "integer"
              ? fc.integer({ min: -1, max: 10 })
              : type === "boolean"
                ? fc.boolean()
                : texts();
  return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
}

/** A right value with nothing in it that may be left out. */
function least(schema: Record<string, unknown>): unknown {
  const {
    properties = {},
    required = [],
    items,
    oneOf,
    anyOf,
    enum: choices,
    const: only,
    type,
  } = schema as {
    properties?: Record<string, Record<string, unknown>>;
    required?: string[];
    items?: Record<string, unknown>;
    oneOf?: Record<string, unknown>[];
    anyOf?: Record<string, unknown>[];
    enum?: unknown[];
    const?: unknown;
    type?: string;
  };
  const [first] = oneOf ?? anyOf ?? [];
  if (first) return least(first);
  if (type === "array") return [least(items ?? {})];
  if (type === "object") {
    // Fields with a default count as required in what comes out of them, not in what goes in.
    return Object.fromEntries(required.map((name) => [name, least(properties[name] ?? {})]));
  }
  return only ?? choices?.[0] ?? "kind";
}

function requests(path: string, { parameters, requestBody }: Operation) {
  const named = (place: string) => parameters.filter((one) => one.in === place).map(({ name }) => name);
  const body = requestBody?.content["application/json"]?.schema as Record<string, unknown> | undefined;
  const headers = fc
    .string({ unit: fc.constantFrom("a", "b", "0", "1", "9", "-", "_", " ", "é", "~"), maxLength: 12 })
    .map((text) => text.trim());
  return fc.record({
    params: fc.record(Object.fromEntries(named("path").map((name) => [name, texts()]))),
    query: fc.dictionary(fc.oneof(fc.constantFrom("x", ...named("query")), fc.string({ maxLength: 5 })), texts(), {
      maxKeys: 4,
    }),
    headers: fc.dictionary(fc.constantFrom("accept", ...named("header")), headers, { maxKeys: 2 }),
    body: body
      ? fc.oneof(
          { weight: 2, arbitrary: fc.constant(JSON.stringify(least(body))) },
          { weight: 6, arbitrary: valueOf(body).map((value) => JSON.stringify(value)) },
          { weight: 1, arbitrary: fc.string({ maxLength: 30 }) },
        )
      : fc.constant(undefined),
    path: fc.constant(path),
  });
}

test("no route answers with a server's error, and every refusal has the documented shape", async () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const isProblem = ajv.compile(document.components.schemas.Problem);
  const seen = new Set<number>();
  for (const [path, methods] of Object.entries(document.paths)) {
    if (LEFT_OUT.includes(path)) continue;
    for (const [method, operation] of Object.entries(methods)) {
      // What a wait is given up after would hold up the test.
      const isRight = Object.fromEntries(
        Object.entries(operation.responses).flatMap(([status, { content }]) => {
          const schema = content?.["application/json"]?.schema;
          return schema ? [[status, ajv.compile(schema)]] : [];
        }),
      );
      await fc.assert(
        fc.asyncProperty(requests(path, operation), async ({ params, query, headers, body }) => {
          const address = path.replaceAll(
            /\{(\w+)\}/g,
            (_all, name: string) => encodeURIComponent(params[name] ?? "") || "x",
          );
          const search = new URLSearchParams(query).toString();
          const sent = body?.replaceAll('"wait":true', '"wait":false');
          const latin = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value]));
          const answer = await served.ask(method.toUpperCase(), `${address}?${search}`, sent, latin);
          const shown = `${method} ${address}?${search} ${sent ?? ""}: ${answer.status} ${answer.text.slice(0, 300)}`;
          seen.add(answer.status);
          if (answer.status >= 500) throw new Error(shown);
          if (answer.status >= 400) {
            if (!isProblem(answer.json)) throw new Error(shown);
            return;
          }
          const check = isRight[answer.status];
          if (check && !check(answer.json)) throw new Error(`${shown} ${ajv.errorsText(check.errors)}`);
          if (!(String(answer.status) in operation.responses)) throw new Error(shown);
        }),
        { numRuns: 50 },
      );
    }
  }
  expect(served.log.filter(({ level }) => level === "error")).toEqual([]);
  // What was asked for was sometimes right.
  expect([...seen]).toEqual(expect.arrayContaining([200, 202, 400, 404]));
});
