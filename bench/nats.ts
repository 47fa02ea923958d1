/**
 * NatsCluster against the official Helm chart: `npm run bench:nats`, `-- --rounds 5` for more rounds.
 *
 * Three real servers each, of the same binary, taken in turn. Target: none of the figures worse than the chart's, at most
 * 1.0 times, within noise 1.1 times.
 *
 * 1. From the first process until a stream with three copies acknowledges, asked directly.
 * 2. The same for a client of the Service, which knows only pods that are ready.
 * 3. Longest time without an acknowledgement during a rolling restart, with 8 messages in flight.
 * 4. The same after `kill -9` of the stream's leader, several times a round: it is mostly the random time of an election.
 *
 * Kubelet and StatefulSet controller are played: they ask the probes in their periods, and go on to the next pod once
 * the one before is available. Scheduling, images and volumes take no time.
 */
import { parseArgs } from "node:util";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { CLUSTER_FACTS } from "../test/components/nats/facts";
import { allCurrent, objectsOf } from "../test/real/nats/cluster-objects";
import { podsImpossible } from "../test/real/nats/image";
import type { PodObjects } from "../test/real/nats/manifests";
import type { NatsPod } from "../test/real/nats/pod";
import { NatsPods } from "../test/real/nats/pods";
import { clientOptions, Publisher, STREAM } from "../test/real/nats/publisher";
import { waitFor } from "../test/real/support/wait";
import { ensureTool } from "../tools/find";
import { median } from "./measure";
import { chartObjects } from "./nats-chart";

const KILLS = 3;
/** Milliseconds that a kubelet takes from the end of the preStop hook to SIGTERM, at least. */
const SIGTERM_AFTER = 200;
const LIMIT = { limit: 120_000, every: 20 };

/** What was measured, in seconds. */
const FIGURES = {
  direct: "R3 stream writable, asked directly",
  service: "R3 stream writable, through the Service",
  restart: "publish gap, rolling restart",
  kill: "publish gap, leader killed",
  update: "(the whole rolling restart)",
} as const;
type Figures = Record<keyof typeof FIGURES, number[]>;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: a whole number from 1 on`);
  const impossible = podsImpossible();
  if (impossible !== undefined) throw new Error(impossible);
  const tool = await ensureTool("nats-server");
  if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
  const [ours, chart] = [noFigures(), noFigures()];
  for (let round = 1; round <= rounds; round++) {
    // Each is first in every other round.
    const turns = [
      () => measure(tool.path, objectsOf(CLUSTER_FACTS), ours),
      () => measure(tool.path, chartObjects(), chart),
    ];
    for (const turn of round % 2 === 1 ? turns : turns.reverse()) await turn();
    console.error(`round ${round} of ${rounds} done`);
  }
  print(tool.version, rounds, ours, chart);
}

/** Runs one cluster from its first process to its end, and adds what was measured. */
async function measure(natsServer: string, objects: PodObjects, figures: Figures): Promise<void> {
  const pods = await NatsPods.create(natsServer, objects);
  try {
    const begin = Date.now();
    const started = pods.start();
    const writable = untilWritable(pods.all).then(() => figures.direct.push((Date.now() - begin) / 1000));
    await started;
    await untilWritable([await Promise.race(pods.all.map((pod) => pod.foundReady().then(() => pod)))]);
    figures.service.push((Date.now() - begin) / 1000);
    await writable;
    await Promise.all(pods.all.map((pod) => pod.available()));

    const publisher = await Publisher.create(pods.all);
    publisher.start();
    try {
      await publisher.progress(500);
      publisher.takeLongestGap();
      figures.update.push(await seconds(() => restart(pods)));
      await publisher.progress(500);
      figures.restart.push(publisher.takeLongestGap() / 1000);
      for (let kill = 0; kill < KILLS; kill++) figures.kill.push(await killLeader(pods, publisher));
    } finally {
      await publisher.stop();
      await publisher.close();
    }
  } finally {
    await pods.remove();
  }
}

/** Makes the stream and stores a message in it, as often as it takes. */
async function untilWritable(pods: readonly NatsPod[]): Promise<void> {
  await waitFor("a writable stream", () => write(pods).catch(() => undefined), LIMIT);
}

async function write(pods: readonly NatsPod[]): Promise<true> {
  const connection = await connect({ ...clientOptions(pods), reconnect: false, timeout: 500 });
  try {
    // A server that knows no leader does not answer.
    const manager = await jetstreamManager(connection, { timeout: 500, checkAPI: false });
    await manager.streams.add(STREAM);
    await jetstream(connection, { timeout: 500 }).publish("s.writable", "writable");
    return true;
  } finally {
    await connection.close();
  }
}

async function restart(pods: NatsPods): Promise<void> {
  await pods.rollOut("nats", { sigtermAfter: SIGTERM_AFTER, each: (pod) => pod.available() });
}

/** Kills the leader of the stream. @returns the longest time without an acknowledgement, seconds */
async function killLeader(pods: NatsPods, publisher: Publisher): Promise<number> {
  await allCurrent(pods.all);
  const leader = await waitFor("a leader of the stream", async () => {
    return (await publisher.manager.streams.info(STREAM.name)).cluster?.leader;
  });
  publisher.takeLongestGap();
  await pods.pod(leader).kill();
  await publisher.progress(500);
  const gap = publisher.takeLongestGap() / 1000;
  await pods.pod(leader).start();
  return gap;
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = Date.now();
  await work();
  return (Date.now() - start) / 1000;
}

function noFigures(): Figures {
  return { direct: [], service: [], restart: [], kill: [], update: [] };
}

function print(version: string, rounds: number, ours: Figures, chart: Figures): void {
  console.log(
    `nats-server ${version}, ${rounds} rounds in turn, medians in seconds; target: at most 1.0 times, within noise 1.1`,
  );
  for (const [key, title] of Object.entries(FIGURES) as [keyof Figures, string][]) {
    const ratio = median(ours[key]) / median(chart[key]);
    console.log(`${title}: NatsCluster ${list(ours[key])}, chart ${list(chart[key])}: ${ratio.toFixed(2)} times`);
  }
}

function list(values: number[]): string {
  return `${median(values).toFixed(2)} (${values.map((value) => value.toFixed(2)).join(" ")})`;
}

void main();
