import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { KubeObject } from "../support/objects";

/** jq: as long as the slowest readiness probe of a pod's containers waits before it asks for the first time. */
const INITIAL_DELAY = '([.spec.containers[].readinessProbe.initialDelaySeconds // 0] | max | tostring) + "s"';

/**
 * How pods and nodes live: kwok's own stages, in which a pod is ready at once.
 *
 * @param options.probeDelays whether a pod is ready only after the initial delays of its readiness probes
 * @param options.stages changes the stages, for pods that live otherwise
 */
export function podAndNodeStages(
  files: readonly string[],
  {
    probeDelays = false,
    stages: changed = (stages) => [...stages],
  }: { probeDelays?: boolean | undefined; stages?: ((stages: readonly KubeObject[]) => KubeObject[]) | undefined },
): KubeObject[] {
  const stages = files.map((file) => parse(readFileSync(file, "utf8")) as KubeObject & { spec: object });
  const delayed = stages.map((stage) => {
    if (!probeDelays || stage.metadata.name !== "pod-ready") return stage;
    return { ...stage, spec: { ...stage.spec, delay: { durationFrom: { expressionFrom: INITIAL_DELAY } } } };
  });
  return changed(delayed);
}
