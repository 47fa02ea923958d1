import { bytesText, quantityOf } from "../amounts";
import { at, listOf, textOf } from "../json";
import type { Container, Workload } from "../workloads";
import { envNumber, keyOf, type Check, type CheckContext, type Finding } from "./check";

const BUDGET = "NOETL_IPC_CACHE_BUDGET_BYTES";
/** Size of /dev/shm that container runtimes give without a volume. */
const RUNTIME_DEFAULT = 64 * 2 ** 20;

/**
 * Workers keep Arrow results in /dev/shm up to their budget. When the file system is smaller, a write beyond its end
 * kills the worker with SIGBUS (exit 135). And what lies in memory counts as the container's memory: the kernel kills it
 * when both together exceed the limit.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
 */
export const sharedMemory: Check = {
  id: "shared-memory",
  title: "/dev/shm is larger than the IPC cache budget and leaves the worker enough of its memory limit.",
  run: ({ workloads, config }) =>
    workloads.flatMap((workload) =>
      workload.containers.flatMap((container) => {
        const budget = envNumber(container, BUDGET);
        return budget === undefined ? [] : containerFindings(workload, container, budget, config);
      }),
    ),
};

function containerFindings(
  workload: Workload,
  container: Container,
  budget: number,
  config: CheckContext["config"],
): Finding[] {
  const key = keyOf(workload, config);
  const finding = (severity: Finding["severity"], message: string, fix: string): Finding[] => [
    { severity, rule: sharedMemory.id, resource: workload.resource.urn, message, fix },
  ];
  const size = sharedMemorySize(workload, container);
  if (size !== "unbounded" && size <= budget) {
    return finding(
      "error",
      `/dev/shm holds ${bytesText(size)}, but the IPC cache may grow to ${bytesText(budget)} (${BUDGET}): workers would die with SIGBUS`,
      `raise ${key}.sharedMemory above ${bytesText(budget)}, or lower ${key}.ipcCacheBudget`,
    );
  }
  const limit = container.limits.memory;
  if (limit === undefined) return [];
  const most = size === "unbounded" ? budget : size;
  const left = limit - most;
  const need = container.requests.memory ?? 0;
  if (left > need) return [];
  const message = `memory limit ${bytesText(limit)} less ${bytesText(most)} in /dev/shm leaves ${bytesText(Math.max(0, left))}, no more than the ${bytesText(need)} the container requests for itself`;
  const fix = `raise ${key}.resources.limits.memory above ${bytesText(most + need)}, or lower ${key}.sharedMemory`;
  return finding(left <= 0 ? "error" : "warning", message, fix);
}

/** Bytes of a container's /dev/shm; a memory volume without limit may take the whole node. */
function sharedMemorySize({ podSpec }: Workload, { mounts }: Container): number | "unbounded" {
  const mount = mounts.find(({ path }) => path.replace(/\/+$/, "") === "/dev/shm");
  const volume = listOf(podSpec.volumes).find((item) => textOf(at(item, "name")) === mount?.volume);
  const emptyDir = at(volume, "emptyDir");
  if (!mount || emptyDir === undefined) return RUNTIME_DEFAULT;
  return quantityOf(at(emptyDir, "sizeLimit")) ?? "unbounded";
}
