import type { Query, WhereFilterOp } from "@google-cloud/firestore";
import { z } from "zod";
import { collectionPath } from "../paths";
import { single, type Tool } from "../tool";
import { plainDocument } from "../values";

/** What the operators are to Firestore; `=` is how NoETL's playbook writes `==`. */
const OPERATORS = {
  "==": "==",
  "=": "==",
  "!=": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  in: "in",
  "array-contains": "array-contains",
} as const satisfies Record<string, WhereFilterOp>;

const operators = Object.keys(OPERATORS) as [keyof typeof OPERATORS];

/** Values that Firestore takes for `in`. */
const MOST_VALUES = 30;

const filter = z
  .strictObject({
    field: z.string().min(1).describe("Name of a field; parts of nested fields are joined by '.'."),
    op: z.enum(operators).default("==").describe("Default: ==."),
    value: z.unknown().describe(`What to compare with; for in a list of 1 to ${MOST_VALUES} values.`),
  })
  .superRefine(({ op, value }, context) => {
    if (op !== "in") return;
    if (Array.isArray(value) && value.length >= 1 && value.length <= MOST_VALUES) return;
    const message = `must be a list of 1 to ${MOST_VALUES} values, because op is in`;
    context.addIssue({ code: "custom", path: ["value"], message });
  });

const order = z.strictObject({
  field: z.string().min(1).describe("Name of a field; documents without it are not found."),
  direction: z.enum(["ASCENDING", "DESCENDING", "ASC", "DESC", "asc", "desc"]).default("ASCENDING"),
});

const queryCollection = single(
  {
    name: "query_collection",
    title: "Query Firestore collection",
    description:
      "Documents of a collection that pass all filters. Filters on several fields may need a composite index; the error then says which.",
    effect: "reads",
    input: z.strictObject({
      collection_path: collectionPath(),
      where: z.array(filter).max(100).default([]).describe("Filters that must all hold. Default: none."),
      order_by: order.optional().describe("Default: by name, or by the field of an inequality."),
      limit: z.int().min(1).max(500).default(50).describe("Documents at most. Default: 50."),
    }),
  },
  async ({ collection_path, where, order_by, limit }, { db }) => {
    let query: Query = db.collection(collection_path);
    for (const { field, op, value } of where) query = query.where(field, OPERATORS[op], value);
    if (order_by) query = query.orderBy(order_by.field, /^asc/i.test(order_by.direction) ? "asc" : "desc");
    const { docs } = await query.limit(limit).get();
    return { collection_path, count: docs.length, documents: docs.map(plainDocument) };
  },
);

export const QUERY_TOOLS: readonly Tool[] = [queryCollection];
