import { randomBytes } from "node:crypto";
import type { RigContext } from "../context";
import type { Platform } from "../platform";
import type { Evidence, Need, Rig, Step } from "../rig";
import { stating } from "../state";
import { crossingEvidence } from "../supercluster/crossing";
import { deliveryEvidence } from "../supercluster/delivery";
import { drill, type Drilled, mayNotGo } from "../supercluster/drill";
import type { SuperclusterLinks } from "../supercluster/links";
import { settledLinks } from "../supercluster/monitored";
import { superclusterOf } from "../supercluster/plan";

export const supercluster: Rig = {
  name: "supercluster",
  summary: "the clusters of NATS know each other as planned, pass messages on, and lose none with a server",
  proves: [
    "Each server has its routes, its gateways or leafnode links, and its meta group one leader, as the stack's topology says",
    "A message from each cluster reaches a subscriber in each other one",
    "What was acknowledged while the server that leads a stream was away is stored, once and in order",
    "The cluster heals by itself",
  ],
  changes: [
    "Makes a stream of three copies (at most 8 MiB), and deletes it",
    "Evicts the pod that leads it, where the disruption budget allows that; its StatefulSet makes it again",
  ],
  needs: (platform: Platform): Need[] => {
    const links = superclusterOf(platform);
    if (links === undefined)
      return [{ unmet: "the stack has no supercluster: noetl:natsSupercluster.topology is none" }];
    return links.clusters.map(({ statefulSet: name, namespace }) => ({
      object: { apiVersion: "apps/v1", kind: "StatefulSet", name, namespace },
    }));
  },
  steps: (platform: Platform): Step[] => {
    const links = superclusterOf(platform);
    if (links === undefined) return [];
    const run = randomBytes(5).toString("hex");
    let before: Evidence[] = [];
    let crossed: Evidence[] = [];
    let drilled: Drilled | undefined;
    let after: Evidence[] = [];
    return [
      {
        phase: "wait",
        title: "ask every server for its links",
        run: async (context) => {
          before = await settledLinks(context, links);
        },
      },
      {
        phase: "run",
        title: "send a message from each cluster to each other one",
        run: async (context) => {
          crossed = await crossingEvidence(context, links.clusters, `verify.${run}`);
        },
      },
      {
        phase: "run",
        title: "lose a server while messages are published",
        run: async (context) => {
          // Where a link is missing already, to take a server away would only do harm.
          const outcome = before.every(({ ok }) => ok)
            ? await loseOne(context, links, run)
            : "the links are not as planned";
          if (typeof outcome === "string") context.note(`no server was taken away: ${outcome}`);
          else {
            drilled = outcome;
            after = await settledLinks(context, links);
          }
        },
      },
      stating("the links are as the stack plans them", () => before),
      stating("messages cross", () => crossed),
      stating("nothing that was acknowledged is lost", () =>
        drilled === undefined ? [] : deliveryEvidence(drilled.published, drilled.stored, drilled.during),
      ),
      stating("the cluster has healed", () =>
        after.map(({ what, ...rest }) => ({ what: `after the loss, ${what}`, ...rest })),
      ),
    ];
  },
};

/** Servers of a cluster that can lose one. */
const ENOUGH = 3;

/** Drills the first cluster whose meta leader may place a stream in it. @returns why there is none */
async function loseOne(context: RigContext, { clusters }: SuperclusterLinks, run: string): Promise<Drilled | string> {
  const enough = clusters.filter(({ servers }) => servers.length >= ENOUGH);
  const spent = await mayNotGo(context, enough);
  if (spent !== undefined) return spent;
  let reason = `no cluster has ${ENOUGH} servers`;
  for (const cluster of enough) {
    const outcome = await drill(context, cluster, run);
    if (typeof outcome !== "string") return outcome;
    reason = outcome;
  }
  return reason;
}
