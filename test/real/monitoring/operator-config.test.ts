import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { GMP_PUBLIC, operatorConfigPatch } from "../../../components/monitoring/pager";
import { findCrds } from "../../../tools/crds";
import { type Cluster, startCluster } from "../cluster/cluster";
import { clusterImpossible, describeUnless } from "../stacks/requirements";
import type { KubeClient } from "../support/kube";
import type { KubeObject } from "../support/objects";

/*
 * The OperatorConfig that a cluster has already, patched as the pager does it: by server-side apply under a field manager
 * of its own. That Pulumi's provider applies a patch so is its documentation's word; what the API server makes of it is
 * seen here. Not proved: what Google's operator does with the fields.
 */

const REF = {
  apiVersion: "monitoring.googleapis.com/v1",
  kind: "OperatorConfig",
  namespace: GMP_PUBLIC,
  name: "config",
};
const MANAGER = { fieldManager: "noetl-pager" };
const LABELS = { cluster: "noetl-cluster", location: "us-central1", project_id: "noetl-production" };
const PATCH = operatorConfigPatch("alertmanager", LABELS) as unknown as KubeObject & Record<string, unknown>;

/** What the cluster made, and somebody set since. */
const THEIRS = {
  apiVersion: REF.apiVersion,
  kind: REF.kind,
  metadata: { name: REF.name, namespace: REF.namespace },
  features: { targetStatus: { enabled: true } },
  collection: { kubeletScraping: { interval: "30s" } },
};

describeUnless(clusterImpossible(), "the OperatorConfig", () => {
  let cluster: Cluster | undefined;
  let kube: KubeClient;
  let reason: string | undefined;

  beforeAll(async () => {
    reason = (await findCrds()).missing.find(({ groups }) => groups.includes("monitoring.googleapis.com"))?.reason;
    if (reason !== undefined) {
      process.stderr.write(`skipped: the OperatorConfig: ${reason}\n`);
      return;
    }
    cluster = await startCluster({ crds: true });
    kube = cluster.kube;
    await kube.applyAll([{ apiVersion: "v1", kind: "Namespace", metadata: { name: GMP_PUBLIC } }]);
    await kube.applyAll([THEIRS], { fieldManager: "gmp-operator" });
  });
  afterAll(() => cluster?.stop());

  it("gets our fields at its top, and keeps everybody else's", async () => {
    if (reason !== undefined) return;
    const [applied] = await kube.applyAll([PATCH], MANAGER);

    expect(applied).toMatchObject({ created: false, warnings: [] });
    expect(await kube.get(REF)).toMatchObject({
      features: THEIRS.features,
      managedAlertmanager: { configSecret: { name: "alertmanager", key: "alertmanager.yaml" } },
      collection: { ...THEIRS.collection, externalLabels: LABELS },
      rules: { externalLabels: LABELS },
    });
  });

  it("refuses to overwrite what somebody else has set, and names them", async () => {
    if (reason !== undefined) return;
    const rules = { externalLabels: { cluster: "another" } };
    const other: KubeObject & { rules: object } = { ...THEIRS, rules };
    await kube.applyAll([other], { fieldManager: "terraform", force: true });

    await expect(kube.applyAll([PATCH], MANAGER)).rejects.toThrow(/conflict.*terraform/);

    await kube.applyAll([THEIRS], { fieldManager: "terraform" });
    await kube.applyAll([PATCH], MANAGER);
  });

  it("loses our fields and no others when they are taken back", async () => {
    if (reason !== undefined) return;
    const { apiVersion, kind, metadata } = PATCH;
    await kube.applyAll([{ apiVersion, kind, metadata: { name: metadata.name, namespace: GMP_PUBLIC } }], MANAGER);

    const left = (await kube.get(REF)) as Record<string, unknown> | undefined;
    expect(left).toMatchObject({ features: THEIRS.features, collection: THEIRS.collection });
    // The default of the definition, which names the same Secret.
    expect(left?.managedAlertmanager).toStrictEqual(PATCH.managedAlertmanager);
    expect(left).not.toHaveProperty("rules");
    expect(left?.collection).not.toHaveProperty("externalLabels");
  });
});
