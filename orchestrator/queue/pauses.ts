import type { Document } from "../storage/storage";
import { KINDS, type TaskKind } from "../tasks/kinds";
import type { Pauses } from "./board";

/** What is paused: everything, the tasks of a kind, or those of a stack. */
export type PauseScope = { all: true } | { kind: TaskKind } | { stack: string };

/** The collection of documents that pauses are kept in. */
export const PAUSES = "pauses";

/** Nothing begins. */
export const EVERYTHING: Pauses = { all: true, kinds: new Set(), stacks: new Set() };

/** The document of a pause. */
export function pauseId(scope: PauseScope): string {
  if ("all" in scope) return "all";
  return "kind" in scope ? `kind ${scope.kind}` : `stack ${scope.stack}`;
}

/** All pauses that stand. */
export function pausesOf(documents: readonly Document[]): Pauses {
  const ids = documents.map(({ id }) => id);
  return {
    all: ids.includes("all"),
    kinds: new Set(KINDS.filter((kind) => ids.includes(`kind ${kind}`))),
    stacks: new Set(ids.filter((id) => id.startsWith("stack ")).map((id) => id.slice("stack ".length))),
  };
}

/** A pause that stands. */
export interface Pause {
  scope: PauseScope;
  by: string;
  /** Milliseconds since 1970. */
  at: number;
  why: string;
}

export function pausesIn(documents: readonly Document[]): Pause[] {
  return documents.map(({ id, value }) => ({ ...(value as unknown as Omit<Pause, "scope">), scope: scopeOf(id) }));
}

function scopeOf(id: string): PauseScope {
  const [what, ...rest] = id.split(" ");
  const name = rest.join(" ");
  if (what === "all") return { all: true };
  return what === "kind" ? { kind: name as TaskKind } : { stack: name };
}
