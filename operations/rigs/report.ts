import type { Evidence, Phase } from "./rig";

/** What has become of a step. */
export interface StepReport {
  phase: Phase;
  title: string;
  seconds: number;
  /** `failed`: it could not be done, or something is not as it must be. */
  result: "done" | "failed" | "skipped";
  /** Why it could not be done. */
  problem?: string;
  evidence: Evidence[];
  notes: string[];
}

/** What a run has done and seen. */
export interface RigReport {
  rig: string;
  /** `off` takes away what the rig leaves behind; `revert` ends a run that was killed. */
  mode: "run" | "off" | "revert";
  stack: string;
  context: string;
  namespace: string;
  /** ISO 8601. */
  started: string;
  seconds: number;
  result: "passed" | "failed" | "interrupted";
  steps: StepReport[];
  /** What was changed, in the order in which it was made. */
  changes: { title: string; putBack: boolean; problem?: string }[];
  /** What stays on purpose. */
  leaves: string[];
  /** The journal, when something could not be put back. */
  journal?: string;
}

/** Everything that was looked at, in order. */
export function evidenceOf({ steps }: Pick<RigReport, "steps">): Evidence[] {
  return steps.flatMap(({ evidence }) => evidence);
}

/** Whether all is as it was before. */
export function isPutBack({ changes }: Pick<RigReport, "changes">): boolean {
  return changes.every(({ putBack }) => putBack);
}
