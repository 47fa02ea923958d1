import { FIRESTORE_AGENT } from "../../../components/mcp/firestore-agent-manifests";
import { covers } from "../../../components/nats/subject";
import { ORCHESTRATOR } from "../../../components/orchestrator/facts";
import { IMAGES } from "../../versions";
import { poolsOf, type PlacedPool } from "../pools";
import { repetitions, rule, when, withFirst, type Rule, type RulePath, type RuleProblem } from "./rule";

/** A rule that holds for each pool by itself. */
function eachPool(title: string, check: (pool: PlacedPool) => RuleProblem[]): Rule {
  return rule(title, ["workerPools", "systemPool"], (config) => poolsOf(config).flatMap(check));
}

interface Named {
  name: string;
  path: RulePath;
  /** The path in words. */
  place: string;
}

/** Everything in the platform's namespace; the MCP servers have names that nobody chooses. */
export const distinctNames = rule(
  "worker pools, system pool, subscriptions, gateway and server have a `name` of their own each, which with `ollamaBridge` is neither `ollama-bridge` nor `ollama`, with `firestoreAgent` not `firestore-agent`, and with `orchestrator` not `noetl-orchestrator`",
  ["workerPools", "systemPool", "subscriptions", "server", "gateway", "ollamaBridge", "firestoreAgent", "orchestrator"],
  ({ workerPools, systemPool, subscriptions, server, gateway, ollamaBridge, firestoreAgent, orchestrator }) => {
    const named = (name: string, at: RulePath, place: string): Named => ({ name, path: [...at, "name"], place });
    // The first of two is the one that keeps its name, so defaults stand before what people write.
    const all = [
      ...(ollamaBridge
        ? ["ollama-bridge", "ollama"].map((name) => ({ name, path: ["ollamaBridge"] as const, place: "ollamaBridge" }))
        : []),
      ...(firestoreAgent
        ? [{ name: FIRESTORE_AGENT, path: ["firestoreAgent"] as const, place: "firestoreAgent" }]
        : []),
      ...(orchestrator ? [{ name: ORCHESTRATOR, path: ["orchestrator"] as const, place: "orchestrator" }] : []),
      named(server.name, ["server"], "server"),
      named(systemPool.name, ["systemPool"], "systemPool"),
      ...(gateway ? [named(gateway.name, ["gateway"], "gateway")] : []),
      ...workerPools.map(({ name }, index) => named(name, ["workerPools", index], `workerPools[${index}]`)),
      ...subscriptions.map(({ name }, index) => named(name, ["subscriptions", index], `subscriptions[${index}]`)),
    ];
    return withFirst(all, ({ name }) => name).map(([{ name, path }, first]) => ({
      path,
      message: `"${name}" is the name of ${first.place} already`,
      allowed: "a name of its own",
      see: first.path,
    }));
  },
);

/** Every namespace has a ServiceAccount of this name, and every pod that names none runs as it. */
const RESERVED = "default";

export const reservedName = rule(
  "nothing is named `default`: neither worker pool, system pool, subscription, gateway nor server",
  ["workerPools", "systemPool", "subscriptions", "server", "gateway"],
  ({ workerPools, systemPool, subscriptions, server, gateway }) => {
    const check = (name: string, path: RulePath): RuleProblem[] =>
      when(name === RESERVED, {
        path,
        message: `"${RESERVED}" is the name of the namespace's own ServiceAccount, which would get its rights`,
        allowed: `another name than ${RESERVED}`,
      });
    return [
      ...workerPools.flatMap(({ name }, index) => check(name, ["workerPools", index, "name"])),
      ...check(systemPool.name, ["systemPool", "name"]),
      ...subscriptions.flatMap(({ name }, index) => check(name, ["subscriptions", index, "name"])),
      ...check(server.name, ["server", "name"]),
      ...(gateway ? check(gateway.name, ["gateway", "name"]) : []),
    ];
  },
);

/** A pool of its own segment has no names to derive. */
export const ownRoute = rule(
  "a Rust pool has a `segment`, or its own `consumer` and `filterSubject`",
  ["workerPools"],
  ({ workerPools }) =>
    workerPools.flatMap((pool, index) =>
      (["consumer", "filterSubject"] as const).flatMap((key) =>
        when(pool.runtime === "rust" && pool.segment === "own" && pool[key] === undefined, {
          path: ["workerPools", index, key],
          message: "is missing: a pool of segment own says itself what it takes",
          allowed:
            key === "consumer" ? "a name such as noetl_worker_pool_gpu" : "a subject such as noetl.commands.gpu.>",
          next: "give it, or set segment: shared, subscription or python",
        }),
      ),
    ),
);

/** The Python worker knows neither setting: it makes both of its segments. */
export const pythonRoute = rule(
  "a pool of `runtime: python` has neither `segment` nor `filterSubject`, but `segments`",
  ["workerPools"],
  ({ workerPools }) =>
    workerPools.flatMap(({ runtime, segment, filterSubject }, index): RuleProblem[] => {
      if (runtime !== "python") return [];
      const problem = (key: string): RuleProblem => ({
        path: ["workerPools", index, key],
        message: "is nothing that a Python worker reads",
        allowed: "no such key with runtime: python",
        next: "list the segments in segments",
      });
      return [
        ...when(segment !== "own", problem("segment")),
        ...when(filterSubject !== undefined, problem("filterSubject")),
      ];
    }),
);

export const distinctSegments = rule("a pool's `segments` name each once", ["workerPools"], ({ workerPools }) =>
  workerPools.flatMap(({ segments }, index) =>
    repetitions(segments).map(([repeated, first]) => ({
      path: ["workerPools", index, "segments", repeated] as const,
      message: `"${segments[repeated] ?? ""}" is in the list already`,
      allowed: "each segment once",
      see: ["workerPools", index, "segments", first] as const,
    })),
  ),
);

/** The default image is the Rust worker's, which holds no Python worker. */
export const pythonImage = rule("a pool of `runtime: python` gives its `image`", ["workerPools"], ({ workerPools }) =>
  workerPools.flatMap(({ runtime, image }, index) =>
    when(runtime === "python" && image === IMAGES.noetlWorker, {
      path: ["workerPools", index, "image"],
      message: `${image} is the Rust worker`,
      allowed: `an image with the Python worker, such as ${IMAGES.noetlPython}`,
    }),
  ),
);

/** A stream carries its subject and everything below it; a filter beyond that never matches a command. */
export const filterInStream = rule(
  "a pool's `filterSubject` is its `subject` or lies below it",
  ["workerPools"],
  ({ workerPools }) =>
    workerPools.flatMap(({ subject, filterSubject = subject }, index) =>
      when(![subject, `${subject}.>`].some((carried) => covers(carried, filterSubject)), {
        path: ["workerPools", index, "filterSubject"],
        message: `"${filterSubject}" is not among the subjects of the stream, "${subject}" and "${subject}.>"`,
        allowed: `${subject} or a subject that begins with ${subject}.`,
        see: ["workerPools", index, "subject"],
      }),
    ),
);

/** Whoever claims a command first keeps it, and other pools have neither the token nor the loops for these. */
export const systemCommands = rule(
  "no worker pool takes commands of segment system: they are for `systemPool`",
  ["workerPools", "systemPool"],
  ({ workerPools, systemPool }) =>
    workerPools.flatMap(({ stream, subject, filterSubject = subject }, index) =>
      when(stream === systemPool.stream && covers(filterSubject, `${systemPool.subject}.system.EXECUTION`), {
        path: ["workerPools", index, "filterSubject"],
        message: `"${filterSubject}" takes commands of segment system, which only noetl:systemPool can work on`,
        allowed: `subjects without ${systemPool.subject}.system.>`,
        next: "remove the pool if it was the system pool, and move its settings to noetl:systemPool",
      }),
    ),
);

/** A durable consumer has one filter: the last pool to start would take the commands of the others. */
export const oneFilterPerConsumer = rule(
  "pools that share a `consumer` of a `stream` have the same `filterSubject`",
  ["workerPools", "systemPool"],
  (config) =>
    sharedRoutes(config).flatMap(([{ pool, route, at }, first]) =>
      when(route.filterSubject !== first.route.filterSubject, {
        path: [...at, "runtime" in pool && pool.filterSubject !== undefined ? "filterSubject" : "consumer"],
        message: `${consumerText({ pool, route })} is shared, but "${route.filterSubject}" differs from "${first.route.filterSubject}" of ${first.place}`,
        allowed: `${first.route.filterSubject}, or another consumer`,
        see: [...first.at, "consumer"],
      }),
    ),
);

/** Two pools on one consumer each get a part of the commands: intended when they are equals, and else hard to find. */
export const sharedConsumers = rule(
  "a pool that shares its `consumer` with an earlier one says `sharesConsumer: true`",
  ["workerPools", "systemPool"],
  (config) =>
    sharedRoutes(config).flatMap(([{ pool, route, at }, first]) =>
      when(route.filterSubject === first.route.filterSubject && "runtime" in pool && !pool.sharesConsumer, {
        path: [...at, "sharesConsumer"],
        message: `${consumerText({ pool, route })} is that of ${first.place} already: each would get a part of its commands`,
        allowed: "true, if that is meant; or another segment or consumer",
        see: [...first.at, "name"],
      }),
    ),
);

export const oneSubjectPerStream = rule(
  "pools that share a `stream` have the same `subject`",
  ["workerPools", "systemPool"],
  (config) =>
    withFirst(poolsOf(config), ({ pool }) => pool.stream).flatMap(([{ at, pool }, first]) =>
      when(pool.subject !== first.pool.subject, {
        path: [...at, "subject"],
        message: `stream ${pool.stream} is shared, but "${pool.subject}" differs from "${first.pool.subject}" of ${first.place}`,
        allowed: `${first.pool.subject}, or another stream`,
        see: [...first.at, "subject"],
      }),
    ),
);

interface PlacedRoute extends PlacedPool {
  route: PlacedPool["routes"][number];
}

/** Each route with the first one of the same consumer, when that is another pool's. */
function sharedRoutes(config: Parameters<typeof poolsOf>[0]): [PlacedRoute, PlacedRoute][] {
  const routes = poolsOf(config).flatMap((placed) => placed.routes.map((route) => ({ ...placed, route })));
  const pairs = withFirst(routes, ({ pool, route }) => `${pool.stream} ${route.consumer}`);
  return pairs.filter(([{ pool }, first]) => pool !== first.pool);
}

function consumerText({ pool, route }: Pick<PlacedRoute, "pool" | "route">): string {
  return `consumer ${route.consumer} of stream ${pool.stream}`;
}

/** Otherwise the server takes a healthy pool for lost between two of its heartbeats. */
export const heartbeatInTime = rule(
  "a pool's `heartbeatInterval` is less than `server.runtimeOfflineSeconds`",
  ["workerPools", "systemPool", "server"],
  (config) =>
    poolsOf(config).flatMap(({ at, pool: { heartbeatInterval } }) =>
      when(heartbeatInterval >= config.server.runtimeOfflineSeconds, {
        path: [...at, "heartbeatInterval"],
        message: `a heartbeat every ${heartbeatInterval} s: the server takes a pool for offline after ${config.server.runtimeOfflineSeconds} s without one`,
        allowed: `less than server.runtimeOfflineSeconds, ${config.server.runtimeOfflineSeconds}`,
        see: ["server", "runtimeOfflineSeconds"],
      }),
    ),
);

/** Seconds that a worker needs to end besides its last command. */
const MARGIN = 10;

/** Nobody takes up what a killed worker has claimed: its execution stays RUNNING for ever. */
export const graceAboveTimeout = eachPool(
  `a pool's \`terminationGracePeriod\` is at least its \`commandTimeout\` and ${MARGIN} s`,
  ({ at, pool: { terminationGracePeriod, commandTimeout } }) =>
    when(terminationGracePeriod < commandTimeout + MARGIN, {
      path: [...at, "terminationGracePeriod"],
      message: `a pod is killed ${terminationGracePeriod} s after it is told to stop, before a command of ${commandTimeout} s is done`,
      allowed: `at least ${commandTimeout + MARGIN}: commandTimeout and ${MARGIN} more`,
      see: [...at, "commandTimeout"],
    }),
);

/** One value would overwrite the other. */
export const distinctVariables = eachPool(
  "a pool's `keychain` has each `variable` once",
  ({ at, pool: { keychain } }) =>
    withFirst(
      keychain.map(({ variable }, index) => ({ variable, index })),
      ({ variable }) => variable,
    ).map(([{ variable, index }, first]) => ({
      path: [...at, "keychain", index, "variable"],
      message: `"${variable}" is in the list already`,
      allowed: "each variable once",
      see: [...at, "keychain", first.index, "variable"],
    })),
);
