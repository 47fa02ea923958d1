import type { Evidence } from "../rig";
import type { Rise, ScaledPool } from "./scaled";

/** Numbers of pods, one after the other, each different from the one before. */
export class Steps {
  readonly #numbers: number[] = [];

  /** Takes note of a number. */
  add(number: number): void {
    if (this.#numbers.at(-1) !== number) this.#numbers.push(number);
  }

  get numbers(): readonly number[] {
    return this.#numbers;
  }
}

/** Whether the pool came to as many pods as the messages asked for, and never to more. */
export function riseEvidence(
  { deployment, lagThreshold }: ScaledPool,
  { pods, messages }: Rise,
  steps: readonly number[],
): Evidence {
  return {
    what: `pods of Deployment ${deployment} with ${messages} messages, ${lagThreshold} a pod`,
    expected: String(pods),
    seen: path(steps),
    ok: Math.max(...steps) === pods,
  };
}

/** Whether it came back to what it was, or below. @param left messages that its consumer is not done with */
export function fallEvidence(
  { deployment, consumer }: ScaledPool,
  before: number,
  steps: readonly number[],
  left: number,
): Evidence {
  const last = steps.at(-1);
  return {
    what: `pods of Deployment ${deployment} when nothing waits`,
    expected: `${before} or fewer`,
    seen: `${path(steps)}${left === 0 ? "" : `; consumer ${consumer} is not done with ${left} messages`}`,
    ok: last !== undefined && last <= before,
  };
}

function path(steps: readonly number[]): string {
  return steps.length === 0 ? "none were counted" : steps.join(" → ");
}
