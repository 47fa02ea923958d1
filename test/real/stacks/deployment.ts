import type { PlatformConfig } from "../../../stacks/schema";
import type { SimulatedNode } from "../cluster/nodes";
import type { Applied, KubeClient } from "../support/kube";
import { type KubeObject, refOf } from "../support/objects";
import { waitFor } from "../support/wait";
import { isWorkload } from "./workloads";

const ZONES = ["a", "b", "c"];

/** The nodes that a stack file declares; undefined when it declares none. */
export function nodesOf(stack: string, { cluster: { nodes } }: PlatformConfig): SimulatedNode[] | undefined {
  if (nodes === undefined) return undefined;
  const amounts = { cpu: String(nodes.cpu), memory: nodes.memory, "ephemeral-storage": "100Gi", pods: "110" };
  return Array.from({ length: nodes.count }, (_, index) => ({
    name: `${stack}-${index}`,
    zone: ZONES[index % ZONES.length] ?? "",
    capacity: amounts,
    allocatable: amounts,
  }));
}

/** Opens these nodes of the cluster for pods, and closes the others. */
export async function openOnly(kube: KubeClient, nodes: readonly SimulatedNode[]): Promise<void> {
  const open = new Set(nodes.map(({ name }) => name));
  const all = await kube.list("v1", "Node");
  await kube.applyAll(
    all.map(({ metadata: { name } }) => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name },
      spec: { unschedulable: !open.has(name) },
    })),
    { fieldManager: "noetl-test-nodes" },
  );
}

/** The namespaces that a stack reads Secrets of and does not make: others own them. */
export function foreignNamespaces({ server }: PlatformConfig, objects: readonly KubeObject[]): string[] {
  const own = namespacesOf(objects);
  const used = objects.flatMap(({ metadata: { namespace } }) => namespace ?? []);
  const named = [...(server.keychain.kubernetes?.namespaces ?? []), ...used];
  return [...new Set(named)].filter((name) => !own.includes(name));
}

/** Names of the namespaces among the objects. */
export function namespacesOf(objects: readonly KubeObject[]): string[] {
  return objects.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
}

/** Makes empty namespaces. */
export async function makeNamespaces(kube: KubeClient, names: readonly string[]): Promise<void> {
  await kube.applyAll(names.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })));
}

/**
 * Applies all objects of a stack: workloads last, when their accounts are there, so that no pod is refused for a reason
 * that passes.
 */
export async function deploy(kube: KubeClient, objects: readonly KubeObject[]): Promise<Applied<KubeObject>[]> {
  const settings = await kube.applyAll(objects.filter((object) => !isWorkload(object)));
  const accounts = namespacesOf(objects).map((namespace) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    name: "default",
    namespace,
  }));
  await Promise.all(accounts.map((account) => kube.untilReady(account)));
  return [...settings, ...(await kube.applyAll(objects.filter(isWorkload)))];
}

/**
 * Waits until every workload has all its pods and every Job is complete.
 *
 * @throws Error that tells what the cluster warned of meanwhile
 */
export async function untilRunning(kube: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  try {
    await Promise.all(objects.map((object) => kube.untilReady(refOf(object))));
  } catch (error) {
    const warnings = await eventsOf(kube, namespacesOf(objects), "type=Warning");
    throw new Error([(error as Error).message, ...warnings].join("\n"), { cause: error });
  }
}

/** The different messages of events. */
export async function eventsOf(
  kube: KubeClient,
  namespaces: readonly string[],
  fieldSelector: string,
): Promise<string[]> {
  const events = await Promise.all(
    namespaces.map((namespace) =>
      kube.list<KubeObject & { message: string }>("v1", "Event", { namespace, fieldSelector }),
    ),
  );
  return [...new Set(events.flat().map(({ message }) => message))].sort();
}

/** What is left of a stack when its objects are deleted, and goes by itself or with its claims. */
const LEFT: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "Pod"],
  ["apps/v1", "ReplicaSet"],
  ["v1", "PersistentVolumeClaim"],
  ["v1", "PersistentVolume"],
];

/**
 * Deletes everything that {@link deploy} has made but the namespaces, which take seconds to go, and waits until it is
 * gone.
 */
export async function clear(kube: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  const namespaces = namespacesOf(objects);
  await Promise.all(objects.filter(({ kind }) => kind !== "Namespace").map((object) => kube.remove(refOf(object))));
  await waitFor("the end of all pods and volumes", async () => {
    const claims = await kube.list("v1", "PersistentVolumeClaim");
    await Promise.all(claims.map((claim) => kube.remove(refOf(claim))));
    const left = await Promise.all(LEFT.map(([apiVersion, kind]) => kube.list(apiVersion, kind)));
    return left.flat().length === 0 ? true : undefined;
  });
  await Promise.all(namespaces.map((name) => kube.send(`/api/v1/namespaces/${name}/events`, { method: "DELETE" })));
}
