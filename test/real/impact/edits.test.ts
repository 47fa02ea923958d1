import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { fingerprintKey } from "../../../preview/fingerprints";
import { manifestOf, type Manifest, type Resource, type ResourceGraph } from "../../../preview/graph";
import { impactBetween, type Impact, type ResourceImpact } from "../../../preview/impact";
import { KNOWLEDGE } from "../../../preview/impact/knowledge";
import { renderStack } from "../../../preview/render";
import { edited, editsOf, impactLines, titleOf } from "../../preview/impact/edits";
import { type Cluster, startCluster } from "../cluster/cluster";
import { clear, deploy, foreignNamespaces, makeNamespaces } from "../stacks/deployment";
import { manifestsOf, readable } from "../stacks/objects";
import { clusterImpossible, describeUnless } from "../stacks/requirements";
import type { KubeClient } from "../support/kube";
import { type KubeObject, refOf } from "../support/objects";

/*
 * What the report says of each edit of the corpus, against what a real API server and its controllers do with the objects
 * of that edit: what is refused in place, and which workloads get another revision of their pods.
 */

/** Rows that Pulumi's provider has for itself: Kubernetes would take the edit. */
const PULUMI_ONLY = KNOWLEDGE.filter(({ sources }) => sources.every((source) => source === "pulumi-diff")).map(
  ({ id }) => id,
);

const KEY = fingerprintKey();

describeUnless(clusterImpossible(), "the impact of edits", () => {
  let cluster: Cluster | undefined;
  let kube: KubeClient;

  beforeAll(async () => {
    cluster = await startCluster({ crds: true });
    kube = cluster.kube;
  });

  afterAll(() => cluster?.stop());

  describe.each(["gke", "kind"] as const)("of stack %s", (stack) => {
    let base: ResourceGraph;
    let objects: Manifest[];

    beforeAll(async () => {
      const settings = edited({ stack, set: {} });
      base = await renderStack(settings, KEY);
      objects = readable(manifestsOf(base), cluster?.crds.missing ?? []);
      await makeNamespaces(kube, foreignNamespaces(settings.config, objects));
      await deploy(kube, objects);
      await Promise.all(objects.filter(isRolling).map((object) => revisionOf(object)));
    });

    afterAll(() => clear(kube, objects));

    it.each(editsOf(stack).map((edit) => ({ edit, title: titleOf(edit) })))("$title", async ({ edit }) => {
      const after = await renderStack(edited(edit), KEY);
      const report = impactBetween(base, after, { stack, before: "before", after: "after" });
      expect(impactLines(report)).toStrictEqual(edit.impact);

      const seen: string[] = [];
      const expected: string[] = [];
      for (const impact of report.resources) {
        const said = outcomeOf(impact);
        const [was, is] = [inGraph(base, impact), inGraph(after, impact)];
        if (said === undefined || !is || readable([is], cluster?.crds.missing ?? []).length === 0) continue;
        expected.push(`${said} ${impact.kind} ${impact.name}`);
        seen.push(`${await happens(was, is)} ${impact.kind} ${impact.name}`);
      }

      expect(seen).toStrictEqual(expected);
    });

    /** Sends an edit in place, looks at what happens, and takes it back. */
    async function happens(before: Manifest | undefined, after: Manifest): Promise<string> {
      if (before?.metadata.name !== after.metadata.name) {
        const { created } = await kube.apply(after, { dryRun: true });
        return created ? "new" : "there already";
      }
      try {
        await kube.apply(after, { dryRun: true, force: true });
      } catch {
        return "refused";
      }
      if (!isRolling(before)) return "taken";
      const old = await revisionOf(before);
      await kube.apply(after, { force: true });
      const now = await revisionOf(after);
      await kube.apply(before, { force: true });
      await revisionOf(before);
      return now === old ? "taken" : "new pods";
    }

    /** What the controller has made of a workload's pod template, once it has seen the latest one. */
    async function revisionOf(object: Manifest): Promise<string> {
      const { metadata, status } = await kube.until<Workload>(
        refOf(object),
        (live) =>
          (live.status?.observedGeneration ?? 0) >= (live.metadata.generation ?? 0) &&
          (live.kind === "StatefulSet" ? live.status?.updateRevision : live.metadata.annotations?.[REVISION]) !==
            undefined,
      );
      return status?.updateRevision ?? metadata.annotations?.[REVISION] ?? "";
    }
  });
});

const REVISION = "deployment.kubernetes.io/revision";

interface Workload extends KubeObject {
  status?: { observedGeneration?: number; updateRevision?: string };
}

function isRolling({ kind }: Manifest): boolean {
  return kind === "Deployment" || kind === "StatefulSet";
}

/** What the API server should be seen to do; undefined where there is nothing to send. */
function outcomeOf({ change, effects, kind }: ResourceImpact): string | undefined {
  if (change === "added") return "new";
  if (change !== "changed" || kind === "Secret") return undefined;
  const has = (impact: Impact): boolean => effects.some((effect) => effect.impact === impact);
  if (has("replace")) {
    const rules = effects.flatMap(({ impact, rule }) => (impact === "replace" ? (rule ?? []) : []));
    if (rules.includes("identity")) return "new";
    return rules.every((rule) => PULUMI_ONLY.includes(rule)) ? "taken" : "refused";
  }
  if (has("refused")) return "refused";
  return has("rolling-restart") ? "new pods" : "taken";
}

function inGraph(graph: ResourceGraph, { urn }: ResourceImpact): Manifest | undefined {
  const resource = graph.resources.find((one: Resource) => one.urn === urn);
  return resource && manifestOf(resource);
}
