import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { parse, stringify } from "yaml";
import type { LiveFacts } from "../../../preview/diff/live";
import type { ImpactReport } from "../../../preview/impact/report";
import { projectFolder } from "../../../preview/project-folder";
import { stackFile } from "../../../preview/stack-location";
import { readStackFile } from "../../../stacks/config/stack-file";
import { beside, type Ended } from "../../cli/support";
import { type Cluster, startCluster } from "../cluster/cluster";
import { writeKubeconfig } from "../engine/kubeconfig";
import { objectsOf, readable } from "../stacks/objects";
import { clusterImpossible, describeUnless } from "../stacks/requirements";

/*
 * What noetl-ops diff --live says of a cluster that people have changed. The objects are applied as Pulumi's provider
 * applies them: by server-side apply, under a manager of its name.
 */

const CANARY = "canary-by-hand";
const SCALER = "noetl-worker-rust-scaler-worker-rust-pool";
const ENDPOINT = "spec.triggers[nats-jetstream].metadata.natsServerMonitoringEndpoint";
const RUST_LOG = "spec.template.spec.containers[noetl-server].env[RUST_LOG].value";

describeUnless(clusterImpossible(), "noetl-ops diff --live", () => {
  let cluster: Cluster;
  let kubeconfig: string;
  const printed: string[] = [];

  beforeAll(async () => {
    cluster = await startCluster({ crds: true });
    kubeconfig = join(cluster.folder, "kubeconfig");
    writeKubeconfig(kubeconfig, cluster.kubeconfigPath, ["kind-noetl"]);
    const { objects } = await objectsOf(readStackFile(stackFile(projectFolder(), "kind")));
    await cluster.kube.applyAll(readable(objects, cluster.crds.missing), { fieldManager: "pulumi-kubernetes-test" });
  });

  afterAll(async () => {
    await (cluster as Cluster | undefined)?.stop();
  });

  async function diff(...more: string[]): Promise<Ended> {
    const ended = await beside(["diff", "--live", "--stack", "kind", "--kubeconfig", kubeconfig, ...more]);
    printed.push(ended.stdout, ended.stderr);
    return ended;
  }

  async function drift(): Promise<ImpactReport & { live: LiveFacts }> {
    const { status, stdout, stderr } = await diff("--json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { stacks } = JSON.parse(stdout) as { stacks: [ImpactReport & { live: LiveFacts }] };
    return stacks[0];
  }

  const patch = (path: string, manager: string, contentType: string, body: unknown): Promise<unknown> =>
    cluster.kube.send(path, { method: "PATCH", contentType, query: { fieldManager: manager }, body });

  it("given what was applied, then nothing differs: no default, no generated value", async () => {
    const { resources, live } = await drift();

    expect(resources.map(({ change, kind, name, fields }) => ({ change, kind, name, fields }))).toEqual([]);
    expect(live).toEqual({ changedBy: [], added: [], unknown: [] });
  });

  it("given edits by hand, then each is named with who did it and when; what is not the program's is left alone", async () => {
    const { kube } = cluster;
    const deployments = "/apis/apps/v1/namespaces/noetl/deployments";
    const env = ["RUST_LOG", "BY_HAND"].map((name) => ({ name, value: CANARY }));
    await patch(`${deployments}/noetl-server-rust`, "kubectl-edit", "application/strategic-merge-patch+json", {
      spec: { template: { spec: { containers: [{ name: "noetl-server", env }] } } },
    });
    // Replicas that an autoscaler chooses.
    await patch(`${deployments}/noetl-worker-rust/scale`, "kube-controller-manager", "application/merge-patch+json", {
      spec: { replicas: 3 },
    });
    await patch("/api/v1/namespaces/noetl/secrets/noetl-secret", "kubectl-patch", "application/merge-patch+json", {
      stringData: { NOETL_PASSWORD: CANARY },
    });
    const scalers = "/apis/keda.sh/v1alpha1/namespaces/noetl/scaledobjects";
    await patch(`${scalers}/${SCALER}`, "kubectl-edit", "application/json-patch+json", [
      {
        op: "replace",
        path: "/spec/triggers/0/metadata/natsServerMonitoringEndpoint",
        value: `admin:${CANARY}@nats:8222`,
      },
    ]);
    const metadata = { name: "mine", namespace: "noetl" };
    await kube.apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: CANARY } } as never);
    await kube.remove({ apiVersion: "v1", kind: "Service", namespace: "noetl", name: "noetl-server-rust" });

    const { resources, live } = await drift();

    const changes = resources.map(({ change, kind, name, fields }) =>
      [change, kind, name, ...fields.map(({ path }) => path)].join(" "),
    );
    expect(changes.sort()).toEqual([
      "added Service noetl-server-rust",
      `changed Deployment noetl-server-rust ${RUST_LOG}`,
      `changed ScaledObject ${SCALER} ${ENDPOINT}`,
      "changed Secret noetl-secret data.NOETL_PASSWORD",
    ]);
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    const changedBy = live.changedBy.map(({ manager, fields, time }) => ({ manager, fields, time }));
    const text = ({ manager, fields }: (typeof changedBy)[number]): string => [manager, ...fields].join(" ");
    expect(changedBy.sort((one, other) => (text(one) < text(other) ? -1 : 1))).toEqual([
      { manager: "kubectl-edit", fields: [RUST_LOG], time: at },
      { manager: "kubectl-edit", fields: [ENDPOINT], time: at },
      { manager: "kubectl-patch", fields: ["data.NOETL_PASSWORD"], time: at },
    ]);
    expect(live.added.map(({ name, manager, fields }) => ({ name, manager, fields }))).toEqual([
      {
        name: "Deployment noetl/noetl-server-rust",
        manager: "kubectl-edit",
        fields: ["spec.template.spec.containers[noetl-server].env[BY_HAND]"],
      },
    ]);
    expect(live.unknown).toEqual(["ConfigMap noetl/mine"]);
    const { stdout } = await diff();
    expect(stdout).toMatch(/set by kubectl-edit at \d{4}-\S+:/);
    expect(stdout).toContain("In the cluster only, and left alone\n  · ConfigMap noetl/mine\n");
  });

  it("given who may not list, then it names every missing right at once", async () => {
    const limited = join(cluster.folder, "limited");
    const config = parse(readFileSync(kubeconfig, "utf8")) as { users: { user: Record<string, string> }[] };
    for (const { user } of config.users) user.as = "somebody";
    writeFileSync(limited, stringify(config));

    const { status, stdout, stderr } = await diff("--kubeconfig", limited);

    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error: rights are missing in the cluster:\n( {2}\S.*\n)+next: bind a role with them to who asks/,
    );
    expect(stderr).toContain("  list, patch deployments.apps in noetl\n");
    expect(stderr).toContain("  get, patch namespaces\n");
    expect(stderr).toMatch(/^ {2}list, patch secrets in nats, noetl/m);
  });

  it("shows no value that may be secret", () => {
    expect(printed.filter((text) => text.includes(CANARY))).toEqual([]);
  });
});
