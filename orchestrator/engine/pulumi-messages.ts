import type { JsonObject } from "../tasks/json";
import type { Operation } from "../tasks/kinds";
import type { Scope } from "./layers";

/** What the child is asked for. */
export interface PulumiJob {
  operation: Operation;
  /** What a preview is of. */
  previewOf: Operation;
  stack: string;
  /** Folder of Pulumi.yaml and the stack file. */
  workDir: string;
  /** Folder for what outlives a task. */
  cache: string;
  scope: Scope;
  /** What of a stack is to be made, by its render; undefined: all, or what the state says. */
  targets: readonly string[] | undefined;
}

/** What it sends. `done` and `failed` end it. */
export type PulumiMessage =
  | { step: string }
  | { diagnostic: { severity: string; message: string } }
  | { resource: { op: string; urn: string; failed: boolean; done: number; total: number } }
  | { done: JsonObject }
  | { failed: PulumiFailure };

/** Why an operation failed. */
export interface PulumiFailure {
  /** Stable, where the child knows; else what the CLI says decides. */
  code?: string;
  name: string;
  message: string;
  /** What the engine complained of. */
  errors: readonly string[];
}
