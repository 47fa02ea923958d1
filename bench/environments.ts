import { cpus, loadavg } from "node:os";
import { ensureTool } from "../tools/find";
import { DockerEngine } from "../test/real/environments/engine";
import { makeEtcd, makeRedis, missingPrograms } from "../test/real/environments/images";
import { Place } from "../test/real/environments/place";

const ROUNDS = 5;
const MANY = 20;

/** Seconds that some work takes. */
async function timed<T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> {
  const begun = performance.now();
  const result = await work();
  return [(performance.now() - begun) / 1000, result];
}

/** A row of the table in docs/test-environments.md. */
function row(what: string, goal: string, seconds: number[]): string {
  const sorted = [...seconds].sort((a, b) => a - b);
  const at = (position: number) => `${(sorted[position] ?? NaN).toFixed(2)} s`;
  const [median, most] = [at(Math.floor(sorted.length / 2)), at(sorted.length - 1)];
  return `| ${what.padEnd(46)} | ${goal.padEnd(5)} | ${median.padEnd(7)} | ${most.padEnd(7)} |`;
}

/** What else the processors have to do: figures of a busy machine say little. */
function load(): string {
  return `${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)}`;
}

/** `npm run bench:environments`: how long environments take, with images that are there, over the API. */
async function main(): Promise<void> {
  const engine = missingPrograms() ?? DockerEngine.start();
  const etcd = await ensureTool("etcd");
  if (typeof engine === "string" || !etcd.found) {
    console.log(`not measured: ${typeof engine === "string" ? engine : "etcd is needed"}`);
    return;
  }
  const before = load();
  await makeEtcd(engine.docker, etcd.path);
  await makeRedis(engine.docker);
  const place = await Place.start(engine);
  const made: number[] = [];
  const removed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [up, { data }] = await timed(() => place.create({ type: "cluster_topology", template: "etcd_cluster" }));
    if (data.status !== "Running") throw new Error(`it is ${data.status}: ${data.error?.message}`);
    const [down] = await timed(() => place.remove(data.id));
    made.push(up);
    removed.push(down);
  }
  const config = { type: "single_taskserv", taskserv: "redis", resources: { memory_mb: 64 } };
  const [together, all] = await timed(() => Promise.all(Array.from({ length: MANY }, () => place.create(config))));
  const running = all.filter(({ data }) => data.status === "Running").length;
  if (running !== MANY) throw new Error(`${running} of ${MANY} run`);
  const [gone] = await timed(() => Promise.all(all.map(({ data }) => place.remove(data.id))));
  console.log(`${before} at first, ${load()} at last\n`);
  console.log(`| ${"".padEnd(46)} | goal  | median  | slowest |`);
  console.log(`| ${"-".repeat(46)} | ----- | ------- | ------- |`);
  console.log(row("etcd of three, from request to healthy", "10 s", made));
  console.log(row("its removal", "3 s", removed));
  console.log(row(`${MANY} environments at once, until all are healthy`, "", [together]));
  console.log(row("their removal", "", [gone]));
  await place.stop();
  await engine.stop();
}

void main();
