import { type JsonObject, textOf } from "../../../preview/json";

/** How far an execution is. */
export interface ExecutionState {
  state: "running" | "completed" | "failed";
  /** The step it is at, as far as the server says. */
  step?: string | undefined;
}

/** Reads what `GET /api/executions/ID/status` answers: the server in Rust says a word, the one in Python has two flags. */
export function executionState(answer: JsonObject): ExecutionState {
  const word = textOf(answer.status)?.toUpperCase();
  const isFailed = answer.failed === true || word === "FAILED" || word === "CANCELLED";
  const isCompleted = answer.completed === true || word === "COMPLETED";
  const step = textOf(answer.current_step);
  return { state: isFailed ? "failed" : isCompleted ? "completed" : "running", ...(step !== undefined && { step }) };
}
