import { FLIGHT_PORT } from "../../../components/noetl/python-server-manifests";
import { UserError } from "../../../stacks/errors";
import { assertion } from "../assertion";
import type { RigContext } from "../context";
import { ended, start } from "../execution";
import { flightTls as fixture } from "../fixtures/flight-tls";
import { type Caller, callFlight } from "../flight/call";
import type { FlightTrust } from "../flight/secrets";
import { type Callers, flightNeeds, hasOwnTrust, ownTrust, turnOff, turnOn } from "../flight/trust";
import { type Fate, type FlightCall, judgeCalls } from "../judging/flight";
import { type FetchReading, judgeFetch, judgeFetchMetrics, judgeProducer, PRODUCER } from "../judging/result-fetch";
import { NoetlClient } from "../noetl";
import { PIN_CHANGE, pinToRust } from "../pin";
import { eventLogNeeds, pythonServerNeeds, pythonServerOf, rustPoolNeeds, scrapeRust } from "../pools";
import { readFetches } from "../read-fetches";
import type { Scrape } from "../reading/growth";
import type { Rig } from "../rig";

const FETCH = "fetch_via_flight_secure";

/** Flight with everything that it can demand of its clients. */
export const flightTls: Rig = {
  name: "flight-tls",
  summary: "workers fetch over Flight with TLS, a client's certificate and a token, and nobody without them does",
  proves: [
    "Flight gives no answer in plain text, without a client's certificate, and to one that another authority has signed",
    "it answers UNAUTHENTICATED without a token and to a wrong one, and serves who has certificate and token",
    "tool result_fetch gets a result of 6000 rows that way",
  ],
  changes: [
    "Secrets noetl-verify-flight-tls, -bearer and -client, with certificates of an authority of this run's own; unless noetl:flight has all of it on already",
    "the Python server and the Rust worker pools, which get them and are restarted twice",
    PIN_CHANGE,
  ],
  leaves: ["playbook tests/fixtures/flight_tls_validation with one execution: the event log only grows"],
  needs: (platform) => [
    ...pythonServerNeeds(platform, "it alone serves Arrow Flight"),
    ...rustPoolNeeds(platform),
    ...eventLogNeeds(platform),
    ...flightNeeds(platform),
  ],
  steps: (platform) => {
    const playbook = fixture(platform.namespace);
    let callers: Callers | undefined;
    let before: Scrape = [];
    let execution = 0n;
    let reading: Promise<FetchReading> | undefined;
    const server = (context: RigContext) => new NoetlClient(context.reach, pythonServerOf(platform));
    const read = (context: RigContext): Promise<FetchReading> =>
      (reading ??= readFetches(context, server(context), { execution, steps: [PRODUCER, FETCH], before }));
    return [
      ...pinToRust(platform),
      hasOwnTrust(platform)
        ? {
            phase: "wait",
            title: "read the certificate and the token that the stack gives its workers",
            run: async (context) => {
              callers = await ownTrust(context);
            },
          }
        : {
            phase: "apply",
            title: "turn on TLS, client certificates and tokens",
            run: async (context) => {
              callers = await turnOn(context);
            },
          },
      {
        phase: "run",
        title: `execute ${playbook.path}`,
        run: async (context) => {
          before = await scrapeRust(context);
          execution = await start(server(context), playbook);
        },
      },
      { phase: "run", title: "wait for its end", run: (context) => ended(context, server(context), execution) },
      assertion("Flight serves who has certificate and token, and nobody else", async (context) =>
        judgeCalls(await callAs(context, callers)),
      ),
      assertion("the large result is in the result store", async (context) => judgeProducer(await read(context))),
      assertion(`${FETCH} has got the same rows`, async (context) => judgeFetch(FETCH, await read(context))),
      assertion("the workers have counted it", async (context) => judgeFetchMetrics(await read(context), 1)),
    ];
  },
  off: () => [
    { phase: "apply", title: "take away what a lost run has left", run: (context: RigContext) => turnOff(context) },
  ],
};

/** Calls Flight in every way that somebody might. */
async function callAs(context: RigContext, callers: Callers | undefined): Promise<FlightCall[]> {
  if (callers === undefined) throw new UserError("Flight was not turned on");
  const { known, stranger } = callers;
  const { token } = known;
  const tls = ({ ca, serverName, certificate, key }: FlightTrust) => ({ ca, serverName, certificate, key });
  const nobody = { ca: known.ca, serverName: known.serverName };
  const ways: [string, Fate, Caller][] = [
    ["in plain text", "cut off", { token }],
    ["without a certificate", "cut off", { tls: nobody, token }],
    ["with another authority's certificate", "cut off", { tls: tls(stranger), token }],
    ["with its certificate and no token", "unknown", { tls: tls(known) }],
    ["with its certificate and another token", "unknown", { tls: tls(known), token: `${token}0` }],
    ["with its certificate and its token", "served", { tls: tls(known), token }],
  ];
  const { port } = await context.reach.forward({ ...pythonServerOf(context.platform), port: FLIGHT_PORT });
  const calls: FlightCall[] = [];
  for (const [caller, fate, how] of ways) calls.push({ caller, fate, called: await callFlight(port, how) });
  return calls;
}
