import { at, isObject, listOf, numberOf, textOf } from "../../../preview/json";
import { UserError } from "../../../stacks/errors";
import type { RigContext } from "../context";
import { jetStream, type Nats, type NatsServer, requested, withNats } from "../nats";
import type { ObjectRef } from "../objects";
import { resume } from "../undo-nats";
import { Steps } from "./judge";
import { lagOf, otherConsumers } from "./lag";
import { type Rise, riseOf, type ScaledPool } from "./scaled";

/** A pool that has risen. */
export interface Risen {
  pool: ScaledPool;
  /** Pods that it had before. */
  before: number;
  rise: Rise;
  steps: Steps;
}

/** How long a consumer may take to have nothing left to do, in seconds. */
const IDLE = 60;
/** How long KEDA, the autoscaler and the pods may take to rise, in seconds. */
const RISE = 300;
/** NATS itself lets the consumer go on after that time, whatever has become of the rig; in minutes. */
const PAUSE = 15;

/**
 * Makes a pool rise: its consumer delivers nothing for a while, so that messages which no worker would understand can wait
 * there; they are taken out before it delivers again.
 *
 * @throws UserError when that cannot be done without harm
 */
export async function raise(context: RigContext, server: NatsServer, pool: ScaledPool, run: string): Promise<Risen> {
  return withNats(context.reach, server, async (nats) => {
    await ready(context, pool);
    await idle(context, nats, pool);
    const before = await podsOf(context, pool);
    const rise = riseOf(pool, before, await otherConsumers(nats, pool), run);
    if ("unmet" in rise) throw new UserError(rise.unmet);
    const steps = new Steps();
    steps.add(before);
    await fill(context, nats, { server, pool, rise });
    await risen(context, pool, rise, steps);
    await resume(nats, pool.stream, pool.consumer, rise.subject);
    return { pool, before, rise, steps };
  });
}

/**
 * Watches a pool until it is what it was; gives up when it takes longer than its settings say.
 *
 * @returns messages that its consumer is not done with then
 */
export async function fall(context: RigContext, server: NatsServer, { pool, before, steps }: Risen): Promise<number> {
  await until(context, pool.fallSeconds, async () => {
    steps.add(await podsOf(context, pool));
    return (steps.numbers.at(-1) ?? Infinity) <= before;
  });
  return withNats(context.reach, server, (nats) => lagOf(nats, pool));
}

/** KEDA says of itself that it can read the lag. */
async function ready({ reach }: RigContext, { scaledObject, namespace }: ScaledPool): Promise<void> {
  const ref: ObjectRef = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: scaledObject, namespace };
  await reach.waitFor(
    { what: `ScaledObject ${namespace}/${scaledObject} to be ready`, seconds: IDLE },
    async (tell) => {
      const conditions = listOf(at(await reach.mustRead(ref), "status", "conditions")).filter(isObject);
      const found = conditions.find(({ type }) => type === "Ready");
      tell(found === undefined ? "KEDA says nothing of it" : (textOf(found.message) ?? textOf(found.status) ?? ""));
      return found?.status === "True" ? true : undefined;
    },
  );
}

async function idle(context: RigContext, nats: Nats, pool: ScaledPool): Promise<void> {
  await context.waitFor({ what: `consumer ${pool.consumer} to have nothing to do`, seconds: IDLE }, async (tell) => {
    const lag = await lagOf(nats, pool);
    tell(`${lag} messages`);
    return lag === 0 ? true : undefined;
  });
}

async function fill(
  context: RigContext,
  nats: Nats,
  { server, pool, rise }: { server: NatsServer; pool: ScaledPool; rise: Rise },
): Promise<void> {
  const { stream, consumer } = pool;
  const { messages, subject } = rise;
  await context.change.make({
    title: `consumer ${consumer}: ${messages} messages that it does not deliver`,
    undo: { kind: "resumeConsumer", server, stream, consumer, subject },
    make: async () => {
      const until = new Date(context.reach.clock.now().getTime() + PAUSE * 60_000).toISOString();
      const answer = await jetStream(nats, `CONSUMER.PAUSE.${stream}.${consumer}`, { pause_until: until });
      // Servers before 2.11 know no pause, and say so by not doing it.
      if (answer.paused !== true)
        throw new UserError(`NATS does not pause consumer ${consumer}; nats-server 2.11 or later can`);
      for (let sent = 1; sent < messages; sent++) nats.publish(subject, "{}");
      // The stream takes them in their order: its answer to the last is one for all.
      const last = await requested(nats, subject, "{}");
      if (at(last, "error") !== undefined)
        throw new UserError(`stream ${stream} takes no messages: ${textOf(at(last, "error", "description")) ?? ""}`);
      return undefined;
    },
  });
}

async function risen(context: RigContext, pool: ScaledPool, { pods }: Rise, steps: Steps): Promise<void> {
  await until(context, RISE, async () => {
    steps.add(await podsOf(context, pool));
    return (steps.numbers.at(-1) ?? 0) >= pods;
  });
}

/** Looks again and again until something is so, or the time is over: what has come of it is for the report to say. */
async function until({ reach }: RigContext, seconds: number, look: () => Promise<boolean>): Promise<void> {
  const end = reach.clock.elapsed() + seconds * 1000;
  for (;;) {
    reach.signal?.throwIfAborted();
    if ((await look()) || reach.clock.elapsed() > end) return;
    await reach.clock.wait(1000);
  }
}

/** Pods that a Deployment is to have, as its autoscaler says. */
async function podsOf({ reach }: RigContext, { deployment: name, namespace }: ScaledPool): Promise<number> {
  const deployment = await reach.mustRead({ apiVersion: "apps/v1", kind: "Deployment", name, namespace });
  return numberOf(at(deployment, "spec", "replicas")) ?? 1;
}
