import { UserError } from "../../stacks/errors";
import { Changes } from "./changes";
import { RigContext } from "./context";
import type { Journal, Owner, Recorded } from "./journal";
import { takeLock } from "./lock";
import type { Platform } from "./platform";
import { asBefore } from "./put-back";
import type { Reach } from "./reach";
import { isPutBack, type RigReport, type StepReport } from "./report";
import type { Phase, Step } from "./rig";
import { undoChange } from "./undo";

/** What a run tells while it is under way. */
export type RigEvent =
  | { event: "begin"; phase: Phase; title: string }
  | { event: "change"; title: string }
  | { event: "end"; step: StepReport };

/** One run: its steps, and the way back. */
export class Run {
  readonly #steps: StepReport[] = [];
  readonly #changes: RigReport["changes"] = [];
  readonly #change: Changes;
  readonly #begun: number;
  #current: StepReport | undefined;
  #interrupted = false;

  constructor(
    private readonly reach: Reach,
    private readonly journal: Journal,
    private readonly owner: Owner,
    private readonly onEvent: (event: RigEvent) => void,
  ) {
    this.#begun = reach.clock.elapsed();
    this.#change = new Changes(reach, journal, owner.run, (title) => {
      onEvent({ event: "change", title });
    });
  }

  /** Keeps others out. @throws UserError when somebody was faster */
  async lock(): Promise<void> {
    await takeLock(this.#change, this.owner);
  }

  /** Does one step after another; after one that fails, only those that look. */
  async steps(steps: readonly Step[], platform: Platform): Promise<void> {
    const context = new RigContext(platform, this.reach, this.#change, {
      evidence: (evidence) => this.#current?.evidence.push(evidence),
      note: (text) => this.#current?.notes.push(text),
    });
    let stopped = false;
    for (const step of steps) {
      this.#interrupted ||= this.reach.signal?.aborted === true;
      if (stopped || this.#interrupted) {
        this.#steps.push({ ...begun(step.phase, step.title), result: "skipped" });
        continue;
      }
      const done = await this.step(step.phase, step.title, () => step.run(context));
      stopped = done.problem !== undefined && step.phase !== "assert";
    }
  }

  /** Takes everything back, the last change first; what cannot be is told, and the rest goes on. */
  async revert(left: readonly Recorded[]): Promise<void> {
    const reach = this.reach.uninterrupted();
    try {
      for (const change of [...left].reverse()) {
        const done = await this.step("revert", change.title, async () => {
          await undoChange(change.undo, reach, change.after);
          this.journal.undone(change.number);
        });
        this.#changes.unshift({
          title: change.title,
          putBack: done.problem === undefined,
          ...(done.problem !== undefined && { problem: done.problem }),
        });
      }
      const objects = asBefore(left);
      if (objects.length > 0)
        await this.step("revert", "compare with before", async () => {
          for (const look of objects) this.#current?.evidence.push(await look(reach));
        });
    } finally {
      reach.close();
      this.journal.close(isPutBack({ changes: this.#changes }));
    }
  }

  report({ mode, leaves }: Pick<RigReport, "mode" | "leaves">): RigReport {
    const { rig, stack, context, namespace, started } = this.owner;
    const failed = this.#steps.some(({ result }) => result === "failed");
    return {
      rig,
      mode,
      stack,
      context,
      namespace,
      started,
      seconds: this.secondsSince(this.#begun),
      result: this.#interrupted ? "interrupted" : failed ? "failed" : "passed",
      steps: this.#steps,
      changes: this.#changes,
      leaves,
      ...(!isPutBack({ changes: this.#changes }) && { journal: this.journal.file }),
    };
  }

  private async step(phase: Phase, title: string, work: () => Promise<void>): Promise<StepReport> {
    const step = begun(phase, title);
    const start = this.reach.clock.elapsed();
    this.#current = step;
    this.#steps.push(step);
    this.onEvent({ event: "begin", phase, title });
    try {
      await work();
    } catch (error) {
      step.problem = this.problemOf(error, phase);
    }
    step.seconds = this.secondsSince(start);
    step.result = step.problem === undefined && step.evidence.every(({ ok }) => ok) ? "done" : "failed";
    this.#current = undefined;
    this.onEvent({ event: "end", step });
    return step;
  }

  private problemOf(error: unknown, phase: Phase): string {
    if (phase !== "revert" && this.reach.signal?.aborted) {
      this.#interrupted = true;
      return "interrupted";
    }
    if (error instanceof UserError) return error.message;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }

  private secondsSince(start: number): number {
    return Math.round((this.reach.clock.elapsed() - start) / 100) / 10;
  }
}

function begun(phase: Phase, title: string): StepReport {
  return { phase, title, seconds: 0, result: "done", evidence: [], notes: [] };
}
