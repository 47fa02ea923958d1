import { assertion } from "../assertion";
import type { RigContext } from "../context";
import { ended, start } from "../execution";
import { RESULT_FETCH } from "../fixtures/result-fetch";
import { type FetchReading, judgeFetch, judgeFetchMetrics, judgeProducer, PRODUCER } from "../judging/result-fetch";
import { NoetlClient } from "../noetl";
import { PIN_CHANGE, pinToRust } from "../pin";
import { eventLogNeeds, pythonServerNeeds, pythonServerOf, rustPoolNeeds, scrapeRust } from "../pools";
import { readFetches } from "../read-fetches";
import type { Scrape } from "../reading/growth";
import type { Rig } from "../rig";

const STEPS = ["fetch_via_flight", "fetch_via_http"];

/** A step of a playbook fetches a large result, over Arrow Flight and over HTTP. */
export const resultFetch: Rig = {
  name: "result-fetch",
  summary: "steps fetch a large result over Arrow Flight and over HTTP",
  proves: [
    "a result of 6000 rows is stored, and its event has a reference that tells its SHA-256",
    "tool result_fetch gets just these rows by the reference, over Flight and over HTTP, and stores them anew",
    "the workers' metrics count the tool's runs, and no failure",
  ],
  changes: [PIN_CHANGE],
  leaves: ["playbook tests/fixtures/result_fetch_validation with one execution: the event log only grows"],
  needs: (platform) => [
    ...pythonServerNeeds(platform, "it alone serves Arrow Flight and starts steps of tool result_fetch"),
    ...rustPoolNeeds(platform),
    ...eventLogNeeds(platform),
  ],
  steps: (platform) => {
    let before: Scrape = [];
    let execution = 0n;
    let reading: Promise<FetchReading> | undefined;
    const server = (context: RigContext) => new NoetlClient(context.reach, pythonServerOf(platform));
    const read = (context: RigContext): Promise<FetchReading> =>
      (reading ??= readFetches(context, server(context), { execution, steps: [PRODUCER, ...STEPS], before }));
    return [
      ...pinToRust(platform),
      {
        phase: "run",
        title: `execute ${RESULT_FETCH.path}`,
        run: async (context) => {
          before = await scrapeRust(context);
          execution = await start(server(context), RESULT_FETCH);
        },
      },
      { phase: "run", title: "wait for its end", run: (context) => ended(context, server(context), execution) },
      assertion("the large result is in the result store", async (context) => judgeProducer(await read(context))),
      ...STEPS.map((step) =>
        assertion(`${step} has got the same rows`, async (context) => judgeFetch(step, await read(context))),
      ),
      assertion("the workers have counted it", async (context) => judgeFetchMetrics(await read(context), STEPS.length)),
    ];
  },
};
