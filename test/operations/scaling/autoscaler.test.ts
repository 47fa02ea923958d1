import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  Autoscaler,
  type AutoscalerSettings,
  DEFAULT_CLUSTER,
  type Rules,
} from "../../../operations/scaling/autoscaler";

const SETTINGS: AutoscalerSettings = { minReplicas: 1, maxReplicas: 20, targets: [10] };

const UP: Rules = {
  stabilizationWindow: 0,
  select: "Max",
  policies: [
    { type: "Pods", value: 4, period: 15 },
    { type: "Percent", value: 100, period: 15 },
  ],
  tolerance: 0.1,
};
const DOWN: Rules = {
  stabilizationWindow: 0,
  select: "Max",
  policies: [{ type: "Percent", value: 100, period: 15 }],
  tolerance: 0.1,
};

/** Pods after each sync, 15 seconds and a moment apart, when the metric has these values. */
function podsOf(settings: Partial<AutoscalerSettings>, start: number, values: (number | undefined)[]): number[] {
  const autoscaler = new Autoscaler({ ...SETTINGS, ...settings });
  let pods = start;
  return values.map((value, index) => (pods = autoscaler.sync((index + 1) * 15.004, pods, () => [value])));
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

describe("the autoscaler without a behavior", () => {
  test("at most doubles the pods, or makes them four", () => {
    expect(podsOf({}, 1, times(4, 200))).toEqual([4, 8, 16, 20]);
    expect(podsOf({}, 3, times(3, 75))).toEqual([6, 8, 8]);
  });

  test.each([
    ["a tenth above", 55, 5],
    ["more than a tenth above", 56, 6],
    ["a tenth below", 45, 5],
  ])("given a metric %s its target, it wants %s/10 = %s pods", (_, value, pods) => {
    expect(podsOf({}, 5, [value])).toEqual([pods]);
  });

  test("goes down to the most that was wanted in five minutes", () => {
    const values = [80, ...times(25, 20)];
    expect(podsOf({}, 8, values)).toEqual([...times(20, 8), ...times(6, 2)]);
  });

  test("goes down to its minimum, never below", () => {
    expect(podsOf({ minReplicas: 2 }, 4, times(22, 0)).at(-1)).toBe(2);
  });

  test.each([
    [30, 20],
    [1, 3],
  ])("given %s pods, which it must not have, there are %s at once, whatever the metric says", (pods, bound) => {
    expect(podsOf({ minReplicas: 3 }, pods, [undefined])).toEqual([bound]);
  });

  test("given no pods, it never asks: somebody else must make the first", () => {
    const autoscaler = new Autoscaler(SETTINGS);
    const ask = (): number[] => {
      throw new Error("it asked");
    };
    expect(autoscaler.sync(15, 0, ask)).toBe(0);
  });

  test("given a metric that cannot be read, it does nothing", () => {
    expect(podsOf({}, 5, [undefined, 100, undefined])).toEqual([5, 10, 10]);
  });

  test("given several metrics, the one that wants most wins", () => {
    const autoscaler = new Autoscaler({ ...SETTINGS, targets: [10, 5] });
    expect(autoscaler.sync(15, 4, () => [40, 30])).toBe(6);
  });

  test.each([
    ["more than there are: then that holds", 90, 8],
    ["less: the unreadable one might have asked for more", 10, 4],
  ])("given one metric that cannot be read, and one that wants %s", (_, value, pods) => {
    const autoscaler = new Autoscaler({ ...SETTINGS, targets: [10, 10] });
    expect(autoscaler.sync(15, 4, () => [undefined, value])).toBe(pods);
  });
});

describe("the autoscaler with a behavior", () => {
  test("given the defaults, goes down at once, as its window is 0", () => {
    expect(podsOf({ behavior: { up: UP, down: DOWN } }, 8, [80, 20])).toEqual([8, 2]);
  });

  test.each<[string, Partial<Rules>, number[]]>([
    ["two pods in 30 seconds", { policies: [{ type: "Pods", value: 2, period: 30 }] }, [3, 3, 5, 5, 7]],
    [
      "half of them in 15 seconds, rounded up",
      { policies: [{ type: "Percent", value: 50, period: 15 }] },
      [2, 3, 5, 8, 12],
    ],
    ["the least of two policies", { select: "Min" }, [2, 4, 8, 12, 16]],
    ["none", { select: "Disabled" }, [1, 1, 1, 1, 1]],
    ["a window of 40 seconds", { stabilizationWindow: 40 }, [1, 1, 1, 5, 10]],
  ])("given %s for the way up", (_, up, pods) => {
    expect(podsOf({ behavior: { up: { ...UP, ...up }, down: DOWN } }, 1, times(5, 200))).toEqual(pods);
  });

  test.each<[string, Partial<Rules>, number[]]>([
    ["one pod in 15 seconds", { policies: [{ type: "Pods", value: 1, period: 15 }] }, [9, 8, 7, 6]],
    [
      "a tenth in 15 seconds, the rest rounded down",
      { policies: [{ type: "Percent", value: 10, period: 15 }] },
      [9, 8, 7, 6],
    ],
    ["none", { select: "Disabled" }, [10, 10, 10, 10]],
    ["a window of 40 seconds", { stabilizationWindow: 40 }, [10, 10, 10, 1]],
    [
      "the least of two policies",
      {
        select: "Min",
        policies: [
          { type: "Pods", value: 1, period: 15 },
          { type: "Pods", value: 5, period: 15 },
        ],
      },
      [9, 8, 7, 6],
    ],
  ])("given %s for the way down", (_, down, pods) => {
    expect(podsOf({ behavior: { up: UP, down: { ...DOWN, ...down } } }, 10, times(4, 0))).toEqual(pods);
  });

  test("given a tolerance of its own, keeps to that", () => {
    const behavior = { up: { ...UP, tolerance: 0.5 }, down: { ...DOWN, tolerance: 0 } };
    expect(podsOf({ behavior }, 4, [60, 61, 39])).toEqual([4, 7, 4]);
  });
});

describe("the autoscaler, whatever happens", () => {
  const settings = fc
    .record({
      min: fc.integer({ min: 1, max: 10 }),
      more: fc.integer({ min: 0, max: 40 }),
      target: fc.integer({ min: 1, max: 50 }),
    })
    .map(({ min, more, target }) => ({ minReplicas: min, maxReplicas: min + more, targets: [target] }));
  const behavior = fc.option(
    fc
      .record({
        window: fc.integer({ min: 0, max: 100 }),
        value: fc.integer({ min: 1, max: 200 }),
        period: fc.integer({ min: 1, max: 90 }),
      })
      .map(({ window, value, period }) => ({
        up: { ...UP, stabilizationWindow: window, policies: [{ type: "Percent" as const, value, period }] },
        down: { ...DOWN, stabilizationWindow: window, policies: [{ type: "Pods" as const, value, period }] },
      })),
    { nil: undefined },
  );
  const values = fc.array(fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined }), { maxLength: 80 });

  test("stays within its bounds, and never more than doubles without a behavior", () => {
    fc.assert(
      fc.property(settings, behavior, values, (given, rules, metrics) => {
        const pods = [given.minReplicas, ...podsOf({ ...given, behavior: rules }, given.minReplicas, metrics)];
        expect(pods.every((count) => count >= given.minReplicas && count <= given.maxReplicas)).toBe(true);
        if (rules === undefined) {
          const steps = pods.slice(1).map((count, index) => [pods[index] ?? 0, count] as const);
          expect(steps.every(([before, after]) => after <= Math.max(4, 2 * before))).toBe(true);
        }
      }),
    );
  });

  test("given a metric that stays, comes to rest at what it asks for, within its tolerance", () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 0, max: 2000 }), (given, metric) => {
        const last = podsOf(given, given.minReplicas, times(60, metric)).at(-1) ?? 0;
        const { minReplicas, maxReplicas, targets } = given;
        const wanted = Math.min(maxReplicas, Math.max(minReplicas, Math.ceil(metric / (targets[0] ?? 1))));
        const off = metric / ((targets[0] ?? 1) * last);
        const { tolerance } = DEFAULT_CLUSTER;
        expect(last === wanted || (off >= 1 - tolerance && off <= 1 + tolerance)).toBe(true);
      }),
    );
  });
});
