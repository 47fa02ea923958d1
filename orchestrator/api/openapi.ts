import { z } from "zod";
import { problemAnswer } from "./problem";
import { ROLE_NAMES, ROLES } from "./roles";
import type { Answer, Route } from "./route";

type Schema = Record<string, unknown>;

/** The OpenAPI 3.1 document of routes: made of the very schemas that check each request. */
export function openApi(routes: readonly Route[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const one of routes) (paths[one.path] ??= {})[one.method.toLowerCase()] = operationOf(one);
  return {
    openapi: "3.1.0",
    info: {
      title: "NoETL provisioning orchestrator",
      version: "1",
      description: "Queues and runs previews and updates of the platform's stacks.",
    },
    components: {
      schemas: { Problem: jsonSchema(problemAnswer, "output") },
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "Not needed where the service listens without tokens." },
      },
      responses: {
        Problem: {
          description: "The request was refused. Nothing was changed.",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
    security: [{ token: [] }, {}],
    paths,
  };
}

function operationOf({ id, summary, needs, params, query, headers, body, answers }: Route) {
  const roles = ROLE_NAMES.filter((role) => (ROLES[role] as readonly string[]).includes(needs));
  return {
    operationId: id,
    summary,
    description: `Roles: ${roles.join(", ")}.`,
    parameters: [...parameters("path", params), ...parameters("query", query), ...parameters("header", headers)],
    ...(body && {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: { "application/json": { schema: jsonSchema(body, "input") } },
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)])),
      "4XX": { $ref: "#/components/responses/Problem" },
      "5XX": { $ref: "#/components/responses/Problem" },
    },
  };
}

function responseOf(answer: Answer) {
  const [type, schema] =
    "schema" in answer ? ["application/json", jsonSchema(answer.schema, "output")] : [answer.type, { type: "string" }];
  return { description: answer.describes, content: { [type]: { schema } } };
}

function parameters(place: "path" | "query" | "header", schema: z.ZodType | undefined) {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, "input") as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
