import { z } from "zod";
import { HIDDEN } from "./redact";

const SECRET = z.registry<{ secret: true }>();

/**
 * Marks a field that may hold secrets, whatever they look like: it is kept where work needs it, and shown nowhere. Marked
 * last: what is made of a schema afterwards is another one.
 */
export function secret<T extends z.ZodType>(schema: T): T {
  SECRET.add(schema, { secret: true });
  return schema;
}

/** A value without what stands in fields that its schema marks; the names in them stay. */
export function masked(schema: z.ZodType, value: unknown): unknown {
  return walk(schema, value, hidden);
}

/** All texts in fields that a schema marks. */
export function secretsIn(schema: z.ZodType, value: unknown): string[] {
  const texts = new Set<string>();
  const take = (one: unknown): unknown => {
    if (typeof one === "string") texts.add(one);
    else if (typeof one === "object" && one !== null) Object.values(one).forEach(take);
    return one;
  };
  walk(schema, value, take);
  return [...texts];
}

function hidden(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hidden(one)]));
  return value === undefined || value === null ? value : HIDDEN;
}

/** A copy of a value in which what is marked went through a function. */
function walk(schema: z.core.$ZodType, value: unknown, marked: (value: unknown) => unknown): unknown {
  if (SECRET.has(schema)) return marked(value);
  if (value === undefined || value === null) return value;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      if (typeof value !== "object") return value;
      return Object.fromEntries(
        Object.entries(value).map(([name, one]) => {
          const field = def.shape[name];
          return [name, field ? walk(field, one, marked) : one];
        }),
      );
    case "record":
      if (typeof value !== "object") return value;
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(def.valueType, one, marked)]));
    case "array":
      return Array.isArray(value) ? value.map((one) => walk(def.element, one, marked)) : value;
    case "union":
      // What any of them marks: which one it is need not be known.
      return def.options.reduce((left: unknown, option) => walk(option, left, marked), value);
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "readonly":
      return walk(def.innerType, value, marked);
    case "pipe":
      return walk(def.in, value, marked);
    default:
      return value;
  }
}
