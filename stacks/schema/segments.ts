/**
 * Parts of the command stream: the server sends every command to `SUBJECT.SEGMENT.EXECUTION`. `own` is any other part,
 * named by the pool itself; segment `system` is the system pool's.
 */
export const SEGMENTS = ["shared", "subscription", "python", "own"] as const;

/** What the consumers of the platform's segments begin with. */
const CONSUMER_PREFIX = "noetl_worker_pool";

/** The settings of a pool that say which commands it takes. */
export interface PoolRouting {
  runtime: "rust" | "python";
  segment: (typeof SEGMENTS)[number];
  subject: string;
  consumer?: string | undefined;
  filterSubject?: string | undefined;
  segments: readonly string[];
}

/** A consumer and the subjects that it takes. */
export interface Route {
  consumer: string;
  filterSubject: string;
}

/** The consumers of a pool; those of a segment have the names that the platform's own manifests give them. */
export function routesOf({ runtime, segment, subject, consumer, filterSubject, segments }: PoolRouting): Route[] {
  if (runtime === "python") {
    return segments.map((each) => ({
      consumer: `${consumerPrefix(consumer)}_${each}`,
      filterSubject: `${subject}.${each}.>`,
    }));
  }
  return [
    {
      consumer: consumer ?? `${CONSUMER_PREFIX}_${segment}`,
      filterSubject: filterSubject ?? `${subject}.${segment}.>`,
    },
  ];
}

/** What the names of a Python pool's consumers begin with: the worker adds the segments itself. */
export function consumerPrefix(consumer: string | undefined): string {
  return consumer ?? CONSUMER_PREFIX;
}
