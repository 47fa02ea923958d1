import type { Json } from "../../../preview/graph";
import { isObject } from "../../../preview/json";
import type { Evidence } from "../rig";
import { judged } from "./evidence";
import type { Said } from "./internal-api";

/** What both servers answered to one request. */
export interface Pair {
  /** `GET /api/health`. */
  request: string;
  python: Said;
  rust: Said;
}

/**
 * Fields of which only the kind counts: moments, and what is of the server's own process. Nothing at all is of any kind:
 * what has not happened yet has no moment.
 */
const PASSING = new Set([
  "active_connections",
  "cpu_percent",
  "cpu_seconds",
  "created_at",
  "ended_at",
  "generated_at",
  "heartbeat_at",
  "idle_connections",
  "last_heartbeat",
  "memory_bytes",
  "memory_mb",
  "pid",
  "pool_available",
  "pool_max",
  "pool_min",
  "pool_size",
  "queries_active",
  "queries_total",
  "registered_at",
  "request_id",
  "requests_waiting",
  "slots_available",
  "started_at",
  "thread_count",
  "thread_id",
  "timestamp",
  "updated_at",
  "uptime_seconds",
  "utilization",
  "version",
]);

/** Differences that a line of a report names. */
const NAMED = 5;

/** That both servers answer with the same status, and the same fields and values in their bodies. */
export function judgeParity({ request, python, rust }: Pair): Evidence {
  if (python.status !== rust.status) {
    return judged(request, `HTTP ${python.status}, as the server in Python`, `HTTP ${rust.status}`, false);
  }
  if (python.status >= 400) return judged(request, "the same answer", `both answer HTTP ${python.status}`, true);
  const found = differences(python.json, rust.json);
  const more = found.length > NAMED ? `; and ${found.length - NAMED} more` : "";
  const seen = found.length === 0 ? "the same answer" : `${found.slice(0, NAMED).join("; ")}${more}`;
  return judged(request, "the same answer", seen, found.length === 0);
}

/** Where two answers differ, of the first as it is expected: `.pool.size: 10, not 5`. Order and what passes count for nothing. */
export function differences(expected: Json | undefined, seen: Json | undefined, path = ""): string[] {
  if (isObject(expected) && isObject(seen)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(seen)])].sort();
    return keys.flatMap((key) => {
      const [one, other] = [expected[key], seen[key]];
      const isPassing = PASSING.has(key) && one !== undefined && other !== undefined;
      if (isPassing && (one === null || other === null || typeof one === typeof other)) return [];
      return differences(one, other, `${path}.${key}`);
    });
  }
  if (Array.isArray(expected) && Array.isArray(seen)) {
    if (expected.length !== seen.length) return [`${path}: ${expected.length} entries, not ${seen.length}`];
    return expected.flatMap((entry, index) => differences(entry, seen[index], `${path}[${index}]`));
  }
  if (expected === undefined) return [`${path}: only in Rust`];
  if (seen === undefined) return [`${path}: only in Python`];
  return JSON.stringify(expected) === JSON.stringify(seen) ? [] : [`${path}: ${kindOf(expected)}, not ${kindOf(seen)}`];
}

/** A value in a few words. Texts stand for their length: what servers hold is no matter of a report. */
function kindOf(value: Json): string {
  if (typeof value === "string") return value.length > 40 ? `a text of ${value.length} characters` : `"${value}"`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isObject(value) ? "an object" : String(value);
}
