import type { JsonObject } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { LiveNamespace } from "./live";
import type { Change } from "./plan";
import { rolledOut, RolloutFailed, type RolloutWorld } from "./watch";
import type { Way } from "./way";

/** What has become of a component. */
export interface Outcome {
  component: string;
  kind: string;
  result: "changed" | "unchanged" | "failed" | "skipped";
  /** What it ran; undefined where it was not there. */
  old?: string;
  /** What it was to run; for one that was left alone, what it runs. */
  new: string;
  reason?: string;
  /** For one that crashes, the last lines of its log. */
  log?: readonly string[];
  /** For a failed one, whether it runs its former image again. */
  rolledBack?: boolean;
  /** What the operator does next. */
  next: string[];
}

/** How components are moved. */
export interface BumpOptions {
  /** Seconds that the pods of one component may take. */
  waitSeconds: number;
  /** Whether a component that does not become ready goes back to its former image. */
  rollback: boolean;
  /** Context that commands for the operator name. */
  context: string;
  /** Whether a component's image is only on the nodes. */
  isLocal: (image: string) => boolean;
}

interface BumpWorld extends RolloutWorld {
  live: LiveNamespace;
  way: Way;
}

/**
 * Moves components one after the other. Whoever comes after one that has failed, or is not ready any more, is left alone.
 *
 * @param changes in the order in which they are made
 */
export async function bump(changes: readonly Change[], options: BumpOptions, world: BumpWorld): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let blocked: string | undefined;
  for (const [index, change] of changes.entries()) {
    blocked ??= isTouched(change) ? await gate(changes.slice(0, index), change, options, world) : undefined;
    const outcome = blocked === undefined ? await move(change, options, world) : behind(change, blocked);
    if (outcome.result === "failed") blocked = `${outcome.component} has failed`;
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Whether anything is to be done with a component, if only to wait for it. */
export function isTouched({ action }: Change): boolean {
  return action === "set" || action === "align" || action === "wait";
}

/** Whether those of earlier roles are well, without whom a component should not move: why not, if not. */
async function gate(
  earlier: readonly Change[],
  { component: { role } }: Change,
  options: BumpOptions,
  world: BumpWorld,
): Promise<string | undefined> {
  for (const { component, old } of earlier) {
    if (component.role === role || old === undefined) continue;
    try {
      await rolledOut(component, undefined, options, world);
    } catch (error) {
      if (!(error instanceof RolloutFailed) && !(error instanceof UserError)) throw error;
      return error instanceof UserError ? failureOf(error).message : `${component.name} is not ready`;
    }
  }
  return undefined;
}

function behind(change: Change, blocked: string): Outcome {
  if (!isTouched(change)) return left(change);
  const next = ["mend that, then run the same command again"];
  return {
    ...head(change),
    new: change.old ?? change.image,
    result: "skipped",
    reason: `${blocked}, and this one waits for it`,
    next,
  };
}

function head({ component: { name, kind }, old, image }: Change): Pick<Outcome, "component" | "kind" | "old" | "new"> {
  return { component: name, kind, ...(old !== undefined && { old }), new: image };
}

function left(change: Change): Outcome {
  const { action, reason } = change;
  const result = action === "skip" ? "skipped" : "unchanged";
  return { ...head(change), result, ...(reason !== undefined && { reason }), next: [] };
}

async function move(change: Change, options: BumpOptions, world: BumpWorld): Promise<Outcome> {
  if (!isTouched(change)) return left(change);
  const { component, action, image, former, reason } = change;
  const { way } = world;
  const isSet = action === "set";
  try {
    await disowned(change, world);
    if (isSet) {
      await together(change, image, options, world, (signal) => way.set(component, image, signal));
    } else {
      await rolledOut(component, image, options, world);
    }
    if (isSet || action === "align") await way.settle(component, image, new AbortController().signal);
    const waited = action === "wait" ? "it was on its way; all of its pods run it now" : reason;
    return {
      ...head(change),
      result: isSet ? "changed" : "unchanged",
      ...(waited !== undefined && { reason: waited }),
      next: [],
    };
  } catch (error) {
    const failure = failureOf(error);
    const back = options.rollback && former !== undefined ? await rollBack(change, former, options, world) : undefined;
    return failed(change, failure, back, options, way);
  }
}

/** A run that was killed between two requests may have left the image its own, which is in the way of an update. */
async function disowned({ component }: Change, { live }: BumpWorld): Promise<void> {
  const workload = await live.workload(component);
  if (workload !== undefined) await live.disown(component, workload);
}

/** Does something and waits for the pods meanwhile; the first of both that fails ends the other. */
async function together(
  { component }: Change,
  image: string,
  options: BumpOptions,
  world: BumpWorld,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const setting = { ended: false, signal: abort.signal };
  const set = async (): Promise<void> => {
    await work(abort.signal);
    setting.ended = true;
  };
  const both = [set(), rolledOut(component, image, options, world, setting)];
  try {
    await Promise.all(both);
  } catch (error) {
    abort.abort();
    await Promise.allSettled(both);
    throw error;
  }
}

/** How long pods may take at least to run their former image again. */
const ROLLBACK_SECONDS = 600;

/** @returns why it could not be brought back; an empty text when it could */
async function rollBack(change: Change, former: string, options: BumpOptions, world: BumpWorld): Promise<string> {
  const { component, image } = change;
  const { way, live } = world;
  world.onProgress(`${component.name}: back to ${former}`);
  try {
    // Not as impatient as somebody may have been with the new image.
    const patient = { ...options, waitSeconds: Math.max(options.waitSeconds, ROLLBACK_SECONDS) };
    const broken = component.kind === "StatefulSet" ? await live.workload(component) : undefined;
    await together(change, former, patient, world, async (signal) => {
      await way.restore(component, former, signal);
      if (broken !== undefined) await replaceBroken(change, broken, image, live);
    });
    if (former !== change.old) await way.settle(component, former, new AbortController().signal);
    return "";
  } catch (error) {
    return failureOf(error).message;
  }
}

/** A StatefulSet waits for a pod that never gets ready also when its template is an earlier one again. */
async function replaceBroken(
  { component }: Change,
  set: JsonObject,
  image: string,
  live: LiveNamespace,
): Promise<void> {
  for (const pod of await live.pods(set, component.container)) {
    if (pod.image === image && !pod.ready) await live.deletePod(pod.name);
  }
}

interface Failure {
  message: string;
  /** Kubernetes' word for why a pod does not start. */
  trouble?: string | undefined;
  log?: readonly string[];
  /** What to do about it, where it says so. */
  next: string[];
}

function failureOf(error: unknown): Failure {
  if (error instanceof RolloutFailed) {
    return { message: error.message, trouble: error.trouble, log: error.log, next: [] };
  }
  if (!(error instanceof UserError)) throw error;
  const [message = "", ...more] = error.message.split("\n");
  return { message, next: more.map((line) => line.replace(/^next: /, "")) };
}

function failed(
  change: Change,
  failure: Failure,
  back: string | undefined,
  options: BumpOptions,
  { name: way }: Way,
): Outcome {
  const { component, image, former } = change;
  const rolledBack = back === "";
  const kubectl = `kubectl --context ${options.context} -n noetl`;
  const isPull = failure.trouble !== undefined && /Image|Registry/.test(failure.trouble);
  const backs = back === undefined ? "" : rolledBack ? `; it runs ${former ?? ""} again` : `; and not back: ${back}`;
  return {
    ...head(change),
    result: "failed",
    reason: `${failure.message}${backs}`,
    ...(failure.log !== undefined && failure.log.length > 0 && { log: failure.log }),
    rolledBack,
    next: [
      ...failure.next,
      ...(failure.next.length > 0 ? [] : [`${kubectl} describe pod -l app=${component.name}`]),
      ...(failure.next.length > 0
        ? []
        : [`${kubectl} get events --field-selector involvedObject.name=${component.name}`]),
      ...(isPull && options.isLocal(image)
        ? [`confirm that the nodes have the image, which no registry was asked for: kind load docker-image ${image}`]
        : []),
      ...(way === "live" && !rolledBack && component.image !== image
        ? [`the stack file still says ${component.image}: pulumi up would bring that back`]
        : []),
      "then run the same command again",
    ],
  };
}
