import { ensureTool } from "../tools/find";
import { DockerEngine } from "../test/real/environments/engine";
import { makeImages, missingPrograms } from "../test/real/environments/images";
import { Place } from "../test/real/environments/place";

const ROUNDS = 5;

/** Seconds that some work takes. */
async function timed<T>(work: () => Promise<T>): Promise<[seconds: number, result: T]> {
  const begun = performance.now();
  const result = await work();
  return [(performance.now() - begun) / 1000, result];
}

function told(what: string, seconds: number[]): string {
  const [least = 0, ...rest] = [...seconds].sort((a, b) => a - b);
  const median = [least, ...rest][Math.floor(seconds.length / 2)] ?? 0;
  return `${what.padEnd(44)} ${least.toFixed(2)} to ${(rest.at(-1) ?? least).toFixed(2)} s, median ${median.toFixed(2)} s`;
}

/** `npm run bench:environments`: how long environments take, with images that are there, over the API. */
async function main(): Promise<void> {
  const engine = missingPrograms() ?? DockerEngine.start();
  const [etcd, nats] = await Promise.all([ensureTool("etcd"), ensureTool("nats-server")]);
  if (typeof engine === "string" || !etcd.found || !nats.found) {
    console.log(`not measured: ${typeof engine === "string" ? engine : "etcd and nats-server are needed"}`);
    return;
  }
  await makeImages(engine.docker, { etcd: etcd.path, nats: nats.path });
  const place = await Place.start(engine);
  const [made, removed]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const [up, { data }] = await timed(() => place.create({ type: "cluster_topology", template: "etcd_cluster" }));
    if (data.status !== "Running") throw new Error(`it is ${data.status}: ${data.error?.message}`);
    const [down] = await timed(() => place.remove(data.id));
    made.push(up);
    removed.push(down);
  }
  const config = { type: "single_taskserv", taskserv: "redis", resources: { memory_mb: 64 } };
  const [twenty, all] = await timed(() => Promise.all(Array.from({ length: 20 }, () => place.create(config))));
  const [gone] = await timed(() => Promise.all(all.map(({ data }) => place.remove(data.id))));
  console.log(told("etcd of three, from request to healthy", made));
  console.log(told("its removal", removed));
  console.log(told("20 environments at once, all healthy", [twenty]));
  console.log(told("their removal", [gone]));
  await place.stop();
  await engine.stop();
}

void main();
