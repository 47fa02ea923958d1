import { at, isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from "../../../preview/json";
import type { PlannedCluster } from "../../nats/plan";
import type { RigContext } from "../context";
import { jetStream, JetStreamError, type Nats, NO_SUITABLE_PEERS, openNats, withNats } from "../nats";
import { answered } from "../objects";
import { readStream } from "../read-stream";
import { awaitPod } from "../undo-pod";
import { RUN_METADATA } from "../undo-nats";
import type { Published, Stored } from "./delivery";
import { askServer } from "./monitored";
import { serverOf } from "./plan";
import { Publisher } from "./publisher";

/** What a drill has seen. */
export interface Drilled {
  victim: string;
  published: Published[];
  /** Numbers of messages that were first sent while the victim was away. */
  during: number[];
  stored: Stored[];
}

/** Copies of the drill's stream. */
const COPIES = 3;
/** Bytes that it may take at each of its servers. */
const BYTES = 8 * 1024 * 1024;
/** Messages before the loss, so that there is something to lose. */
const BEFORE = 10;
/** How long a new stream may take to have its copies, and a server that is back to catch up, in seconds. */
const COPIED = 60;
const HEALED = 300;

/**
 * Takes the server away that leads a stream of the drill's own, while messages are published to it at another one, and
 * reads all of them back when the server is there again.
 *
 * @returns the drill, or why there was none
 */
export async function drill(context: RigContext, cluster: PlannedCluster, run: string): Promise<Drilled | string> {
  const stream = `VERIFY_${run}`;
  const subject = `verify.${run}.drill`;
  const victim = await makeStream(context, cluster, { stream, subject, run });
  if (victim === undefined) return `the meta leader places no streams in cluster ${cluster.name}`;
  const survivor = cluster.servers.find((server) => server !== victim) ?? "";
  const nats = await openNats(context.reach, serverOf(cluster, survivor));
  try {
    return await lose(context, cluster, { nats, stream, subject, victim });
  } finally {
    await nats.close();
  }
}

interface Loss {
  nats: Nats;
  stream: string;
  subject: string;
  victim: string;
}

async function lose(
  context: RigContext,
  cluster: PlannedCluster,
  { nats, stream, subject, victim }: Loss,
): Promise<Drilled | string> {
  const publisher = new Publisher(context, nats, subject);
  publisher.start();
  try {
    await publisher.reaches(BEFORE);
    const first = publisher.next;
    if (!(await evict(context, cluster, victim))) return "the disruption budget was used up in the meantime";
    await awaitPod({ kind: "awaitPod", namespace: cluster.namespace, name: victim }, context.reach);
    await healthy(context, cluster, victim);
    const during = Array.from({ length: publisher.next - first }, (_, index) => first + index);
    await publisher.stop();
    await copied(context, nats, stream, HEALED);
    const stored: Stored[] = [];
    await readStream(nats, stream, (message) => {
      stored.push({ sequence: message.seq, number: Number(message.string()) });
      return true;
    });
    return { victim, published: publisher.published, during, stored };
  } finally {
    // What has failed is told already.
    await publisher.stop().catch(() => undefined);
  }
}

/** Why no pod of these clusters may go now; undefined when one may: who takes one away must not be the second. */
export async function mayNotGo(
  { reach }: RigContext,
  clusters: readonly PlannedCluster[],
): Promise<string | undefined> {
  for (const { namespace, statefulSet } of clusters) {
    const found = await reach.list({ apiVersion: "policy/v1", kind: "PodDisruptionBudget", namespace });
    const spent = spentBudget(found, statefulSet);
    if (spent !== undefined) return spent;
  }
  return undefined;
}

/**
 * Why a pod of a StatefulSet may not go now; undefined when it may.
 *
 * @param found all budgets of its namespace
 */
export function spentBudget(found: readonly JsonObject[], statefulSet: string): string | undefined {
  const own = found.filter(({ spec }) => textOf(at(spec, "selector", "matchLabels", "app")) === statefulSet);
  if (own.length === 0) return `no disruption budget is about the pods of StatefulSet ${statefulSet}`;
  const spent = own.find(({ status }) => (numberOf(at(status, "disruptionsAllowed")) ?? 0) < 1);
  if (spent === undefined) return undefined;
  const { currentHealthy, desiredHealthy } = objectOf(spent.status);
  return `PodDisruptionBudget ${textOf(at(spent, "metadata", "name")) ?? ""} allows no disruption now: ${numberOf(currentHealthy) ?? 0} pods are healthy, ${numberOf(desiredHealthy) ?? 0} must be`;
}

/**
 * Makes the stream of a drill.
 *
 * @returns the server that leads it; undefined when the meta leader, who is of another JetStream domain, may not
 */
async function makeStream(
  context: RigContext,
  cluster: PlannedCluster,
  { stream, subject, run }: { stream: string; subject: string; run: string },
): Promise<string | undefined> {
  const server = serverOf(cluster);
  return withNats(context.reach, server, async (nats) => {
    const made = context.change.make({
      title: `stream ${stream} of cluster ${cluster.name}: make it`,
      undo: { kind: "deleteStream", server, stream, run },
      make: async () => {
        await jetStream(nats, `STREAM.CREATE.${stream}`, {
          name: stream,
          subjects: [subject],
          storage: "file",
          num_replicas: COPIES,
          max_bytes: BYTES,
          placement: { cluster: cluster.name },
          metadata: { [RUN_METADATA]: run },
        });
        return undefined;
      },
    });
    try {
      await made;
    } catch (error) {
      if (error instanceof JetStreamError && error.code === NO_SUITABLE_PEERS) return undefined;
      throw error;
    }
    return copied(context, nats, stream, COPIED);
  });
}

/** Waits until a stream has a leader and all its copies are up to date. @returns the leader */
async function copied(context: RigContext, nats: Nats, stream: string, seconds: number): Promise<string> {
  return context.waitFor({ what: `all copies of stream ${stream}`, seconds }, async (tell) => {
    // While its servers elect, nobody answers.
    const info = await jetStream(nats, `STREAM.INFO.${stream}`).catch((error: unknown) => {
      tell((error as Error).message);
    });
    if (info === undefined) return undefined;
    const leader = textOf(at(info, "cluster", "leader"));
    const peers = listOf(at(info, "cluster", "replicas")).filter(isObject);
    const behind = peers.filter(({ current, offline }) => current !== true || offline === true);
    tell(`leader ${leader ?? "none"}, ${peers.length - behind.length} of ${COPIES - 1} copies up to date`);
    return leader !== undefined && peers.length === COPIES - 1 && behind.length === 0 ? leader : undefined;
  });
}

/** What the API server answers where a disruption budget forbids an eviction. */
const REFUSED = 429;

/** Asks for the end of a pod as a drain of its node does. @returns false when the disruption budget forbids it */
async function evict(context: RigContext, { namespace }: PlannedCluster, name: string): Promise<boolean> {
  const eviction: JsonObject = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  const before = await context.reach.mustRead({ apiVersion: "v1", kind: "Pod", namespace, name });
  const answer = { status: 0 };
  await context.change.make({
    title: `Pod ${namespace}/${name}: evict it`,
    undo: { kind: "awaitPod", namespace, name },
    make: async () => {
      const { api } = context.reach;
      const said = await api.send("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
      answer.status = said.status;
      if (said.status !== REFUSED) answered(said, `the eviction of Pod ${namespace}/${name}`);
      return undefined;
    },
  });
  if (answer.status === REFUSED) return false;
  const uid = at(before, "metadata", "uid");
  await context.waitFor({ what: `Pod ${namespace}/${name} to be gone`, seconds: HEALED }, async () => {
    const now = await context.reach.read({ apiVersion: "v1", kind: "Pod", namespace, name });
    return now === undefined || at(now, "metadata", "uid") !== uid ? true : undefined;
  });
  return true;
}

/** Waits until a server says that it is well: JetStream knows its leader, and every copy here is up to date. */
async function healthy(context: RigContext, cluster: PlannedCluster, server: string): Promise<void> {
  await context.waitFor({ what: `server ${server} to be healthy`, seconds: HEALED }, async (tell) => {
    const { report } = await askServer(context, cluster, server);
    tell(typeof report === "string" ? report : report.health);
    return typeof report !== "string" && report.health === "ok" ? true : undefined;
  });
}
