import type { HttpAnswer } from "./http";
import { type Load, requestsOf } from "./judging/load";
import type { Clock } from "./wait";

/** What became of a load. */
export interface Sent {
  sent: number;
  /** How many answers of each status; 0: none came. */
  answers: Map<number, number>;
  /** Milliseconds from the first request to the last answer. */
  took: number;
  /** Milliseconds of each answer. */
  durations: number[];
}

/** Requests that wait for their answers at once; when all do, the load is late rather than more of them. */
const AT_ONCE = 50;

/**
 * Sends a load evenly: no more requests a second than it allows, none after its seconds, and never more than its total.
 *
 * @param signal ends it
 */
export async function sendLoad(
  load: Load,
  send: () => Promise<HttpAnswer>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Sent> {
  const begin = clock.elapsed();
  const sent: Sent = { sent: 0, answers: new Map(), took: 0, durations: [] };
  const most = requestsOf(load);
  const interval = 1000 / load.rate;
  // A load that was late does not catch up: that would be more a second than allowed.
  let due = 0;
  const one = async (): Promise<void> => {
    const start = clock.elapsed();
    const status = await send().then(
      (answer) => answer.status,
      () => 0,
    );
    const end = clock.elapsed();
    sent.answers.set(status, (sent.answers.get(status) ?? 0) + 1);
    sent.durations.push(end - start);
    sent.took = end - begin;
  };
  const sender = async (): Promise<void> => {
    for (;;) {
      signal?.throwIfAborted();
      const now = clock.elapsed() - begin;
      if (sent.sent >= most || now >= load.seconds * 1000) return;
      if (due > now) {
        await clock.wait(due - now);
        continue;
      }
      due = now + interval;
      sent.sent += 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, most) }, sender));
  return sent;
}
