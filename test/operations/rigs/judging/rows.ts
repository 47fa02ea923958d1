import { createHash } from "node:crypto";
import type { Json } from "../../../../preview/graph";
import type { JsonObject } from "../../../../preview/json";
import type { Resolved } from "../../../../operations/rigs/judging/references";
import type { EventRow } from "../../../../operations/rigs/reading/events";
import type { Evidence } from "../../../../operations/rigs/rig";

/** An execution of a test. */
export const EXECUTION = "320816801799737344";

/** Rows as a worker gives them: credentials hidden. */
export function rows(count: number, more: (id: number) => Partial<Record<string, Json>> = () => ({})): JsonObject[] {
  return Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    const secrets = { password: "[REDACTED]", api_key: "[REDACTED]" };
    return { id, username: `user-${id}`, ...secrets, score: id / 2, active: id % 2 === 0, ...more(id) };
  });
}

/** What the result store gives for rows. */
export function stored(list: readonly JsonObject[]): Resolved {
  return { status: 200, text: JSON.stringify({ data: { rows: list }, status: "success" }) };
}

/** The reference to what is stored under a step's name, with more or other fields. */
export function reference(step: string, resolved: Resolved, more: JsonObject = {}): JsonObject {
  return {
    kind: "result_ref",
    ref: `noetl://execution/${EXECUTION}/result/${step}/900`,
    store: "db",
    meta: { bytes: resolved.text.length, sha256: createHash("sha256").update(resolved.text).digest("hex") },
    ipc: {
      media_type: "application/vnd.apache.arrow.stream",
      row_count: 6000,
      schema_digest: "arrow",
      shm_name: "shm-1",
    },
    ...more,
  };
}

/** The end of a step. */
export function end(step: string, result: Json, status = "COMPLETED"): EventRow {
  return { type: "call.done", step, status, result };
}

/** What is not as expected: `what: seen`. */
export function wrong(evidence: readonly Evidence[]): string[] {
  return evidence.filter(({ ok }) => !ok).map(({ what, seen }) => `${what}: ${seen}`);
}
