import { UserError } from "../../stacks/errors";
import type { Json } from "../../preview/graph";
import type { RigContext } from "./context";
import { type Fixture, playbookOf } from "./fixtures/playbook";
import type { Resolved } from "./judging/references";
import type { NoetlClient } from "./noetl";
import { type EventRow, eventOf, EVENTS_SQL } from "./reading/events";
import { executionState } from "./reading/status";
import type { Session } from "./sql";

/** Seconds that an execution of a fixture may take. */
const SECONDS = 180;

/** Looks after which the last step counts as the end: the answer of the server in Python may stay behind its event log. */
const LAST_STEP_LOOKS = 30;

/** Registers a fixture and starts it. @returns the id of its execution */
export async function start(noetl: NoetlClient, fixture: Fixture): Promise<bigint> {
  const playbook = playbookOf(fixture);
  await noetl.register(playbook);
  return noetl.execute(playbook.path);
}

/**
 * Waits until an execution has ended, well or not: what it has left says which. One that stays at its last step is looked
 * at all the same.
 *
 * @throws UserError when it does not end
 */
export async function ended(context: RigContext, noetl: NoetlClient, execution: bigint): Promise<void> {
  const id = execution.toString();
  let looks = 0;
  const last = await context.waitFor({ what: `execution ${id} to end`, seconds: SECONDS }, async (tell) => {
    const found = executionState(await noetl.json({ path: `/api/executions/${id}/status` }));
    tell(`${found.state}${found.step === undefined ? "" : `, at step ${found.step}`}`);
    looks = found.step === "done" ? looks + 1 : 0;
    return found.state !== "running" || looks >= LAST_STEP_LOOKS ? found : undefined;
  });
  context.note(`execution ${id}: ${last.state === "running" ? "at its last step" : last.state}`);
}

/** The events of an execution. */
export async function eventsOf(context: RigContext, execution: bigint): Promise<EventRow[]> {
  const rows = await ownDatabase(context, ({ query }) => query(EVENTS_SQL, [execution.toString()]));
  return rows.map((row) => eventOf(row as Record<string, Json>));
}

/** Works with the platform's database, as the platform's own role. */
export function ownDatabase<T>(context: RigContext, work: (session: Session) => Promise<T>): Promise<T> {
  const { postgres } = context.platform;
  if (postgres === undefined) throw new UserError("the database is not in this cluster");
  return context.database(postgres.own, postgres.database, work);
}

/** What the result store gives for a reference; undefined without one. */
export async function resolved(noetl: NoetlClient, ref: string | undefined): Promise<Resolved | undefined> {
  if (ref === undefined) return undefined;
  const { status, text } = await noetl.ask({ path: `/api/result/resolve?ref=${encodeURIComponent(ref)}` });
  return { status, text };
}
