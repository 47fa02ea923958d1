import { metricsPort } from "../../components/noetl/worker-facts";
import { HTTP_PORT, NAME, SERVICE } from "../../components/noetl/python-server-manifests";
import { at, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import { sourcesOf } from "../../stacks/schema/pools";
import type { RigContext } from "./context";
import type { Sample } from "./metrics";
import type { Platform, Workload } from "./platform";
import { type Endpoint, isReady } from "./reach";
import type { Need } from "./rig";

/** The worker pools of a runtime. */
export function poolsOf({ workers, config }: Platform, runtime: "rust" | "python"): Workload[] {
  const names = config.workerPools.filter((pool) => pool.runtime === runtime).map(({ name }) => name);
  return workers.filter(({ ref }) => names.includes(ref.name));
}

/** Consumer of the part of the command stream that a segment is, and who pulls from it; undefined when nobody does. */
export function segmentOf({ config: { systemPool, workerPools } }: Platform, segment: "system" | "shared") {
  const pools = segment === "system" ? [systemPool] : workerPools;
  const found = pools.flatMap((pool) =>
    sourcesOf(pool)
      .filter(({ subject, filterSubject }) => filterSubject === `${subject}.${segment}.>`)
      .map(({ stream, consumer }) => ({ stream, consumer, pool: pool.name })),
  );
  const [first] = found;
  return first && { stream: first.stream, consumer: first.consumer, pools: found.map(({ pool }) => pool) };
}

/** That a pool is there which runs what the rig starts. */
export function rustPoolNeeds(platform: Platform): Need[] {
  const pools = poolsOf(platform, "rust").filter(({ ref }) => segmentOf(platform, "shared")?.pools.includes(ref.name));
  if (pools.length === 0) return [{ unmet: "the stack has no Rust worker pool of segment shared: noetl:workerPools" }];
  return pools.map(({ ref }) => ({ object: ref }));
}

/** That the server in Python is there. @param why it is needed */
export function pythonServerNeeds({ config, namespace }: Platform, why: string): Need[] {
  if (config.pythonServer === undefined) return [{ unmet: `the stack has no noetl:pythonServer: ${why}` }];
  return [
    { object: { apiVersion: "apps/v1", kind: "Deployment", name: NAME, namespace } },
    { object: { apiVersion: "v1", kind: "Service", name: SERVICE, namespace } },
  ];
}

/** That the event log can be read, all of it in one database. */
export function eventLogNeeds({ postgres, config }: Platform): Need[] {
  if (postgres === undefined) return [{ unmet: "the database is not in this cluster, and the rig reads it" }];
  if (config.server.shards.databases === "perShard")
    return [{ unmet: "executions lie in several databases (noetl:server.shards.databases), and the rig reads one" }];
  return [];
}

/** The API of the server in Python. */
export function pythonServerOf({ namespace }: Platform): Endpoint {
  return { kind: "Service", name: SERVICE, namespace, port: HTTP_PORT };
}

/** `/metrics` of every pod of the Rust pools, in one list. @throws UserError when no pod is ready */
export async function scrapeRust(context: RigContext): Promise<Sample[]> {
  const { platform, reach } = context;
  const scrapes: Sample[][] = [];
  for (const { ref } of poolsOf(platform, "rust")) {
    const pods = (await reach.pods(platform.namespace, { app: ref.name })).filter(isReady);
    for (const pod of pods) {
      const name = textOf(at(pod, "metadata", "name")) ?? "";
      scrapes.push(
        await context.metrics({ kind: "Pod", name, namespace: platform.namespace, port: metricsPort("rust") }),
      );
    }
  }
  if (scrapes.length === 0) throw new UserError("no pod of a Rust worker pool is ready");
  return scrapes.flat();
}
