import { MONITORING_PORT } from "../../../components/nats/facts";
import { NOETL_USER } from "../../../components/nats/accounts";
import { UserError } from "../../../stacks/errors";
import { natsPlan } from "../../nats/plan";
import { assertion } from "../assertion";
import type { RigContext } from "../context";
import { ended, eventsOf, ownDatabase, start } from "../execution";
import { ROUTING } from "../fixtures/routing";
import { judgeRouting, type RoutingReading, type Segment } from "../judging/routing";
import { serverNeeds } from "../needs";
import { describe } from "../noetl";
import type { Platform } from "../platform";
import { eventLogNeeds, segmentOf } from "../pools";
import { deliveriesIn } from "../reading/deliveries";
import type { Endpoint } from "../reach";
import type { Need, Rig } from "../rig";

const SEGMENTS: readonly Segment[] = ["system", "shared"];

/** The path of a playbook decides which workers get its commands. */
export const systemPoolRouting: Rig = {
  name: "system-pool-routing",
  summary: "commands of playbooks below system/ go to the system pool, and nowhere else",
  proves: [
    "a command of playbook system/routing_test is delivered to the consumer of the system pool and not to the shared one, and a pod of the system pool claims it",
    "a command of playbook tests/fixtures/routing_test is delivered to the shared consumer, and a pod of a shared pool claims it",
  ],
  changes: [],
  leaves: ["both playbooks with one execution each: the event log only grows"],
  needs: (platform) => [...serverNeeds(platform), ...eventLogNeeds(platform), ...consumerNeeds(platform)],
  steps: (platform) =>
    SEGMENTS.flatMap((segment) => {
      const { path, steps } = ROUTING[segment];
      let before: RoutingReading["before"] = { system: undefined, shared: undefined };
      let execution = 0n;
      return [
        {
          phase: "run" as const,
          title: `execute ${path}`,
          run: async (context: RigContext) => {
            before = await deliveries(context);
            execution = await start(context.noetl, ROUTING[segment]);
            await ended(context, context.noetl, execution);
          },
        },
        assertion(`its command came to the ${segment} consumer`, async (context) => {
          const after = await deliveries(context);
          const reading = {
            ...{ segment, path, step: steps[0]?.name ?? "", before, after },
            events: await eventsOf(context, execution),
            others: await othersSince(context, execution),
            workers: { system: poolsOf(platform, "system"), shared: poolsOf(platform, "shared") },
          };
          return judgeRouting(reading);
        }),
      ];
    }),
};

function poolsOf(platform: Platform, segment: Segment): string[] {
  return segmentOf(platform, segment)?.pools ?? [];
}

function consumerNeeds(platform: Platform): Need[] {
  const missing = SEGMENTS.filter((segment) => segmentOf(platform, segment) === undefined);
  return [
    ...missing.map((segment) => ({ unmet: `no worker pool of the stack takes commands of segment ${segment}` })),
    ...(serversOf(platform).length === 0 ? [{ unmet: "NATS is not in this cluster, and the rig asks it" }] : []),
  ];
}

/** Monitoring of each server of the platform's own NATS. */
function serversOf({ graph, config }: Platform): Endpoint[] {
  const [own] = natsPlan(graph, config).clusters.filter(({ namespace }) => namespace === "nats");
  return (own?.servers ?? []).map((name) => ({
    kind: "Pod",
    name,
    namespace: own?.namespace ?? "",
    port: MONITORING_PORT,
  }));
}

/** Deliveries to both consumers; of several servers the one knows that leads the consumer, and the others know less. */
async function deliveries(context: RigContext): Promise<RoutingReading["before"]> {
  const answers = await Promise.all(
    serversOf(context.platform).map(async (server) => {
      const path = "/jsz?accounts=true&streams=true&consumers=true";
      const answer = await context.ask(server, { path });
      if (answer.json === undefined) throw new UserError(`${path} of ${server.name}: ${describe(answer)}`);
      return answer.json;
    }),
  );
  const of = (segment: Segment): number | undefined => {
    const place = segmentOf(context.platform, segment);
    const known = answers.flatMap((jsz) => (place && deliveriesIn(jsz, { ...place, ...NOETL_USER })) ?? []);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  return { system: of("system"), shared: of("shared") };
}

/** Commands of other executions since an execution began: ids grow with time. */
async function othersSince(context: RigContext, execution: bigint): Promise<number> {
  const rows = await ownDatabase(context, ({ query }) =>
    query(
      `SELECT count(*)::int AS others FROM noetl.event
       WHERE event_type = 'command.issued' AND event_id > $1 AND execution_id <> $1`,
      [execution.toString()],
    ),
  );
  return Number(rows[0]?.others ?? 0);
}
