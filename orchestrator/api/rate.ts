import { ApiError } from "./problem";

/** Requests that may come at once, as seconds of the rate. */
const BURST_SECONDS = 2;

/** How many requests a second each person may send. */
export class RateLimit {
  private readonly people = new Map<string, { left: number; at: number }>();

  /** @param now Milliseconds on a clock that never jumps. */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws ApiError 429 */
  take(name: string): void {
    const most = this.perSecond * BURST_SECONDS;
    const at = this.now();
    const before = this.people.get(name) ?? { left: most, at };
    const left = Math.min(most, before.left + ((at - before.at) / 1000) * this.perSecond);
    this.people.set(name, { left: Math.max(0, left - 1), at });
    if (left >= 1) return;
    throw new ApiError("too-many-requests", `more than ${this.perSecond} requests a second`);
  }
}
