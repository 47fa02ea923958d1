import { MONITORING_PORT } from "../../../components/nats/facts";
import { ask, type Answer } from "../../nats/monitoring";
import type { PlannedCluster } from "../../nats/plan";
import type { RigContext } from "../context";
import type { Evidence } from "../rig";
import { linkEvidence, type SuperclusterLinks } from "./links";

/** How long servers may take to know each other after a change, in seconds. */
const GOSSIP = 120;

/** Asks one server everything. */
export async function askServer({ reach }: RigContext, { namespace }: PlannedCluster, pod: string): Promise<Answer> {
  const place = `${namespace}/${pod}`;
  try {
    const forward = await reach.forward({ kind: "Pod", name: pod, namespace, port: MONITORING_PORT });
    const answer = await ask(place, forward.url);
    return typeof answer.report === "string" ? { place, report: forward.problem() ?? answer.report } : answer;
  } catch (error) {
    reach.signal?.throwIfAborted();
    return { place, report: (error as Error).message };
  }
}

/**
 * What all servers say of their links, as soon as all is as planned, or as it is when that has not come to be in time.
 *
 * @param seconds Default: what servers need after a change
 */
export async function settledLinks(
  context: RigContext,
  links: SuperclusterLinks,
  seconds = GOSSIP,
): Promise<Evidence[]> {
  const { clock, signal } = context.reach;
  const end = clock.elapsed() + seconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    const answers = await Promise.all(
      links.clusters.flatMap((cluster) => cluster.servers.map((server) => askServer(context, cluster, server))),
    );
    const evidence = linkEvidence(links, answers);
    if (evidence.every(({ ok }) => ok) || clock.elapsed() > end) return evidence;
    await clock.wait(1000);
  }
}
