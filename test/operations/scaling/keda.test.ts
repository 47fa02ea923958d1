import { describe, expect, test } from "@jest/globals";
import { Keda, type KedaSettings } from "../../../operations/scaling/keda";

const SETTINGS: KedaSettings = {
  minReplicas: 0,
  pollingInterval: 10,
  cooldownPeriod: 30,
  initialCooldownPeriod: 0,
  triggers: [{ lagThreshold: 10, activationLagThreshold: 1 }],
};
const FALLBACK = { failureThreshold: 2, replicas: 6, behavior: "static" } as const;

/** Pods after each look, ten seconds and a moment apart, when the lag is this. */
function podsOf(settings: Partial<KedaSettings>, start: number, lags: (number | undefined)[]): number[] {
  const keda = new Keda({ ...SETTINGS, ...settings });
  let pods = start;
  return lags.map((lag, index) => (pods = keda.poll(index * 10.004, pods, [lag])));
}

describe("KEDA's looks", () => {
  test.each([
    ["at the activation threshold", 1, 0],
    ["above it", 2, 1],
  ])("given no pods and a lag %s", (_, lag, pods) => {
    expect(podsOf({}, 0, [lag])).toEqual([pods]);
  });

  test("given a lag that goes, the last pods go after the cooldown", () => {
    expect(podsOf({}, 0, [0, 5, 0, 0, 0, 0])).toEqual([0, 1, 1, 1, 0, 0]);
  });

  test("given a pod that was there before, nothing has to cool down", () => {
    expect(podsOf({}, 3, [0, 0])).toEqual([3, 0]);
  });

  test("given a first cooldown, it goes after that", () => {
    expect(podsOf({ initialCooldownPeriod: 15 }, 3, [0, 0, 0])).toEqual([3, 3, 0]);
  });

  test("given a minimum, it does nothing but keep it: how many beyond is the autoscaler's", () => {
    expect(podsOf({ minReplicas: 2 }, 1, [0, 500, 0, 0, 0, 0])).toEqual([2, 2, 2, 2, 2, 2]);
    expect(podsOf({ minReplicas: 2 }, 9, [0, 0, 0, 0, 0, 0])).toEqual([9, 9, 9, 9, 9, 9]);
  });

  test("given that it goes to zero when idle, comes back to the minimum", () => {
    expect(podsOf({ minReplicas: 3, idleReplicas: 0 }, 0, [0, 5, 0, 0, 0])).toEqual([0, 3, 3, 3, 0]);
  });

  test("given several triggers, one is enough", () => {
    const trigger = { lagThreshold: 10, activationLagThreshold: 0 };
    const keda = new Keda({ ...SETTINGS, triggers: [trigger, trigger] });
    expect(keda.poll(0, 0, [0, 1])).toBe(1);
  });

  test("given no answer, nothing changes", () => {
    expect(podsOf({}, 3, [undefined, undefined, undefined, undefined])).toEqual([3, 3, 3, 3]);
  });
});

describe("what KEDA tells the autoscaler", () => {
  function told(settings: Partial<KedaSettings>, current: number, lags: (number | undefined)[]) {
    const keda = new Keda({ ...SETTINGS, minReplicas: 1, ...settings });
    return lags.map((lag) => keda.metrics(current, [lag])[0]);
  }

  test("is the lag", () => {
    expect(told({}, 1, [7, 0])).toEqual([7, 0]);
  });

  test("given no answer, is nothing, unless there is a fallback", () => {
    expect(told({}, 1, [undefined])).toEqual([undefined]);
    expect(told({ fallback: FALLBACK }, 1, [undefined, undefined, undefined])).toEqual([undefined, undefined, 60]);
  });

  test("given an answer in between, counts anew", () => {
    const lags = [undefined, undefined, 3, undefined, undefined, undefined];
    expect(told({ fallback: FALLBACK }, 1, lags)).toEqual([undefined, undefined, 3, undefined, undefined, 60]);
  });

  test.each([
    ["currentReplicas", 4, 40],
    ["currentReplicasIfHigher", 4, 60],
    ["currentReplicasIfHigher", 9, 90],
    ["currentReplicasIfLower", 4, 40],
    ["currentReplicasIfLower", 9, 60],
  ] as const)("given the fallback %s with %s pods, is what makes %s/10 of them", (behavior, current, value) => {
    expect(told({ fallback: { ...FALLBACK, failureThreshold: 0, behavior } }, current, [undefined])).toEqual([value]);
  });

  test("looks count as failures too", () => {
    const keda = new Keda({ ...SETTINGS, minReplicas: 1, fallback: FALLBACK });
    keda.poll(0, 1, [undefined]);
    keda.poll(10, 1, [undefined]);
    expect(keda.metrics(1, [undefined])).toEqual([60]);
  });
});
