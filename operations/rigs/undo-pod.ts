import { z } from "zod";
import type { Reach } from "./reach";
import { isReady } from "./reach";

/** A pod ran, and its controller makes it again. */
export const awaitPodSchema = z.object({ kind: z.literal("awaitPod"), namespace: z.string(), name: z.string() });

/** How long a pod may take to be there again, in seconds: a large volume is attached and read first. */
const SECONDS = 600;

/** Waits until a pod of this name is ready. */
export async function awaitPod({ namespace, name }: z.infer<typeof awaitPodSchema>, reach: Reach): Promise<void> {
  await reach.waitFor({ what: `Pod ${namespace}/${name} to be ready again`, seconds: SECONDS }, async (tell) => {
    const pod = await reach.read({ apiVersion: "v1", kind: "Pod", namespace, name });
    tell(pod === undefined ? "it is not there" : "it is not ready");
    return pod !== undefined && isReady(pod) ? true : undefined;
  });
}
