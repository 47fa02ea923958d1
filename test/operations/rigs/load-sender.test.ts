import { describe, expect, test } from "@jest/globals";
import { sendLoad } from "../../../operations/rigs/load-sender";
import type { Clock } from "../../../operations/rigs/wait";

/** A clock that stands still but for those who wait: each lets it go on to where it wants. */
function stillClock(): Clock & { passed: number } {
  const clock = {
    passed: 0,
    now: () => new Date(clock.passed),
    elapsed: () => clock.passed,
    wait: (milliseconds: number) => {
      const end = clock.passed + milliseconds;
      return Promise.resolve().then(() => {
        clock.passed = Math.max(clock.passed, end);
      });
    },
  };
  return clock;
}

const answer = (status: number) => ({ status, text: "", headers: {}, json: undefined });

describe("a load", () => {
  test.each([
    [{ rate: 10, seconds: 60, total: 7 }, 7],
    [{ rate: 10, seconds: 2, total: 1000 }, 20],
    [{ rate: 1, seconds: 1, total: 1 }, 1],
  ])("%j sends %d requests, no two closer than its rate allows", async (load, expected) => {
    const clock = stillClock();
    const moments: number[] = [];
    const sent = await sendLoad(
      load,
      () => {
        moments.push(clock.elapsed());
        return Promise.resolve(answer(200));
      },
      clock,
    );
    expect([sent.sent, sent.answers.get(200), sent.durations.length]).toStrictEqual([expected, expected, expected]);
    const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
    expect(gaps.filter((gap) => gap < 1000 / load.rate)).toStrictEqual([]);
    expect(moments.at(-1)).toBeLessThan(load.seconds * 1000);
  });

  test("counts answers by status, and those that never came", async () => {
    const outcomes = [answer(200), answer(503), undefined, answer(200)];
    const sent = await sendLoad(
      { rate: 100, seconds: 10, total: 4 },
      () => {
        const next = outcomes.shift();
        return next ? Promise.resolve(next) : Promise.reject(new Error("refused"));
      },
      stillClock(),
    );
    expect(Object.fromEntries(sent.answers)).toStrictEqual({ 0: 1, 200: 2, 503: 1 });
  });

  test("ends when it is interrupted", async () => {
    const interrupt = new AbortController();
    const load = sendLoad(
      { rate: 100, seconds: 60, total: 1000 },
      () => {
        interrupt.abort(new Error("interrupted"));
        return Promise.resolve(answer(200));
      },
      stillClock(),
      interrupt.signal,
    );
    await expect(load).rejects.toThrow("interrupted");
  });
});
