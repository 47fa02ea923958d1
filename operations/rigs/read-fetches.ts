import type { RigContext } from "./context";
import { eventsOf, resolved } from "./execution";
import { referenceOf, type Resolved } from "./judging/references";
import type { FetchReading } from "./judging/result-fetch";
import type { NoetlClient } from "./noetl";
import { scrapeRust } from "./pools";
import { stepResult } from "./reading/events";

/** Reads what an execution has left whose steps fetch each other's results. */
export async function readFetches(
  context: RigContext,
  noetl: NoetlClient,
  { execution, steps, before }: { execution: bigint; steps: readonly string[]; before: FetchReading["before"] },
): Promise<FetchReading> {
  const events = await eventsOf(context, execution);
  const stored = new Map<string, Resolved>();
  for (const step of steps) {
    const found = await resolved(noetl, referenceOf(stepResult(events, step)));
    if (found !== undefined) stored.set(step, found);
  }
  return { execution: execution.toString(), events, resolved: stored, before, after: await scrapeRust(context) };
}
