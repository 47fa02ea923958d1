import type { Clock } from "../../../orchestrator/queue/clock";

/** A clock that stands until it is told to go. */
export class PlayedClock implements Clock {
  private wall = Date.UTC(2026, 10, 21);
  private running = 0;
  private alarms: { due: number; run: () => void }[] = [];

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.running;
  }

  after(ms: number, run: () => void): () => void {
    const alarm = { due: this.running + Math.max(0, ms), run };
    this.alarms.push(alarm);
    return () => {
      this.alarms = this.alarms.filter((other) => other !== alarm);
    };
  }

  /** Lets time go by; alarms ring in their order, each once all that the one before did has settled. */
  async pass(ms: number): Promise<void> {
    const end = this.running + ms;
    for (;;) {
      await settled();
      const next = this.alarms.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.go(next.due - this.running);
      this.alarms = this.alarms.filter((other) => other !== next);
      next.run();
    }
    this.go(end - this.running);
    await settled();
  }

  /** The wall clock is set to another time; the other one goes on. */
  jump(ms: number): void {
    this.wall += ms;
  }

  private go(ms: number): void {
    this.running += ms;
    this.wall += ms;
  }
}

/** All that runs without the clock has come to its end: a disk in memory needs a few turns of the event loop. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
}
