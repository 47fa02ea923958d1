import { randomBytes } from "node:crypto";
import { fallEvidence, riseEvidence } from "../keda/judge";
import { fall, raise, type Risen } from "../keda/rise";
import { scaledPools } from "../keda/scaled";
import type { Platform } from "../platform";
import { platformNats } from "../platform-nats";
import type { Need, Rig, Step } from "../rig";
import { stating } from "../state";

export const keda: Rig = {
  name: "keda",
  summary: "each pool that KEDA scales rises with the lag of its consumer, and falls when nothing waits",
  proves: [
    "KEDA reads the lag of the pool's own consumer, at its own endpoint and account, and the autoscaler makes exactly the pods that it asks for",
    "The pool is back to what it was within the time that its settings say",
  ],
  changes: [
    "Pauses a consumer for as long as its pool takes to rise, at most 15 minutes; commands that come meanwhile wait",
    "Publishes messages of a subject of its own, as many as ask for two pods more, and purges them before the consumer delivers again",
  ],
  needs: (platform: Platform): Need[] => {
    const pools = scaledPools(platform.graph, platform.config);
    if (pools.length === 0) return [{ unmet: "no pool of the stack is scaled by KEDA: noetl:workerPools[].scaling" }];
    return pools.flatMap(({ scaledObject, deployment, namespace }) => [
      { object: { apiVersion: "apps/v1", kind: "Deployment", name: deployment, namespace } },
      {
        object: { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: scaledObject, namespace },
        why: "is KEDA installed?",
      },
    ]);
  },
  steps: (platform: Platform): Step[] => {
    const pools = scaledPools(platform.graph, platform.config);
    const nats = platformNats(platform);
    const run = randomBytes(5).toString("hex");
    const risen: Risen[] = [];
    let left: number[] = [];
    return [
      ...pools.map((pool): Step => ({
        phase: "run",
        title: `let messages wait for Deployment ${pool.deployment}`,
        run: async (context) => {
          risen.push(await raise(context, nats, pool, run));
        },
      })),
      {
        phase: "run",
        title: "watch the pods go",
        run: async (context) => {
          left = await Promise.all(risen.map((each) => fall(context, nats, each)));
        },
      },
      stating("pods came with the messages", () =>
        risen.map(({ pool, rise, steps }) => riseEvidence(pool, rise, steps.numbers)),
      ),
      stating("pods went with the messages", () =>
        risen.map(({ pool, before, steps }, index) => fallEvidence(pool, before, steps.numbers, left[index] ?? 0)),
      ),
    ];
  },
};
