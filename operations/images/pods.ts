import { at, type JsonObject, listOf, numberOf, objectOf, textOf } from "../../preview/json";

/** A pod of a component, as far as a rollout is concerned. */
export interface PodState {
  name: string;
  /** Image that its container is to run. */
  image: string | undefined;
  /** `sha256:…` of what its container does run; undefined where the node does not tell. */
  digest?: string;
  ready: boolean;
  /** Why it does not start; undefined while all goes well. */
  problem?: PodProblem;
}

interface PodProblem {
  /** Kubernetes' word for it: `ImagePullBackOff`. */
  reason: string;
  /** What it says beside. */
  message: string;
  /** Container whose last log lines tell why it ends. */
  crashed?: string;
}

/** What a container waits for when it waits for no good. */
const TROUBLES: readonly string[] = [
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "ErrImagePull",
  "ErrImageNeverPull",
  "InvalidImageName",
  "ImageInspectError",
  "RegistryUnavailable",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
];

/** What a pod says about itself. */
export function podState(pod: JsonObject, container: string): PodState {
  const containers = listOf(at(pod, "spec", "containers")).map(objectOf);
  const conditions = listOf(at(pod, "status", "conditions")).map(objectOf);
  const statuses = listOf(at(pod, "status", "containerStatuses")).map(objectOf);
  const [digest] =
    /sha256:[a-f0-9]{64}$/.exec(textOf(statuses.find(({ name }) => name === container)?.imageID) ?? "") ?? [];
  const problem = problemOf(pod, conditions);
  return {
    name: textOf(at(pod, "metadata", "name")) ?? "",
    image: textOf(containers.find(({ name }) => name === container)?.image),
    ...(digest !== undefined && { digest }),
    ready: conditions.some(({ type, status }) => type === "Ready" && status === "True"),
    ...(problem !== undefined && { problem }),
  };
}

function problemOf(pod: JsonObject, conditions: JsonObject[]): PodProblem | undefined {
  const unscheduled = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled !== undefined) {
    return { reason: textOf(unscheduled.reason) ?? "Unschedulable", message: textOf(unscheduled.message) ?? "" };
  }
  const statuses = ["initContainerStatuses", "containerStatuses"].flatMap((key) =>
    listOf(at(pod, "status", key)).map(objectOf),
  );
  for (const status of statuses) {
    const reason = textOf(at(status, "state", "waiting", "reason"));
    if (reason === undefined || !TROUBLES.includes(reason)) continue;
    const message = textOf(at(status, "state", "waiting", "message")) ?? "";
    if (reason !== "CrashLoopBackOff") return { reason, message };
    const code = numberOf(at(status, "lastState", "terminated", "exitCode"));
    const restarts = numberOf(status.restartCount) ?? 0;
    const ended = code === undefined ? "" : `exit code ${code}, `;
    return { reason, message: `${ended}${restarts} restarts`, crashed: textOf(status.name) ?? "" };
  }
  return undefined;
}
