import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { KNOWLEDGE } from "../../../preview/impact/knowledge";
import { type Cluster, startCluster } from "../cluster/cluster";
import { clusterImpossible, describeUnless } from "../stacks/requirements";
import type { KubeClient } from "../support/kube";
import { type KubeObject, refOf } from "../support/objects";
import { waitFor } from "../support/wait";
import { NAMESPACE, type Probe, PROBES } from "./probes";

/*
 * Every row of preview/impact/knowledge.ts against a real API server and its controllers: the edit is sent in place, as
 * Pulumi would send it if it did not know better.
 */

const WITH_PODS = ["Deployment", "StatefulSet", "DaemonSet"];

describe("the probes", () => {
  it("show each row of knowledge, in each of its kinds and fields", () => {
    const rows = KNOWLEDGE.flatMap(({ id, kinds, fields }) =>
      fields
        .filter((field) => field !== "metadata.namespace" && field !== "data")
        .map((field) => `${id} ${field} ${kinds.length}`),
    );
    const shown = new Set(PROBES.map(({ row, field }) => `${row} ${field}`));

    expect(rows.filter((row) => !shown.has(row.replace(/ \d+$/, "")))).toStrictEqual([]);
    const kinds = KNOWLEDGE.flatMap(({ id, kinds: all }) =>
      all.filter((kind) => kind !== "*").map((kind) => `${id} ${kind}`),
    );
    const shownKinds = new Set(PROBES.map(({ row, before }) => `${row} ${before.kind}`));
    expect(kinds.filter((kind) => !shownKinds.has(kind))).toStrictEqual([]);
  });
});

describeUnless(clusterImpossible(), "knowledge of fields", () => {
  let cluster: Cluster | undefined;
  let kube: KubeClient;

  beforeAll(async () => {
    cluster = await startCluster();
    kube = cluster.kube;
    await kube.applyAll([{ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }]);
    await kube.untilReady({ apiVersion: "v1", kind: "ServiceAccount", name: "default", namespace: NAMESPACE });
    await kube.applyAll(PROBES.flatMap(({ before, with: others = [] }) => [before, ...others]));
    const settling = PROBES.filter(({ before: { kind } }) => [...WITH_PODS, "PersistentVolumeClaim"].includes(kind));
    await Promise.all(settling.map(({ before }) => kube.untilReady(refOf(before))));
  });

  afterAll(() => cluster?.stop());

  const cases = PROBES.map((probe) => ({
    probe,
    title: `${probe.row ?? "no row"}: ${probe.before.kind} ${probe.field}`,
  }));

  it.each(cases)("holds for $title", async ({ probe }) => {
    const { before, after, outcome } = probe;
    const old = await podsOf(probe);

    if (typeof outcome === "object") {
      await expect(kube.apply(after, { force: true })).rejects.toThrow(outcome.refused);
      return;
    }
    const { object, created } = await kube.apply<KubeObject>(after, { force: true });
    const { generation = 0 } = object.metadata;

    expect(created).toBe(outcome === "another object");
    expect(await kube.get(refOf(before))).toBeDefined();
    if (outcome === "taken" || outcome === "another object") return;
    await kube.until(refOf(after), ({ status }) => observed(status) >= generation);
    if (outcome === "same pods") {
      // A change of the template would have made another revision by now; without one, no controller replaces a pod.
      expect(await podsOf(probe)).toStrictEqual(old);
      return;
    }
    await waitFor(`new pods of ${after.kind} ${after.metadata.name}`, async () => {
      const now = await podsOf(probe);
      return now.length === old.length && now.every((uid) => !old.includes(uid)) ? true : undefined;
    });
  });

  it("replaces a StatefulSet by deleting it: another object, whose pods have the old claims and their size", async () => {
    const probe = PROBES.find(({ field }) => field === "spec.volumeClaimTemplates");
    if (!probe) throw new Error("no probe of claim templates");
    const ref = refOf(probe.before);
    const claims = async (): Promise<unknown[]> => {
      const all = await kube.list("v1", "PersistentVolumeClaim", { namespace: NAMESPACE });
      const own = all.filter(({ metadata }) => metadata.name.startsWith(`data-${ref.name}-`));
      return own.map(({ metadata, spec }) => [metadata.name, metadata.uid, (spec as { resources: unknown }).resources]);
    };
    const [old, held] = [await kube.get(ref), await claims()];

    await kube.remove(ref);
    await kube.untilGone(ref);
    await kube.apply(probe.after);
    const now = await kube.untilReady(ref);

    expect(now.metadata.uid).not.toBe(old?.metadata.uid);
    expect(held).toHaveLength(2);
    expect(await claims()).toStrictEqual(held);
  });

  /** Uids of a workload's pods, sorted; none for other kinds. */
  async function podsOf({ before: { kind, metadata } }: Probe): Promise<string[]> {
    if (!WITH_PODS.includes(kind)) return [];
    const pods = await kube.list("v1", "Pod", { namespace: NAMESPACE, labelSelector: `app=${metadata.name}` });
    return pods.flatMap(({ metadata: { uid, deletionTimestamp } }) => (deletionTimestamp ? [] : (uid ?? []))).sort();
  }
});

function observed(status: unknown): number {
  return (status as { observedGeneration?: number } | undefined)?.observedGeneration ?? 0;
}
