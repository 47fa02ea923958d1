import { UserError } from "../../stacks/errors";

/** Time, as a run has it. */
export interface Clock {
  now(): Date;
  /** Milliseconds that only grow. */
  elapsed(): number;
  /** Lets that many milliseconds pass. */
  wait(milliseconds: number): Promise<void>;
}

/** What is waited for, and for how long. */
export interface Waiting {
  /** As in "waited for …": `the pods of Deployment noetl/noetl-worker to be gone`. */
  what: string;
  seconds: number;
  /** Milliseconds between two looks. Default: 1000. */
  every?: number;
}

/** The time is over. */
export class InVain extends UserError {}

/** Remembers what was last seen, so that a wait that ends in vain can say it. */
export type Tell = (seen: string) => void;

/**
 * Looks again and again until there is something.
 *
 * @param look gives undefined when it is to look again
 * @param signal ends the wait
 * @throws InVain when the time is over: what was waited for, and what was seen last
 */
export async function waitFor<T>(
  { what, seconds, every = 1000 }: Waiting,
  look: (tell: Tell) => Promise<T | undefined>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<T> {
  const end = clock.elapsed() + seconds * 1000;
  let seen = "";
  for (;;) {
    signal?.throwIfAborted();
    const found = await look((text) => {
      seen = text;
    });
    if (found !== undefined) return found;
    if (clock.elapsed() >= end)
      throw new InVain(
        `waited ${Math.round(10 * seconds) / 10} s for ${what}, in vain${seen === "" ? "" : `; last seen: ${seen}`}`,
      );
    await clock.wait(every);
  }
}
