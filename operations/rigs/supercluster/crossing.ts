import type { PlannedCluster } from "../../nats/plan";
import type { RigContext } from "../context";
import { openNats, type Nats } from "../nats";
import type { Evidence } from "../rig";
import { serverOf } from "./plan";

/** How long the interest of a subscriber may take to reach the other clusters, in seconds. */
const SECONDS = 20;
/** Milliseconds between two tries. */
const EVERY = 250;

/**
 * Sends a message from each cluster to a subscriber in each other one. Nothing is stored: the subject is no stream's.
 *
 * @param subject Begins with what no other run uses
 */
export async function crossingEvidence(
  context: RigContext,
  clusters: readonly PlannedCluster[],
  subject: string,
): Promise<Evidence[]> {
  const connections = new Map<string, Nats>();
  try {
    for (const cluster of clusters) connections.set(cluster.name, await openNats(context.reach, serverOf(cluster)));
    const evidence: Evidence[] = [];
    for (const [to, subscriber] of connections) {
      for (const [from, publisher] of connections) {
        if (from !== to)
          evidence.push(await cross(context, { from, publisher, to, subscriber, subject: `${subject}.${from}.${to}` }));
      }
    }
    return evidence;
  } finally {
    await Promise.all([...connections.values()].map((connection) => connection.close()));
  }
}

interface Crossing {
  from: string;
  publisher: Nats;
  to: string;
  subscriber: Nats;
  subject: string;
}

async function cross(
  { reach: { clock, signal } }: RigContext,
  { from, publisher, to, subscriber, subject }: Crossing,
): Promise<Evidence> {
  let arrived: string | undefined;
  const subscription = subscriber.subscribe(subject, {
    callback: (_, message) => {
      arrived ??= message.string();
    },
  });
  // The subscriber's own server knows of it now; the others learn it as their links have it.
  await subscriber.flush();
  const begin = clock.elapsed();
  for (let tries = 1; arrived === undefined && clock.elapsed() - begin < SECONDS * 1000; tries++) {
    signal?.throwIfAborted();
    publisher.publish(subject, `${from} to ${to}, ${tries}`);
    await publisher.flush();
    await clock.wait(EVERY);
  }
  subscription.unsubscribe();
  return {
    what: `message from cluster ${from} to cluster ${to}`,
    expected: `arrives within ${SECONDS} s`,
    seen: arrived === undefined ? "nothing came" : `"${arrived}" came`,
    ok: arrived?.startsWith(`${from} to ${to}, `) === true,
  };
}
