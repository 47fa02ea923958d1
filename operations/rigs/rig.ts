import type { ObjectRef } from "./objects";
import type { RigContext } from "./context";
import type { Platform } from "./platform";
import type { RigSetting, RigSettings } from "./settings";

/** What a rig does, in this order; the engine itself does the last: it puts back all that was changed. */
export const PHASES = ["apply", "wait", "run", "assert", "revert"] as const;

export type Phase = (typeof PHASES)[number];

/** Something that a rig says must be so, and what was found. */
export interface Evidence {
  /** What was looked at: `shard of execution 42 with 16 shards`. */
  what: string;
  expected: string;
  seen: string;
  ok: boolean;
}

/**
 * One thing that a rig does. A step that throws ends the rig, but for those of the phase `assert`: the others of them are
 * still tried, so that a report names everything that is wrong.
 */
export interface Step {
  phase: Exclude<Phase, "revert">;
  /** What is done, as progress shows it: `register the playbook`. */
  title: string;
  run(context: RigContext): Promise<void>;
}

/** Something that a rig cannot do without: an object that must exist, or a reason why this stack will not do. */
export type Need = { object: ObjectRef; why?: string } | { unmet: string };

/** A proof on a live platform. Everything it changes is put back, whatever happens meanwhile. */
export interface Rig {
  /** As in `noetl-ops verify NAME`. */
  name: string;
  /** One line. */
  summary: string;
  /** What it proves, one sentence each. */
  proves: readonly string[];
  /** What it changes, and puts back. None: it only looks. */
  changes: readonly string[];
  /** What it leaves behind, each with the reason. Default: nothing. */
  leaves?: readonly string[];
  /** What must be there before it starts; all that is missing is told at once. */
  needs(platform: Platform): readonly Need[];
  /** Numbers that it takes, each with its bound. Default: none. */
  settings?: readonly RigSetting[];
  /** The steps of one run; what they share lives in the closure that makes them. */
  steps(platform: Platform, settings: RigSettings): readonly Step[];
  /** What `--off` does instead: takes away what the rig leaves behind. Default: there is no `--off`. */
  off?(platform: Platform): readonly Step[];
}
