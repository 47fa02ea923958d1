import { RegistryProblem } from "./problem";
import type { Manifest, Registry } from "./registry";
import type { Target } from "./target";

/** How often a registry is asked for a manifest that may not be there yet. */
export interface ProbeBudget {
  /** How many times it is asked. */
  attempts: number;
  /** Seconds between two of them; longer where the registry says so. */
  sleepSeconds: number;
}

/** What a probe needs of the world. */
export interface ProbeWorld {
  /** Lets that many milliseconds pass. */
  wait: (milliseconds: number) => Promise<void>;
  /** Told of each attempt that has failed and is made again. */
  onRetry?: (retry: Retry) => void;
}

/** An attempt that failed. */
export interface Retry {
  attempt: number;
  of: number;
  reason: string;
  /** Seconds until the next one. */
  seconds: number;
}

/** No registry is left alone for longer, whatever it says; seconds. */
const LONGEST_WAIT = 300;

/**
 * Asks a registry for the manifest of an image until it is there: a tag may be published before its manifest can be pulled.
 *
 * @returns the manifest, proven by its digest
 * @throws RegistryProblem of the last attempt
 */
export async function probe(
  registry: Registry,
  { version }: Pick<Target, "version">,
  { attempts, sleepSeconds }: ProbeBudget,
  { wait, onRetry }: ProbeWorld,
): Promise<Manifest> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const digest = await registry.head(version);
      // By its digest, so that the tag cannot move in between.
      return await registry.manifest(digest ?? version);
    } catch (error) {
      if (!(error instanceof RegistryProblem)) throw error;
      if (!error.passes || attempt >= attempts) throw told(error, attempt);
      const seconds = Math.min(Math.max(sleepSeconds, error.retryAfter ?? 0), LONGEST_WAIT);
      onRetry?.({ attempt, of: attempts, reason: error.message, seconds });
      await wait(seconds * 1000);
    }
  }
}

function told({ kind, message, retryAfter }: RegistryProblem, attempts: number): RegistryProblem {
  const asked = attempts === 1 ? "" : ` (asked ${attempts} times)`;
  return new RegistryProblem(kind, `${message}${asked}`, retryAfter);
}
