import { majority } from "../../components/nats/topology";
import { counted } from "../amounts";
import { manifestOf, type Json, type ResourceGraph } from "../graph";
import type { Side } from "../hazards/hazard";
import { at, numberOf, objectOf, textOf, type JsonObject } from "../json";
import { selects } from "../network/selector";
import type { Workload } from "../workloads";
import type { Rollout } from "./report";

/** What Kubernetes takes where a pod says nothing. */
const GRACE = 30;

/** A workload on both sides. */
export interface WorkloadPair {
  before: Workload;
  after: Workload;
}

/** How the pods of a workload are replaced; undefined for what has none, or as many as the cluster has nodes. */
export function rolloutOf(pair: WorkloadPair): Rollout | undefined {
  const { count, max } = pair.after.replicas;
  const pace = paceOf(pair, Math.min(count, pair.before.replicas.count), count);
  const most = paceOf(pair, max, max);
  if (!pace || !most || most.pods === 0) return undefined;
  return { ...pace, longestSeconds: most.longestSeconds, ...(max > count && { podsAtMost: max }) };
}

/** The same for a workload that is deleted and made anew: all pods go at once. */
export function replacementOf(pair: WorkloadPair): Rollout | undefined {
  const { before, after } = pair;
  if (!["Deployment", "StatefulSet"].includes(after.kind) || before.replicas.max === 0) return undefined;
  const pods = before.replicas.count;
  const longestSeconds = graceOf(before) + startOf(after) * (isOrdered(after) ? after.replicas.max : 1);
  const { count, max } = after.replicas;
  return { pods, unavailable: pods, surge: 0, longestSeconds, ...(max > count && { podsAtMost: max }) };
}

/**
 * Adds what holds meanwhile.
 *
 * @param away Pods of each workload, by `NAMESPACE/NAME`, that the same change takes away at a time: nothing keeps
 * workloads from restarting side by side.
 */
export function guarded(rollout: Rollout, workload: Workload, side: Side, away: ReadonlyMap<string, number>): Rollout {
  const quorumHolds = quorumOf(workload, side, away);
  const budgetHolds = budgetOf(workload, side.graph, rollout.unavailable);
  return {
    ...rollout,
    ...(quorumHolds !== undefined && { quorumHolds }),
    ...(budgetHolds !== undefined && { budgetHolds }),
  };
}

/**
 * How many at a time, and how long in all.
 *
 * @param replaced Pods that are there and stay.
 * @param wanted Pods that there are to be: shares are of these.
 */
function paceOf({ before, after }: WorkloadPair, replaced: number, wanted: number): Rollout | undefined {
  const spec = objectOf(after.manifest.spec);
  const start = startOf(after);
  if (after.kind === "Deployment") {
    if (at(spec, "strategy", "type") === "Recreate") {
      return { pods: replaced, unavailable: replaced, surge: 0, longestSeconds: graceOf(before) + start };
    }
    const rolling = at(spec, "strategy", "rollingUpdate");
    const surge = share(at(rolling, "maxSurge") ?? "25%", wanted, Math.ceil);
    const away = share(at(rolling, "maxUnavailable") ?? "25%", wanted, Math.floor);
    // Kubernetes takes one where both come out as none.
    const unavailable = Math.min(surge + away === 0 ? 1 : away, replaced);
    const rounds = Math.ceil(replaced / Math.max(1, surge + unavailable));
    return { pods: replaced, unavailable, surge: Math.min(surge, replaced), longestSeconds: rounds * start };
  }
  if (after.kind !== "StatefulSet") return undefined;
  const rolling = at(spec, "updateStrategy", "rollingUpdate");
  const pods = Math.max(0, replaced - (numberOf(at(rolling, "partition")) ?? 0));
  const unavailable = Math.min(Math.max(1, share(at(rolling, "maxUnavailable") ?? 1, wanted, Math.ceil)), pods);
  const rounds = unavailable === 0 ? 0 : Math.ceil(pods / unavailable);
  return { pods, unavailable, surge: 0, longestSeconds: rounds * (graceOf(before) + start) };
}

/** Seconds that a pod has to end: its preStop hook is part of them. */
function graceOf({ podSpec }: Workload): number {
  return numberOf(podSpec.terminationGracePeriodSeconds) ?? GRACE;
}

/** Seconds until a pod that comes up at the last moment its probes allow counts as available. */
function startOf({ manifest, containers, initContainers }: Workload): number {
  const sidecars = initContainers.filter(({ sidecar }) => sidecar).map(({ raw }) => windowOf(raw.startupProbe));
  const mains = containers.map(({ raw }) => {
    const started = windowOf(raw.startupProbe ?? raw.livenessProbe);
    const first = Math.max(started, numberOf(at(raw.readinessProbe, "initialDelaySeconds")) ?? 0);
    return first + askedFor(raw.readinessProbe);
  });
  const minReady = numberOf(at(manifest.spec, "minReadySeconds")) ?? 0;
  return sidecars.reduce((sum, seconds) => sum + seconds, 0) + Math.max(0, ...mains) + minReady;
}

/** Seconds until Kubernetes gives a container up that has never answered; 0 without a probe. */
function windowOf(probe: Json | undefined): number {
  if (probe === undefined) return 0;
  const { initial, period, timeout } = timesOf(objectOf(probe));
  return initial + period * (numberOf(at(probe, "failureThreshold")) ?? 3) + timeout;
}

/** Seconds that it takes a probe to count as passed, once the container answers. */
function askedFor(probe: Json | undefined): number {
  if (probe === undefined) return 0;
  const { period, timeout } = timesOf(objectOf(probe));
  return period * (numberOf(at(probe, "successThreshold")) ?? 1) + timeout;
}

function timesOf(probe: JsonObject): { initial: number; period: number; timeout: number } {
  return {
    initial: numberOf(probe.initialDelaySeconds) ?? 0,
    period: numberOf(probe.periodSeconds) ?? 10,
    timeout: numberOf(probe.timeoutSeconds) ?? 1,
  };
}

function isOrdered({ kind, manifest }: Workload): boolean {
  return kind === "StatefulSet" && at(manifest.spec, "podManagementPolicy") !== "Parallel";
}

/** A number of pods, or a share of them in percent. */
function share(value: Json, pods: number, round: (share: number) => number): number {
  const percent = /^(\d+)%$/.exec(textOf(value) ?? "")?.[1];
  return percent === undefined ? (numberOf(value) ?? 0) : round((Number(percent) * pods) / 100);
}

/**
 * Whether enough NATS servers stay: of this cluster, for its streams, and of the JetStream meta group, which may have
 * servers of other clusters.
 */
function quorumOf(
  { namespace, name, replicas }: Workload,
  { nats, groups }: Side,
  away: ReadonlyMap<string, number>,
): boolean | undefined {
  const id = `${namespace}/${name}`;
  const servers = nats.get(id);
  const group = groups.find((members) => members.includes(id)) ?? [id];
  if (!servers?.conf.jetstream || (replicas.count < 2 && group.length < 2)) return undefined;
  const gone = (member: string): number => away.get(member) ?? 0;
  const voters = sumOf(group, (member) => nats.get(member)?.workload.replicas.count ?? 0);
  const streamsHold = replicas.count < 2 || replicas.count - gone(id) >= majority(replicas.count);
  return streamsHold && voters - sumOf(group, gone) >= majority(voters);
}

function sumOf(members: readonly string[], of: (member: string) => number): number {
  return members.reduce((sum, member) => sum + of(member), 0);
}

/** Whether every disruption budget of these pods would allow so many to be away. */
function budgetOf(workload: Workload, graph: ResourceGraph, away: number): boolean | undefined {
  const budgets = graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "PodDisruptionBudget" || manifest.metadata.namespace !== workload.namespace) return [];
    return selects(at(manifest.spec, "selector"), workload.podLabels) ? [objectOf(manifest.spec)] : [];
  });
  if (budgets.length === 0) return undefined;
  const { count } = workload.replicas;
  return budgets.every(({ minAvailable, maxUnavailable }) => {
    if (maxUnavailable !== undefined) return away <= share(maxUnavailable, count, Math.ceil);
    return count - away >= share(minAvailable ?? 0, count, Math.ceil);
  });
}

/** `3 pods`, `2 to 20 pods`. */
export function podsText({ pods, podsAtMost }: Rollout): string {
  return podsAtMost === undefined ? counted(pods, "pod") : `${pods} to ${podsAtMost} pods`;
}

/** One after another, or how many at a time. */
export function paceText({ unavailable, surge }: Rollout): string {
  const away = unavailable === 0 ? "none away" : `${unavailable} away`;
  return surge > 0 ? `${away} and ${surge} more at a time` : `${away} at a time`;
}
