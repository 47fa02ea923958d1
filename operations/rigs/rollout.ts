import { at, numberOf } from "../../preview/json";
import { progressOf } from "../images/rollout";
import { formatRef, type ObjectRef } from "./objects";
import { isReady, type Reach } from "./reach";

/** Waits until all pods of a workload are of its newest template, and ready; every other object is as it is at once. */
export async function settled(reach: Reach, ref: ObjectRef, seconds: number): Promise<void> {
  if (ref.kind !== "Deployment" && ref.kind !== "StatefulSet") return;
  await reach.waitFor({ what: `the pods of ${formatRef(ref)}`, seconds }, async (tell) => {
    const progress = progressOf(await reach.mustRead(ref));
    const { updated, ready, wanted, stuck } = progress;
    tell(`${updated} new, ${ready} of ${wanted} ready${stuck === undefined ? "" : `: ${stuck}`}`);
    return progress.done ? true : undefined;
  });
}

/** Waits until a workload that is scaled to none has no pods left, also none that end. */
export async function drained(reach: Reach, ref: ObjectRef, seconds: number): Promise<void> {
  await reach.waitFor({ what: `the pods of ${formatRef(ref)} to be gone`, seconds }, async (tell) => {
    const workload = await reach.mustRead(ref);
    const labels = at(workload, "spec", "selector", "matchLabels") as Record<string, string> | undefined;
    const pods = await reach.pods(ref.namespace ?? "", labels ?? {});
    const replicas = numberOf(at(workload, "spec", "replicas")) ?? 1;
    tell(`${pods.length} pods, ${pods.filter(isReady).length} of them ready; ${replicas} wanted`);
    return pods.length === 0 && replicas === 0 ? true : undefined;
  });
}
