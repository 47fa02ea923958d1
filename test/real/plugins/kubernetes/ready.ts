import type { KubeClient } from "../../support/kube";
import { describeRef, isReady, type KubeObject, refOf } from "../../support/objects";
import { waitFor } from "../../support/wait";

/** Kinds whose objects are not usable at once. A claim is not among them: it may wait for its first pod. */
const AWAITED = ["Namespace", "Deployment", "StatefulSet", "DaemonSet", "Job"];

/**
 * Waits until an applied object has become what it is meant to be.
 *
 * @returns the object as it is then
 * @throws Error at the limit, at the signal, and as soon as a Job has failed
 */
export function untilReady(
  kube: KubeClient,
  object: KubeObject,
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<KubeObject> {
  if (!AWAITED.includes(object.kind)) return Promise.resolve(object);
  const ref = refOf(object);
  const look = async (): Promise<KubeObject | undefined> => {
    signal.throwIfAborted();
    const live = await kube.get(ref);
    if (live === undefined) throw new Error(`${describeRef(ref)} is gone`);
    const failure = failureOf(live);
    if (failure !== undefined) throw new Error(`${describeRef(ref)} has failed: ${failure}`);
    return isReady(live) ? live : undefined;
  };
  return waitFor(`${describeRef(ref)} to become ready`, look, { limit });
}

function failureOf({ kind, status }: KubeObject): string | undefined {
  if (kind !== "Job") return undefined;
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string; message?: string }[] };
  const failed = conditions.find((condition) => condition.type === "Failed" && condition.status === "True");
  return failed && (failed.message ?? "without a message");
}
