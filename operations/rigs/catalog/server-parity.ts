import { assertion } from "../assertion";
import type { RigContext } from "../context";
import { ended, start } from "../execution";
import { ROUTING } from "../fixtures/routing";
import type { HttpRequest } from "../http";
import { judgeParity } from "../judging/parity";
import { serverNeeds } from "../needs";
import { NoetlClient } from "../noetl";
import { executionRequests, PLATFORM_REQUESTS } from "../parity-requests";
import { pythonServerNeeds, pythonServerOf } from "../pools";
import type { Platform } from "../platform";
import type { Evidence, Rig } from "../rig";

/** The server in Rust answers as the one in Python does. */
export const serverParity: Rig = {
  name: "server-parity",
  summary: "the servers in Rust and Python give the same answers about the same database",
  proves: [
    "requests that only read are answered with the same status, fields and values; of moments and of a process's own numbers only the kind is compared",
  ],
  changes: [],
  leaves: ["playbook tests/fixtures/routing_test with one execution: the event log only grows"],
  needs: (platform) => [...serverNeeds(platform), ...pythonServerNeeds(platform, "there is nothing to compare with")],
  steps: (platform) => {
    let execution = 0n;
    const { path } = ROUTING.shared;
    return [
      {
        phase: "run",
        title: `execute ${path}, so that both have an execution to tell of`,
        run: async (context) => {
          execution = await start(context.noetl, ROUTING.shared);
          await ended(context, context.noetl, execution);
        },
      },
      assertion("both tell the same of the platform", (context) => compare(context, platform, PLATFORM_REQUESTS)),
      assertion("both tell the same of the execution", (context) =>
        compare(context, platform, executionRequests(execution, path)),
      ),
    ];
  },
};

async function compare(context: RigContext, platform: Platform, requests: readonly HttpRequest[]): Promise<Evidence[]> {
  const other = new NoetlClient(context.reach, pythonServerOf(platform));
  const found: Evidence[] = [];
  for (const request of requests) {
    const [python, rust] = await Promise.all([other.ask(request), context.noetl.ask(request)]);
    found.push(judgeParity({ request: `${request.method ?? "GET"} ${request.path}`, python, rust }));
  }
  return found;
}
