import { at, textOf } from "../../../preview/json";
import { assertion } from "../assertion";
import type { RigContext } from "../context";
import { ended, eventsOf, ownDatabase, resolved, start } from "../execution";
import { RUST_WORKER_R2 } from "../fixtures/rust-worker-r2";
import { referenceOf } from "../judging/references";
import { judgeInline, judgeLarge, judgeR2Metrics, judgeScrub, type R2Reading } from "../judging/rust-worker-r2";
import { serverNeeds } from "../needs";
import { PIN_CHANGE, pinToRust } from "../pin";
import { eventLogNeeds, rustPoolNeeds, scrapeRust } from "../pools";
import type { Scrape } from "../reading/growth";
import { stepResult } from "../reading/events";
import type { Rig } from "../rig";

/** Tables of the tiers that keep a row for each result: the server in Python's, and the one in Rust's. */
const TABLES: Readonly<Record<string, string>> = { disk: "noetl.result_ref", db: "noetl.result_store" };

/** What Rust workers do with results that are too large for an event, and with credentials in them. */
export const rustWorkerR2: Rig = {
  name: "rust-worker-r2",
  summary: "Rust workers store large results, name them as Arrow in shared memory, and hide credentials",
  proves: [
    "a result of 5 rows stands in its event, one of 6000 rows does not: its event has a reference",
    "the reference leads to all 6000 rows in the result store, and names them as Arrow in shared memory",
    "credentials are [REDACTED] in the event log and in the result store, and nothing else is",
    "the workers' metrics count what was claimed and stored",
  ],
  changes: [PIN_CHANGE],
  leaves: ["playbook tests/fixtures/rust_worker_r2_validation with one execution: the event log only grows"],
  needs: (platform) => [...serverNeeds(platform), ...rustPoolNeeds(platform), ...eventLogNeeds(platform)],
  steps: (platform) => {
    let before: Scrape = [];
    let execution = 0n;
    let reading: Promise<R2Reading> | undefined;
    const read = (context: RigContext): Promise<R2Reading> => (reading ??= readR2(context, execution, before));
    return [
      ...pinToRust(platform),
      {
        phase: "run",
        title: `execute ${RUST_WORKER_R2.path}`,
        run: async (context) => {
          before = await scrapeRust(context);
          execution = await start(context.noetl, RUST_WORKER_R2);
        },
      },
      { phase: "run", title: "wait for its end", run: (context) => ended(context, context.noetl, execution) },
      assertion("the small result stands in its event", async (context) => judgeInline(await read(context))),
      assertion("the large one is in the result store, and in shared memory as Arrow", async (context) =>
        judgeLarge(await read(context)),
      ),
      assertion("no credential got out", async (context) => judgeScrub(await read(context))),
      assertion("the workers have counted it", async (context) => judgeR2Metrics(await read(context))),
    ];
  },
};

async function readR2(context: RigContext, execution: bigint, before: Scrape): Promise<R2Reading> {
  const events = await eventsOf(context, execution);
  const big = stepResult(events, "big_select");
  const table = TABLES[textOf(at(big?.reference, "store")) ?? ""];
  const rows =
    table === undefined
      ? undefined
      : await ownDatabase(context, ({ query }) =>
          query(`SELECT 1 FROM ${table} WHERE execution_id = $1 AND name = 'big_select'`, [execution.toString()]),
        );
  return {
    execution: execution.toString(),
    events,
    resolved: await resolved(context.noetl, referenceOf(big)),
    storedRows: rows?.length,
    before,
    after: await scrapeRust(context),
  };
}
