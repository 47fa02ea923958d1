import type { Component } from "./components";
import type { LiveNamespace } from "./live";
import type { PodState } from "./pods";
import { imageOf, type Progress, progressOf } from "./rollout";

/** What waiting for pods needs of the world. */
export interface RolloutWorld {
  live: LiveNamespace;
  /** Lets that many milliseconds pass. */
  wait: (milliseconds: number) => Promise<void>;
  /** Milliseconds that only grow. */
  elapsed: () => number;
  /** Told whenever something has come about. */
  onProgress: (line: string) => void;
}

/** Pods did not become ready. */
export class RolloutFailed extends Error {
  constructor(
    message: string,
    /** Kubernetes' word for why a pod does not start, if one says so. */
    readonly trouble?: string,
    /** The last lines of its container, if it crashes. */
    readonly log: readonly string[] = [],
  ) {
    super(message);
  }
}

/** Something that sets an image. */
export interface Setting {
  /** Whether it has ended. */
  ended: boolean;
  /** Ends it, and the wait for the pods. */
  signal: AbortSignal;
}

/** Seconds within which an image is set: an update looks at the cluster first, and may wait for another one. */
const SETTING_SECONDS = 900;

/** Milliseconds between two looks. */
const PAUSE = 1000;

/**
 * Waits until all pods of a component are of its newest template, and ready.
 *
 * @param image that the template must have; undefined for whatever it has
 * @param setting what sets the image; the time of the pods begins when it is set. Default: it is set
 * @throws RolloutFailed when they do not within the time, or Kubernetes gives up
 */
export async function rolledOut(
  component: Component,
  image: string | undefined,
  { waitSeconds }: { waitSeconds: number },
  world: RolloutWorld,
  setting: Setting = { ended: true, signal: new AbortController().signal },
): Promise<void> {
  const { live, wait, elapsed } = world;
  const latest = elapsed() + SETTING_SECONDS * 1000;
  let end: number | undefined;
  const told = new Set<string>();
  for (;;) {
    setting.signal.throwIfAborted();
    const { ended } = setting;
    const workload = await live.workload(component);
    if (workload === undefined) throw new RolloutFailed(`${component.kind} ${component.name} is gone`);
    const progress = progressOf(workload);
    const isMeant = image === undefined || imageOf(workload, component) === image;
    if (isMeant) {
      if (progress.done) return;
      const pods = await live.pods(workload, component.container);
      const sick = pods.find(({ ready, problem }) => !ready && problem !== undefined);
      await tell(component, progress, sick, told, world);
      if (progress.stuck !== undefined) throw await failure(component, progress, sick, progress.stuck, live);
      end ??= elapsed() + waitSeconds * 1000;
      const late = `not ready within ${duration(waitSeconds)}`;
      if (elapsed() >= end) throw await failure(component, progress, sick, late, live);
    } else if (ended) {
      throw new RolloutFailed(`${component.name}: somebody else has set ${imageOf(workload, component) ?? "no image"}`);
    } else if (elapsed() >= latest) {
      throw new RolloutFailed(`${component.name}: the image was not set within ${duration(SETTING_SECONDS)}`);
    }
    await wait(PAUSE);
  }
}

async function failure(
  { name }: Component,
  { wanted, ready, updated }: Progress,
  sick: PodState | undefined,
  reason: string,
  live: LiveNamespace,
): Promise<RolloutFailed> {
  const crashed = sick?.problem?.crashed;
  const log = sick === undefined || crashed === undefined ? [] : await live.lastWords(sick.name, crashed);
  const pod = sick?.problem === undefined ? "" : `; pod ${sick.name}: ${describe(sick)}`;
  const count = `${updated} new, ${ready} of ${wanted} ready`;
  return new RolloutFailed(`${name}: ${reason} (${count})${pod}`, sick?.problem?.reason, log);
}

function describe({ problem }: PodState): string {
  if (problem === undefined) return "";
  return problem.message === "" ? problem.reason : `${problem.reason}: ${problem.message}`;
}

/** Says what is new: how far it is, and why a pod does not start, each once. */
async function tell(
  { name }: Component,
  { old, updated, ready, wanted }: Progress,
  sick: PodState | undefined,
  told: Set<string>,
  { live, onProgress }: RolloutWorld,
): Promise<void> {
  const say = (key: string, line: string): boolean => {
    if (told.has(key)) return false;
    told.add(key);
    onProgress(line);
    return true;
  };
  const count = `${name}: ${old} old, ${updated} new, ${ready} of ${wanted} ready`;
  say(count, count);
  if (sick?.problem === undefined) return;
  const { reason, crashed } = sick.problem;
  const isNews = say(`${sick.name} ${reason}`, `  pod ${sick.name}: ${describe(sick)}`);
  if (!isNews || crashed === undefined) return;
  for (const line of await live.lastWords(sick.name, crashed)) onProgress(`  | ${line}`);
}

function duration(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
