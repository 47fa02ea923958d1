/**
 * How long the simulation of scaling takes: `npm run bench:scaling`.
 *
 * A day of 50 pools with rows every ten seconds, whose lag follows from what comes and what their pods work off. Target:
 * less than 2 s.
 */
import { poolScalersOf } from "../operations/scaling/models";
import { simulateScaling } from "../operations/scaling/run";
import { renderStack } from "../preview/render";
import { platformSchema } from "../stacks/schema";
import { median } from "./measure";

const ROUNDS = 7;
const POOLS = 50;

async function main(): Promise<void> {
  const config = platformSchema.parse({
    profile: "kind",
    cluster: { context: "kind-noetl" },
    postgres: { mode: "inCluster" },
    workerPools: Array.from({ length: POOLS }, (_, index) => ({
      name: `pool-${index}`,
      poolName: `pool-${index}`,
      consumer: `pool_${index}`,
      filterSubject: `noetl.commands.pool${index}.>`,
      scaling: {
        kind: "keda",
        maxReplicas: 20 + index,
        ...(index % 2 === 0 && { behavior: { scaleUp: { select: "min" } } }),
      },
    })),
  });
  const graph = await renderStack({ stack: "bench", file: "bench", config });
  const runs = Array.from({ length: ROUNDS + 1 }, () => {
    const start = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const reports = simulateScaling(graph, { demand: { pattern: "day" }, drain: 0.5, startTime: 30 });
    const wall = Number(process.hrtime.bigint() - start) / 1e6;
    const { user, system } = process.cpuUsage(cpu);
    return {
      wall,
      cpu: (user + system) / 1000,
      rows: reports.reduce((sum, { simulation }) => sum + simulation.rows.length, 0),
    };
  }).slice(1);
  const [wall, cpu] = [median(runs.map((run) => run.wall)), median(runs.map((run) => run.cpu))];
  console.log(
    [
      `Node ${process.version}, median of ${ROUNDS} rounds in one process`,
      `${poolScalersOf(graph).length} pools, a day, ${runs[0]?.rows ?? 0} rows: ${wall.toFixed(0)} ms (target: less than 2000), CPU ${cpu.toFixed(0)} ms`,
    ].join("\n"),
  );
}

void main();
