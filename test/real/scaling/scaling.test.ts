import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { z } from "zod";
import type { CommandSource } from "../../../components/nats/streams";
import { type PoolScaler, poolScaler } from "../../../operations/scaling/models";
import { simulate } from "../../../operations/scaling/simulate";
import { EVERY, lagSource, type Sample } from "../../../operations/scaling/trace";
import { keda } from "../../../operations/rigs/catalog/keda";
import { platformOf } from "../../../operations/rigs/platform";
import { evidenceOf } from "../../../operations/rigs/report";
import type { Clock } from "../../../operations/rigs/wait";
import { manifestOf, type Manifest, type ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { platformSchema } from "../../../stacks/schema";
import { type Cluster, startCluster } from "../cluster/cluster";
import { fasterClock, verify, wrongIn } from "../rigs/verify";
import { Ways } from "../rigs/ways";
import { clusterImpossible, describeUnless } from "../stacks/requirements";
import type { KubeClient } from "../support/kube";
import { type KubeObject, refOf } from "../support/objects";
import { waitFor } from "../support/wait";
import { clusterNetwork } from "./cluster-network";
import { Commands } from "./commands";
import { deviation } from "./deviation";
import { startKeda } from "./keda";
import { type Count, Recorder } from "./recorder";

/*
 * The real KEDA and the real controller manager scale the rendered worker pools on the lag that a real nats-server tells.
 * Not proved here: that workers work (there are none), and what Helm makes of KEDA's chart.
 */

/** Short, so that a suite sees what takes minutes elsewhere. */
const CLUSTER = { syncPeriod: 1, downscaleStabilization: 5, tolerance: 0.1 };
const ENDPOINT = "nats-headless.nats.svc.cluster.local:8222";

type Scaling = NonNullable<NonNullable<z.input<typeof platformSchema>["workerPools"]>[number]["scaling"]>;

const FAST = { kind: "keda", pollingInterval: 1, cooldownPeriod: 2 } as const;
const FALLBACK = { failureThreshold: 2, replicas: 6 };

const POOLS: Record<string, Scaling> = {
  busy: { ...FAST, fallback: FALLBACK },
  second: { ...FAST, lagThreshold: 5, maxReplicas: 10 },
  zero: { ...FAST, minReplicas: 0 },
  missing: FAST,
  wrong: FAST,
  rigged: { ...FAST, behavior: { scaleDown: { stabilizationWindow: 5 } } },
  "trace-plain": FAST,
  "trace-zero": { ...FAST, minReplicas: 0, activationLagThreshold: 4 },
  "trace-policies": {
    ...FAST,
    behavior: {
      scaleUp: { policies: [{ type: "pods", value: 2, period: 4 }] },
      scaleDown: { stabilizationWindow: 0, policies: [{ type: "percent", value: 50, period: 4 }] },
    },
  },
  "trace-tolerance": { ...FAST, lagThreshold: 10, behavior: { scaleUp: { tolerance: 30 } } },
};

/** The lag of each trace, one after the other; each holds until the autoscaler has done what it asks for. */
const TRACES: Record<string, number[]> = {
  "trace-plain": [75, 200, 215, 20, 0],
  "trace-zero": [4, 35, 0, 12, 0],
  "trace-policies": [90, 30, 0],
  "trace-tolerance": [40, 50, 80, 5],
};

describeUnless(clusterImpossible(), "KEDA and the autoscaler", () => {
  const config = platformSchema.parse({
    profile: "kind",
    cluster: { context: "kind-noetl" },
    postgres: { mode: "inCluster" },
    workerPools: Object.entries(POOLS).map(([name, scaling]) => {
      const { consumer, filterSubject } = source(name);
      return { name, poolName: "pool", consumer, filterSubject, scaling };
    }),
  });
  let cluster: Cluster;
  let kube: KubeClient;
  let commands: Commands;
  /** Ends what was started, the last first. */
  const ends: (() => unknown)[] = [];
  let recorder: Recorder;
  let graph: ResourceGraph;
  let manifests: Manifest[];

  beforeAll(async () => {
    cluster = await startCluster({ autoscaler: CLUSTER });
    ends.push(() => cluster.stop());
    kube = cluster.kube;
    const sources = Object.keys(POOLS).filter((name) => name !== "missing");
    commands = await Commands.start(cluster, sources.map(source));
    const network = await clusterNetwork({ [ENDPOINT]: commands.monitoring });
    ends.push(() => {
      network.close();
    });
    await startKeda(cluster, network.url);
    graph = await renderStack({ stack: "test", file: "test", config });
    manifests = graph.resources.flatMap((resource) => manifestOf(resource) ?? []).filter(isOfPools);
    recorder = new Recorder(kube, "noetl");
    ends.push(() => {
      recorder.stop();
    });
    // A pool in an account of its own making: what no setting can say.
    for (const trigger of triggersOf(scaledObject("wrong"))) trigger.metadata.account = "$G";
    // KEDA reads all that the workers' environment names, also what no trigger needs.
    await kube.applyAll([...manifests.filter(({ kind }) => kind !== "ScaledObject"), SECRET]);
    await Promise.all(Object.keys(POOLS).map((name) => kube.untilReady(deployment(name))));
    await kube.applyAll(manifests.filter(({ kind }) => kind === "ScaledObject"));
  });

  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  it("rises with the lag, at most doubling: 75 messages, ten a pod", async () => {
    await commands.setLag(source("busy"), 75);
    await untilPods("busy", 8);

    expect(recorder.numbers("busy")).toStrictEqual([1, 4, 8]);
  });

  it("holds what it has while the lag stays within a tenth", async () => {
    await commands.setLag(source("busy"), 85);
    await untilSeen("busy", 85, 8);

    expect(recorder.numbers("busy")).toStrictEqual([1, 4, 8]);
  });

  it("is proven by the rig keda, which takes its messages away before anybody gets them", async () => {
    await untilPods("rigged", 1);
    const report = await verifyKeda();

    expect(wrongIn(report)).toStrictEqual([]);
    expect(evidenceOf(report).map(({ what, seen }) => `${what}: ${seen}`)).toStrictEqual([
      "pods of Deployment rigged with 30 messages, 10 a pod: 1 → 3 → 1",
      "pods of Deployment rigged when nothing waits: 1 → 3 → 1",
    ]);
    expect(await commands.lagOf(source("rigged"))).toBe(0);
  });

  it("given a consumer that is not drained, the rig keda catches it", async () => {
    const before = recorder.now();
    // Commands that come while the rig's messages wait, and that no worker takes.
    const stuck = waitFor("the rig's messages", async () =>
      (await commands.lagOf(source("rigged"))) >= 30 ? true : undefined,
    ).then(() => commands.setLag(source("rigged"), 35));
    const report = await verifyKeda(fasterClock(10));
    await stuck;
    await commands.setLag(source("rigged"), 0);

    expect(wrongIn(report)).toStrictEqual([
      expect.stringMatching(/^pods of Deployment rigged with 30 messages/),
      expect.stringMatching(/is not done with 35 messages$/),
    ]);
    expect(recorder.numbers("rigged", before).length).toBeGreaterThan(1);
  });

  it("comes down to its minimum when nothing waits", async () => {
    await commands.setLag(source("busy"), 0);
    await untilPods("busy", 1);

    expect(recorder.numbers("busy")).toStrictEqual([1, 4, 8, 1]);
  });

  it("goes to zero after its cooldown, and comes back with the first messages", async () => {
    await untilPods("zero", 0);
    await commands.setLag(source("zero"), 35);
    await untilPods("zero", 4);
    await commands.setLag(source("zero"), 0);
    await untilPods("zero", 0);

    expect(recorder.numbers("zero")).toStrictEqual([1, 0, 1, 4, 0]);
  });

  it("scales two pools at once, each on its own lag and threshold", async () => {
    const from = recorder.now();
    await Promise.all([commands.setLag(source("busy"), 120), commands.setLag(source("second"), 33)]);
    await Promise.all([untilPods("busy", 12), untilPods("second", 7)]);

    expect(recorder.numbers("busy", from)).toStrictEqual([1, 4, 8, 12]);
    expect(recorder.numbers("second", from)).toStrictEqual([1, 4, 7]);
  });

  it.each([
    ["an account that is not NATS's", "wrong"],
    ["a consumer that is not there", "missing"],
  ])("given %s, says so and leaves the pods alone, whatever waits", async (_, name) => {
    if (name === "wrong") await commands.setLag(source(name), 75);
    const autoscaler = await untilAutoscaler(name, ({ conditions }) =>
      conditions.some(
        ({ type, status, reason }) => `${type} ${status} ${reason}` === "ScalingActive False FailedGetExternalMetric",
      ),
    );

    expect(autoscaler.status).toMatchObject({ currentReplicas: 1 });
    expect(recorder.numbers(name)).toStrictEqual([1]);
  });

  it("falls back while NATS is away, and is itself again afterwards", async () => {
    const from = recorder.now();
    await commands.end();
    await untilPods("busy", 6);
    const fallen = await kube.until<KubeObject & { status: { conditions: Condition[] } }>(
      refOf(scaledObject("busy")),
      ({ status }) => status.conditions.some(({ type, status: is }) => type === "Fallback" && is === "True"),
    );
    expect(fallen.status.conditions).toContainEqual(expect.objectContaining({ type: "Fallback", status: "True" }));
    // Without a fallback, nothing happens.
    expect(recorder.numbers("second", from)).toStrictEqual([7]);

    await commands.begin();
    await untilPods("busy", 12);

    expect(recorder.numbers("busy", from)).toStrictEqual([12, 6, 12]);
  });

  it("does what the simulation says, trace by trace", async () => {
    const names = Object.keys(TRACES);
    await Promise.all(names.map((name) => untilPods(name, modelOf(name).model.minReplicas)));
    const from = recorder.now();
    const samples = await Promise.all(names.map((name) => follow(name, TRACES[name] ?? [])));
    const end = recorder.now() - from;

    const compared = names.map((name, index) => {
      const real = since(recorder.of(name), from);
      return { name, ...deviation(real, simulated(name, samples[index] ?? [], from, end), end) };
    });

    for (const { name, real, simulated: expected, steps, pods } of compared) {
      process.stdout.write(
        `${name}: real ${real.join(" → ")}; simulated ${expected.join(" → ")}; ${steps} steps apart, ${pods.toFixed(2)} pods on average\n`,
      );
    }
    // When a look or a sync falls beside a change of the lag, a number may come in between or be left out.
    expect(compared.filter(({ steps }) => steps > 2)).toStrictEqual([]);
    expect(compared.map(({ real }) => real.at(-1))).toStrictEqual(compared.map((one) => one.simulated.at(-1)));
  });

  /** Runs the rig on one pool, whose NATS it reaches as a Service leads to it. */
  async function verifyKeda(clock?: Clock) {
    const labels = { app: "nats" };
    const metadata = { name: "nats", namespace: "nats" };
    const containers = [{ name: "nats", image: "nats:2" }];
    await kube.applyAll([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "nats" } }]);
    await kube.untilReady({ apiVersion: "v1", kind: "ServiceAccount", name: "default", namespace: "nats" });
    await kube.applyAll([
      { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels, ports: [{ port: 4222 }] } },
      { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "nats-0", labels }, spec: { containers } },
    ]);
    await kube.untilReady({ apiVersion: "v1", kind: "Pod", name: "nats-0", namespace: "nats" });
    const ways = new Ways();
    ways.lead("nats", "nats-0", 4222, () => commands.clients);
    const own = { ...graph, resources: graph.resources.filter(({ name }) => name === "rigged-scaler-pool") };
    try {
      return await verify(keda, platformOf("test", config, own), { cluster, ways, ...(clock && { clock }) });
    } finally {
      ways.close();
    }
  }

  /** Lets a pool follow a trace. @returns when the lag became what */
  async function follow(name: string, lags: number[]): Promise<Sample[]> {
    const samples: Sample[] = [{ time: recorder.now(), value: 0 }];
    for (const lag of lags) {
      await commands.setLag(source(name), lag);
      samples.push({ time: recorder.now(), value: lag });
      await untilRest(name, lag);
    }
    return samples;
  }

  /** Waits until the autoscaler has seen a lag, and leaves the pods as they are because of it. */
  async function untilRest(name: string, lag: number): Promise<void> {
    const { minReplicas, triggers } = modelOf(name).model;
    const isActive = lag > (triggers[0]?.activationLagThreshold ?? 0);
    if (minReplicas === 0 && !isActive) {
      const begin = recorder.now();
      await untilPods(name, 0);
      // The simulation looks at other moments than KEDA does: the pause is long enough for both.
      const { cooldownPeriod, pollingInterval } = FAST;
      await waitFor(
        "the end of the pause",
        () => recorder.now() - begin > cooldownPeriod + 3 * pollingInterval || undefined,
      );
      return;
    }
    await untilAutoscaler(name, (status) => {
      const pods = recorder.of(name).at(-1)?.replicas ?? 0;
      return pods > 0 && seenBy(status) === Math.ceil((lag * 1000) / pods) && isAtRest(name, lag, pods);
    });
  }

  function isAtRest(name: string, lag: number, pods: number): boolean {
    const { minReplicas, maxReplicas, triggers, behavior } = modelOf(name).model;
    const threshold = triggers[0]?.lagThreshold ?? NaN;
    const ratio = lag / (threshold * pods);
    const wanted = Math.min(maxReplicas, Math.max(1, minReplicas, Math.ceil(lag / threshold)));
    return (
      wanted === pods || (ratio >= 1 - CLUSTER.tolerance && ratio <= 1 + (behavior?.up.tolerance ?? CLUSTER.tolerance))
    );
  }

  function simulated(name: string, samples: Sample[], from: number, end: number): Count[] {
    const shifted = samples.map(({ time, value }) => ({ time: Math.max(0, time - from), value }));
    const trace = { quantity: "lag" as const, duration: end, samples: new Map([[EVERY, shifted]]) };
    const { model, consumers } = modelOf(name);
    const { changes } = simulate(model, lagSource(trace, consumers), { duration: end, step: 1, cluster: CLUSTER });
    return [{ time: 0, replicas: model.minReplicas }, ...changes.map(({ time, to }) => ({ time, replicas: to }))];
  }

  function modelOf(name: string): PoolScaler {
    return poolScaler(scaledObject(name), CLUSTER);
  }

  function scaledObject(pool: string): Manifest {
    const found = manifests.find(
      ({ kind, metadata }) => kind === "ScaledObject" && metadata.name === `${pool}-scaler-pool`,
    );
    if (!found) throw new Error(`no ScaledObject of ${pool}`);
    return found;
  }

  function deployment(name: string) {
    return { apiVersion: "apps/v1", kind: "Deployment", namespace: "noetl", name };
  }

  async function untilPods(name: string, replicas: number): Promise<void> {
    try {
      await kube.until<KubeObject & { spec: { replicas: number } }>(
        deployment(name),
        ({ spec }) => spec.replicas === replicas && recorder.of(name).at(-1)?.replicas === replicas,
      );
    } catch (error) {
      const seen = recorder.numbers(name).join(" → ");
      throw new Error(`${(error as Error).message}\n${name} was to have ${replicas} pods and had ${seen}`, {
        cause: error,
      });
    }
  }

  /** Waits until the autoscaler has seen a lag while there were so many pods. */
  async function untilSeen(name: string, lag: number, pods: number): Promise<void> {
    const average = Math.ceil((lag * 1000) / pods);
    await untilAutoscaler(name, (status) => seenBy(status) === average);
  }

  function untilAutoscaler(name: string, holds: (status: AutoscalerStatus) => boolean) {
    const ref = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", namespace: "noetl" };
    return kube.until<KubeObject & { status: AutoscalerStatus }>(
      { ...ref, name: `keda-hpa-${name}-scaler-pool` },
      ({ status }) => (status.conditions as Condition[] | undefined) !== undefined && holds(status),
    );
  }
});

/** What a pool takes its commands from. */
function source(name: string): CommandSource {
  const subject = "noetl.commands";
  return { stream: "NOETL_COMMANDS", subject, consumer: name, filterSubject: `${subject}.${name}.>` };
}

interface Condition {
  type: string;
  status: string;
  reason: string;
}

interface AutoscalerStatus {
  conditions: Condition[];
  currentMetrics?: { external?: { current: { averageValue?: string } } }[] | null;
}

const SECRET: KubeObject & { stringData: Record<string, string> } = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "noetl-nats", namespace: "noetl" },
  stringData: { NATS_PASSWORD: "secret" },
};

/** Deployments and scalers, and what they need to be. */
function isOfPools({ kind, metadata }: Manifest): boolean {
  if (kind === "Namespace") return metadata.name === "noetl";
  const app = (metadata.labels as Record<string, string> | undefined)?.app ?? "";
  return ["Deployment", "ServiceAccount", "ScaledObject"].includes(kind) && app in POOLS;
}

function triggersOf({ spec }: Manifest): { metadata: Record<string, string> }[] {
  return (spec as unknown as { triggers: { metadata: Record<string, string> }[] }).triggers;
}

/** The lag for each pod, in thousandths, that an autoscaler saw last. */
function seenBy({ currentMetrics }: AutoscalerStatus): number | undefined {
  const seen = currentMetrics?.[0]?.external?.current.averageValue;
  // Such as 9375m or 10.
  return seen === undefined ? undefined : seen.endsWith("m") ? Number(seen.slice(0, -1)) : Number(seen) * 1000;
}

/** What holds at a time, then what follows, counted from there. */
function since(counts: readonly Count[], from: number): Count[] {
  const first = counts.findLastIndex(({ time }) => time <= from);
  return counts.slice(Math.max(0, first)).map(({ time, replicas }) => ({ time: Math.max(0, time - from), replicas }));
}
