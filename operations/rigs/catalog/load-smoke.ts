import type { Json } from "../../../preview/graph";
import { UserError } from "../../../stacks/errors";
import { assertion } from "../assertion";
import type { RigContext } from "../context";
import { ended, ownDatabase, start } from "../execution";
import { ROUTING } from "../fixtures/routing";
import { judgeLoad, loadOf, LOAD_EVENT, LOAD_SETTINGS, type LoadReading, paceOf } from "../judging/load";
import { sendLoad } from "../load-sender";
import { serverNeeds } from "../needs";
import { eventLogNeeds } from "../pools";
import type { Rig } from "../rig";

/** Step that the events name; no playbook has it. */
const STEP = "load_smoke";

/** Seconds until all events must be in the database: with the flip they go over the stream. */
const STORE_SECONDS = 60;

/** The server takes events at a rate, and loses none. */
export const loadSmoke: Rig = {
  name: "load-smoke",
  summary: "the server takes a bounded load of events, and loses none of them",
  proves: [
    "every event of the load is accepted, written to the event log and counted in the server's metrics",
    "no more is sent than its settings say, whose bounds nobody exceeds",
  ],
  changes: [],
  leaves: ["playbook tests/fixtures/routing_test with one execution, and the load's events in it: the log only grows"],
  needs: (platform) => [...serverNeeds(platform), ...eventLogNeeds(platform)],
  settings: LOAD_SETTINGS,
  steps: (_, settings) => {
    const load = loadOf(settings);
    let execution = 0n;
    let before: LoadReading["before"] = [];
    let sent: Awaited<ReturnType<typeof sendLoad>> | undefined;
    return [
      {
        phase: "run",
        title: "execute a playbook, for events to belong to",
        run: async (context) => {
          execution = await start(context.noetl, ROUTING.shared);
          await ended(context, context.noetl, execution);
        },
      },
      {
        phase: "run",
        title: `send up to ${load.total} events, ${load.rate} a second, for ${load.seconds} s`,
        run: async (context) => {
          before = await context.noetl.metrics();
          const body = eventOf(execution);
          const send = () => context.noetl.ask({ method: "POST", path: "/api/events", body });
          sent = await sendLoad(load, send, context.reach.clock, context.reach.signal);
        },
      },
      assertion("no event is lost", async (context) => {
        if (sent === undefined) throw new UserError("nothing was sent");
        const stored = await storedEvents(context, execution, sent.answers.get(200) ?? 0);
        const reading = { load, ...sent, stored, before, after: await context.noetl.metrics() };
        context.note(paceOf(reading));
        return judgeLoad(reading);
      }),
    ];
  },
};

function eventOf(execution: bigint): Json {
  return {
    execution_id: execution.toString(),
    step: STEP,
    event_type: LOAD_EVENT,
    payload: { status: "OK" },
    actionable: false,
    informative: true,
  };
}

/** Rows that the load has left; waits until there are as many as expected, or it is too late. */
async function storedEvents(context: RigContext, execution: bigint, expected: number): Promise<number> {
  const count = async (): Promise<number> => {
    const rows = await ownDatabase(context, ({ query }) =>
      query(
        "SELECT count(*)::int AS stored FROM noetl.event WHERE execution_id = $1 AND node_name = $2 AND event_type = $3",
        [execution.toString(), STEP, LOAD_EVENT],
      ),
    );
    return Number(rows[0]?.stored ?? 0);
  };
  if (context.platform.config.server.flip !== "on") return count();
  let stored = await count();
  const end = context.reach.clock.elapsed() + STORE_SECONDS * 1000;
  while (stored < expected && context.reach.clock.elapsed() < end) {
    await context.reach.clock.wait(1000);
    stored = await count();
  }
  return stored;
}
