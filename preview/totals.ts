import { quantityOf } from "./amounts";
import { manifestOf, type ResourceGraph } from "./graph";
import { at, textOf } from "./json";
import { isRendered } from "./manifests";
import { workloadsOf, type Amounts, type Container, type Workload } from "./workloads";

/** What a platform consists of and asks for. Pods of Jobs and CronJobs, which end, are counted apart. */
export interface Totals {
  /** Resources that providers make. */
  objects: number;
  /** Components: structure of the program. */
  components: number;
  /** Pods that keep running; an autoscaled workload counts with its minimum. */
  pods: number;
  /** Containers of those pods, without init containers. */
  containers: number;
  /** Jobs and CronJobs. */
  jobs: number;
  /** Cores. */
  cpu: { requested: number; limited: number };
  /** Bytes. */
  memory: { requested: number; limited: number };
  /** Containers that have no CPU or no memory limit, and so are not in `limited`. */
  unlimited: number;
  /** Bytes of all volume claims. */
  storage: number;
  /** Every image of every container, init containers and Jobs included, sorted. */
  images: string[];
}

/** Sums up a graph. */
export function totalsOf(graph: ResourceGraph, workloads: Workload[] = workloadsOf(graph)): Totals {
  const lasting = workloads.filter((workload) => !workload.transient);
  const sum = (value: (workload: Workload) => number): number =>
    lasting.reduce((total, workload) => total + workload.replicas.count * value(workload), 0);
  const images = new Set(
    workloads.flatMap(({ initContainers, containers }) =>
      [...initContainers, ...containers].flatMap(({ image }) => image ?? []),
    ),
  );
  return {
    objects: graph.resources.filter(isRendered).length,
    components: graph.resources.filter((resource) => !resource.custom && !resource.type.startsWith("pulumi:")).length,
    pods: sum(() => 1),
    containers: sum(({ containers }) => containers.length),
    jobs: workloads.length - lasting.length,
    cpu: { requested: sum((w) => podAmounts(w).requests.cpu), limited: sum((w) => podAmounts(w).limits.cpu) },
    memory: { requested: sum((w) => podAmounts(w).requests.memory), limited: sum((w) => podAmounts(w).limits.memory) },
    unlimited: sum(({ containers }) => containers.filter(isUnlimited).length),
    storage: claimedStorage(graph) + sum(templateStorage),
    images: [...images].sort(),
  };
}

/** What one pod of a workload asks for and may use: cores and bytes, 0 where nothing is said. */
export function podAmounts({ containers, initContainers }: Workload): {
  requests: Required<Amounts>;
  limits: Required<Amounts>;
} {
  const effective = (of: (container: Container) => Amounts): Required<Amounts> => ({
    cpu: effectiveAmount(containers, initContainers, (container) => of(container).cpu ?? 0),
    memory: effectiveAmount(containers, initContainers, (container) => of(container).memory ?? 0),
  });
  return { requests: effective((container) => container.requests), limits: effective((container) => container.limits) };
}

/**
 * Kubernetes' rule: init containers run one after another before the main ones, so a pod needs the larger of the two;
 * a sidecar runs beside everything that comes after it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
function effectiveAmount(containers: Container[], initContainers: Container[], of: (c: Container) => number): number {
  let sidecars = 0;
  let starting = 0;
  for (const container of initContainers) {
    if (container.sidecar) sidecars += of(container);
    starting = Math.max(starting, sidecars + (container.sidecar ? 0 : of(container)));
  }
  return Math.max(starting, sidecars + containers.reduce((sum, container) => sum + of(container), 0));
}

function isUnlimited({ limits }: Container): boolean {
  return limits.cpu === undefined || limits.memory === undefined;
}

function templateStorage({ volumeClaims }: Workload): number {
  return volumeClaims.reduce((sum, claim) => sum + (claim.storage ?? 0), 0);
}

function claimedStorage(graph: ResourceGraph): number {
  return graph.resources.reduce((sum, resource) => {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "PersistentVolumeClaim") return sum;
    return sum + (quantityOf(textOf(at(manifest.spec, "resources", "requests", "storage"))) ?? 0);
  }, 0);
}
