import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { memberName } from "../../../components/nats/supercluster-facts";
import { supercluster } from "../../../operations/rigs/catalog/supercluster";
import { type Platform, platformOf } from "../../../operations/rigs/platform";
import { evidenceOf } from "../../../operations/rigs/report";
import type { Manifest } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { ensureTool } from "../../../tools/find";
import { type Cluster, startCluster } from "../cluster/cluster";
import { NatsClient } from "../nats/client";
import type { PodObjects } from "../nats/manifests";
import type { NatsPod } from "../nats/pod";
import { NatsPods } from "../nats/pods";
import { describeSupercluster, healthy } from "../nats/supercluster";
import { objectsOf } from "../stacks/objects";
import { refOf } from "../support/objects";
import { waitFor } from "../support/wait";
import { FollowedPods } from "./follow-pods";
import { fasterClock, notesIn, verify, wrongIn } from "./verify";
import { Ways } from "./ways";

/*
 * The rig on real nats-servers, with the objects of a rendered stack on a real API server, which evicts a pod and makes
 * it again. Not proved here: port-forwards, which need a kubelet.
 */

const STACK = `
config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
  noetl:natsSupercluster:
    topology: quorum
    clusters:
      - { name: a, region: us-east-1, replicas: 3 }
      - { name: b, region: us-west-2, replicas: 3 }
      - { name: c, region: us-central-1, replicas: 1 }
`;
const NAMESPACE = "nats-supercluster";
const CLUSTERS = ["a", "b", "c"];

describeSupercluster("the rig supercluster", () => {
  let cluster: Cluster;
  let pods: NatsPods;
  let platform: Platform;
  let followed: FollowedPods;
  let password = "";
  let objects: Manifest[];
  const ways = new Ways();
  /** What happens to a server before it starts again. */
  let beforeStart: (pod: NatsPod) => Promise<void> = () => Promise.resolve();

  beforeAll(async () => {
    const settings = parseStackFile(STACK, "Pulumi.supercluster.yaml");
    const tool = await ensureTool("nats-server");
    if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
    platform = platformOf("supercluster", settings.config, await renderStack(settings));
    const made = await objectsOf(settings);
    objects = made.objects;
    password = made.secrets.get("noetl/noetl-nats")?.NATS_PASSWORD ?? "";
    const sets = CLUSTERS.map(memberName).map((name) => ({
      statefulSet: named("StatefulSet", name) as unknown as PodObjects["statefulSet"],
      configMap: named("ConfigMap", `${name}-config`) as unknown as PodObjects["configMap"],
      secret: named("Secret", `${name}-auth`) as unknown as PodObjects["secret"],
    }));
    const wanted = objects.filter(
      ({ kind, metadata }) =>
        ["StatefulSet", "Service", "PodDisruptionBudget", "ServiceAccount"].includes(kind) &&
        metadata.namespace === NAMESPACE,
    );
    [cluster, pods] = await Promise.all([
      startCluster({ contextName: "kind-noetl" }),
      NatsPods.create(tool.path, ...sets),
    ]);
    await cluster.kube.applyAll([...["noetl", NAMESPACE].map(namespace), ...wanted, named("Secret", "noetl-nats")]);
    await Promise.all([
      pods.start(),
      ...CLUSTERS.map((name) => cluster.kube.untilReady(refOf(named("StatefulSet", memberName(name))))),
    ]);
    await Promise.all(pods.all.map((pod) => healthy(pod)));
    for (const pod of pods.all) {
      for (const port of [4222, 8222]) ways.lead(NAMESPACE, pod.name, port, () => ({ host: pod.ip, port }));
    }
    const processes = pods.all.map((pod) => {
      const start = async (): Promise<void> => {
        await beforeStart(pod);
        await pod.start();
      };
      return [pod.name, { start, kill: () => pod.kill() }] as const;
    });
    followed = new FollowedPods(cluster.kube, NAMESPACE, new Map(processes));
    await followed.start();
  });

  afterAll(async () => {
    await followed.stop();
    ways.close();
    await Promise.all([pods.remove(), cluster.stop()]);
  });

  function named(kind: string, name: string): Manifest {
    const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
    if (!found) throw new Error(`no ${kind} ${name}`);
    return found;
  }

  /** Waits until so many pods of a cluster may go. */
  const budget = (name: string, allowed: number) =>
    cluster.kube.until<Manifest>(
      { apiVersion: "policy/v1", kind: "PodDisruptionBudget", name: memberName(name), namespace: NAMESPACE },
      ({ status }) => (status as { disruptionsAllowed?: number } | undefined)?.disruptionsAllowed === allowed,
    );
  const allowed = () => Promise.all([budget("a", 1), budget("b", 1)]);

  it("sees the links, sends messages across, and loses none when a server goes", async () => {
    await allowed();
    const report = await verify(supercluster, platform, { cluster, ways });

    expect(wrongIn(report)).toEqual([]);
    expect([report.result, notesIn(report)]).toEqual(["passed", []]);
    const told = evidenceOf(report).map(({ what }) => what);
    expect(told).toEqual(
      expect.arrayContaining([
        "meta leader of clusters a, b, c",
        ...["a to cluster b", "b to cluster c", "c to cluster a"].map((way) => `message from cluster ${way}`),
        "acknowledged messages that are stored",
        "after the loss, gateways into cluster a",
      ]),
    );
    expect(report.changes.map(({ title }) => title.replace(/_[0-9a-f]{10}|-\d:/g, " …"))).toEqual([
      "Lease noetl/noetl-ops-verify: make it",
      "stream VERIFY … of cluster a: make it",
      "Pod nats-supercluster/nats-cluster-a … evict it",
    ]);
    expect(await streams()).toEqual([]);
  });

  it("given a stream that has lost a message, catches it", async () => {
    beforeStart = async (pod) => {
      const other = pods.of(memberName("a")).find(({ name }) => name !== pod.name);
      await loseMessage(other?.ip ?? "");
    };
    await allowed();
    const report = await verify(supercluster, platform, { cluster, ways });
    beforeStart = () => Promise.resolve();

    expect(wrongIn(report)).toEqual([
      expect.stringMatching(/^acknowledged messages that are stored: all \d+, not all but 3$/),
    ]);
    expect(await streams()).toEqual([]);
  });

  it("given a budget that is used up, takes no server away", async () => {
    const [kind, apiVersion, name] = ["PodDisruptionBudget", "policy/v1", memberName("b")];
    const metadata = { name, namespace: NAMESPACE };
    const spec = { maxUnavailable: 0, selector: { matchLabels: { app: name } } };
    await cluster.kube.apply({ apiVersion, kind, metadata, spec }, { force: true });
    await budget("b", 0);
    const report = await verify(supercluster, platform, { cluster, ways });

    expect(wrongIn(report)).toEqual([]);
    expect(notesIn(report)).toEqual([
      "no server was taken away: PodDisruptionBudget nats-cluster-b allows no disruption now: 3 pods are healthy, 3 must be",
    ]);
  });

  it("given a server that was never told of a cluster, catches it, and takes none away", async () => {
    const [pod] = pods.of(memberName("c"));
    if (!pod) throw new Error("no pod of cluster c");
    const conf = confOf(named("ConfigMap", "nats-cluster-c-config"));
    await pod.kill();
    await pod.changeConf(conf.replace(/^.*name: "b".*\n/m, ""));
    await pod.start();
    const report = await verify(supercluster, platform, { cluster, ways, clock: fasterClock(20) });

    expect(wrongIn(report)).toEqual(expect.arrayContaining(["gateways out of nats-cluster-c-0: a, b, not a"]));
    expect(notesIn(report)).toEqual(["no server was taken away: the links are not as planned"]);
  });

  async function streams(): Promise<unknown> {
    const client = await NatsClient.connect(pods.all[0]?.ip ?? "", { user: "noetl", password });
    const answer = await client.request("$JS.API.STREAM.NAMES");
    client.close();
    return answer.streams ?? [];
  }

  /** Deletes the third message of the drill's stream, behind everybody's back. */
  async function loseMessage(ip: string): Promise<void> {
    const client = await NatsClient.connect(ip, { user: "noetl", password });
    await waitFor("the message to be deleted", async () => {
      const { streams = [] } = (await client.request("$JS.API.STREAM.NAMES")) as { streams?: string[] | null };
      const stream = streams?.find((name) => name.startsWith("VERIFY_"));
      const answer = await client.request(`$JS.API.STREAM.MSG.DELETE.${stream ?? ""}`, { seq: 3 });
      return answer.success === true ? true : undefined;
    });
    client.close();
  }
});

function namespace(name: string) {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

function confOf({ data }: Manifest): string {
  return (data as Record<string, string>)["nats.conf"] ?? "";
}
