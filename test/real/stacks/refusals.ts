import type { KubeClient } from "../support/kube";
import { KubeError } from "../support/kube-http";
import type { KubeObject } from "../support/objects";

interface PodSpec {
  hostNetwork?: boolean;
  securityContext: object;
  containers: [{ name: string; image: string; securityContext: object; ports?: object[] }];
  volumes?: object[];
}

const CONTAINER = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** A pod that keeps to the *restricted* level. */
const GOOD: PodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [{ name: "box", image: "registry.example/box:1", securityContext: CONTAINER }],
};

function withContainer(securityContext: object): PodSpec {
  return { ...GOOD, containers: [{ ...GOOD.containers[0], securityContext: { ...CONTAINER, ...securityContext } }] };
}

/** Pods that differ from a good one in one thing each, by what that is. */
const PODS: Readonly<Record<string, PodSpec>> = {
  "nothing wrong": GOOD,
  "may run as root": { ...GOOD, securityContext: { seccompProfile: { type: "RuntimeDefault" } } },
  "no seccomp profile": { ...GOOD, securityContext: { runAsNonRoot: true } },
  "user 0": withContainer({ runAsUser: 0 }),
  "may gain privileges": withContainer({ allowPrivilegeEscalation: true }),
  "keeps capabilities": withContainer({ capabilities: {} }),
  "adds a capability": withContainer({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }),
  privileged: withContainer({ privileged: true, allowPrivilegeEscalation: true }),
  "network of the host": { ...GOOD, hostNetwork: true },
  "folder of the host": { ...GOOD, volumes: [{ name: "host", hostPath: { path: "/" } }] },
};

/** What is wrong with each pod that a namespace refuses because of the *restricted* level; nothing is stored. */
export async function refusedPods(kube: KubeClient, namespace: string): Promise<string[]> {
  const answers = await Promise.all(
    Object.entries(PODS).map(async ([problem, spec]) => ((await isRefused(kube, namespace, spec)) ? [problem] : [])),
  );
  return answers.flat();
}

/** Everything that must be refused. */
export const REFUSED: readonly string[] = Object.keys(PODS).slice(1);

async function isRefused(kube: KubeClient, namespace: string, spec: PodSpec): Promise<boolean> {
  const pod: KubeObject = { apiVersion: "v1", kind: "Pod", metadata: { name: "probe", namespace }, spec };
  try {
    await kube.apply(pod, { dryRun: true });
    return false;
  } catch (error) {
    const isOurs = error instanceof KubeError && error.message.includes('violates PodSecurity "restricted:latest"');
    if (isOurs) return true;
    throw error;
  }
}

/** Names of the controls for which a namespace of the *restricted* level refuses a pod; none when it takes it. */
export async function controlsRefused(kube: KubeClient, pod: KubeObject): Promise<string[]> {
  try {
    await kube.apply(pod, { dryRun: true });
    return [];
  } catch (error) {
    const [, reasons] = /violates PodSecurity "restricted:latest": (.*)/s.exec((error as Error).message) ?? [];
    if (!(error instanceof KubeError) || reasons === undefined) throw error;
    return reasons
      .replaceAll(/ \([^()]*\)/g, "")
      .split(", ")
      .map((reason) => reason.trim().replace("AppArmor profiles", "AppArmor profile"));
  }
}
