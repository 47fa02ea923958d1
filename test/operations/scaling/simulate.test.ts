import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type ScalerModel, simulate, type SimulationOptions } from "../../../operations/scaling/simulate";
import { EVERY, lagSource, type Trace } from "../../../operations/scaling/trace";

const MODEL: ScalerModel = {
  minReplicas: 1,
  maxReplicas: 20,
  pollingInterval: 10,
  cooldownPeriod: 30,
  initialCooldownPeriod: 0,
  triggers: [{ lagThreshold: 10, activationLagThreshold: 1 }],
  paused: false,
};
const OPTIONS: SimulationOptions = { duration: 600, step: 60 };

function trace(quantity: Trace["quantity"], ...samples: [time: number, value: number | undefined][]): Trace {
  const all = samples.map(([time, value]) => ({ time, value }));
  return { quantity, duration: 600, samples: new Map([[EVERY, all]]) };
}

/** `time from → to by` of each change, times without their fractions. */
function changesOf(
  model: Partial<ScalerModel>,
  given: Trace,
  options: Partial<SimulationOptions> = {},
  drain?: number,
) {
  const source = lagSource(given, ["consumer"], drain);
  const { changes } = simulate({ ...MODEL, ...model }, source, { ...OPTIONS, ...options });
  return changes.map(({ time, from, to, by }) => `${Math.floor(time)} ${from} → ${to} ${by}`);
}

describe("a simulation", () => {
  test("given 75 messages, becomes 8 pods in two syncs, and one again five minutes after the last sync that saw them", () => {
    expect(changesOf({}, trace("lag", [0, 75], [60, 0]))).toEqual([
      "15 1 → 4 autoscaler",
      "30 4 → 8 autoscaler",
      "345 8 → 1 autoscaler",
    ]);
  });

  test("given no pods at least, KEDA makes the first and removes the last", () => {
    expect(changesOf({ minReplicas: 0 }, trace("lag", [0, 0], [5, 75], [60, 0]))).toEqual([
      "10 0 → 1 KEDA",
      "15 1 → 4 autoscaler",
      "30 4 → 8 autoscaler",
      "80 8 → 0 KEDA",
    ]);
  });

  test("given no answer of NATS, keeps what there is, or goes to its fallback", () => {
    const given = trace("lag", [0, 40], [60, undefined]);
    expect(changesOf({}, given)).toEqual(["15 1 → 4 autoscaler"]);
    const fallback = { failureThreshold: 3, replicas: 7, behavior: "static" } as const;
    expect(changesOf({ fallback }, given)).toEqual(["15 1 → 4 autoscaler", "75 4 → 7 autoscaler"]);
  });

  test("given that it is paused, nothing happens", () => {
    expect(changesOf({ paused: true }, trace("lag", [0, 500]))).toEqual([]);
  });

  test("given pods that work, the lag follows: what comes less what they work off", () => {
    const given = trace("rate", [0, 1], [300, 0]);
    const { rows } = simulate(MODEL, lagSource(given, ["consumer"], 2), OPTIONS);
    expect(rows.map(({ lag }) => lag)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const slow = simulate({ ...MODEL, maxReplicas: 1 }, lagSource(given, ["consumer"], 0.5), OPTIONS);
    expect(slow.rows.map(({ lag }) => lag)).toEqual([0, 30, 60, 90, 120, 150, 120, 90, 60, 30, 0]);
  });

  test("given pods that need a minute to start, the lag grows meanwhile", () => {
    const given = trace("rate", [0, 4], [600, 4]);
    const lagAfter = (startTime: number) =>
      simulate(MODEL, lagSource(given, ["consumer"], 1), { ...OPTIONS, startTime }).rows[2]?.lag ?? 0;
    expect(lagAfter(60)).toBeGreaterThan(lagAfter(0));
  });

  test("given another cluster, follows its settings", () => {
    const cluster = { syncPeriod: 5, downscaleStabilization: 10, tolerance: 0.1 };
    expect(changesOf({}, trace("lag", [0, 75], [60, 0]), { cluster })).toEqual([
      "5 1 → 4 autoscaler",
      "10 4 → 8 autoscaler",
      "65 8 → 1 autoscaler",
    ]);
  });

  test("whatever the lag is, is the same twice, and stays within its bounds", () => {
    const samples = fc.array(fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(samples, fc.boolean(), (values, toZero) => {
        const given = trace("lag", ...values.map((value, index): [number, number | undefined] => [index * 15, value]));
        const model = { ...MODEL, minReplicas: toZero ? 0 : 2 };
        const run = () => simulate(model, lagSource(given, ["consumer"]), OPTIONS);
        const { rows } = run();
        expect(run().rows).toEqual(rows);
        expect(rows.every(({ replicas }) => replicas >= model.minReplicas && replicas <= 20)).toBe(true);
      }),
    );
  });
});
