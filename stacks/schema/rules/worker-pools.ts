import { covers } from "../../../components/nats/subject";
import type { WorkerPoolConfig } from "..";
import { firstIndexes, repetitions, rule, when, type RuleProblem } from "./rule";

export const distinctNames = rule("each worker pool has a `name` of its own", ["workerPools"], ({ workerPools }) => {
  const names = workerPools.map(({ name }) => name);
  return repetitions(names).map(([index, first]) => ({
    path: ["workerPools", index, "name"] as const,
    message: `"${names[index] ?? ""}" is the name of workerPools[${first}] already`,
    allowed: "a name of its own for each pool",
    see: ["workerPools", first, "name"] as const,
  }));
});

/** Server and pools share a namespace. */
export const notServersName = rule(
  "no worker pool is named like the server, `server.name`",
  ["workerPools", "server"],
  ({ workerPools, server }) =>
    workerPools.flatMap(({ name }, index) =>
      when(name === server.name, {
        path: ["workerPools", index, "name"],
        message: `"${name}" is the server's name, server.name`,
        allowed: "another name than server.name",
        see: ["server", "name"],
      }),
    ),
);

/** Every namespace has a ServiceAccount of this name, and every pod that names none runs as it. */
const RESERVED = "default";

export const reservedName = rule(
  "neither a worker pool nor the server is named `default`",
  ["workerPools", "server"],
  ({ workerPools, server }) => {
    const problem = (path: RuleProblem["path"]): RuleProblem => ({
      path,
      message: `"${RESERVED}" is the name of the namespace's own ServiceAccount, which would get its rights`,
      allowed: `another name than ${RESERVED}`,
    });
    return [
      ...workerPools.flatMap(({ name }, index) => when(name === RESERVED, problem(["workerPools", index, "name"]))),
      ...when(server.name === RESERVED, problem(["server", "name"])),
    ];
  },
);

/** A stream carries its subject and everything below it; a filter beyond that never matches a command. */
export const filterInStream = rule(
  "a pool's `filterSubject` is its `subject` or lies below it",
  ["workerPools"],
  ({ workerPools }) =>
    workerPools.flatMap(({ subject, filterSubject }, index) =>
      when(![subject, `${subject}.>`].some((carried) => covers(carried, filterSubject)), {
        path: ["workerPools", index, "filterSubject"],
        message: `"${filterSubject}" is not among the subjects of the stream, "${subject}" and "${subject}.>"`,
        allowed: `${subject} or a subject that begins with ${subject}.`,
        see: ["workerPools", index, "subject"],
      }),
    ),
);

/** A durable consumer has one filter: the last pool to start would take the commands of the others. */
export const oneFilterPerConsumer = rule(
  "pools that share a `consumer` of a `stream` have the same `filterSubject`",
  ["workerPools"],
  ({ workerPools }) =>
    disagreements(workerPools, "filterSubject", ({ stream, consumer }) => `consumer ${consumer} of stream ${stream}`),
);

export const oneSubjectPerStream = rule(
  "pools that share a `stream` have the same `subject`",
  ["workerPools"],
  ({ workerPools }) => disagreements(workerPools, "subject", ({ stream }) => `stream ${stream}`),
);

/** Pools that share something, by its name, but not the setting that belongs to it. */
function disagreements(
  pools: readonly WorkerPoolConfig[],
  key: "subject" | "filterSubject",
  sharedBy: (pool: WorkerPoolConfig) => string,
): RuleProblem[] {
  const firsts = firstIndexes(pools.map(sharedBy));
  return pools.flatMap((pool, index) => {
    const first = firsts.get(sharedBy(pool)) ?? index;
    const expected = pools[first]?.[key] ?? pool[key];
    return when(pool[key] !== expected, {
      path: ["workerPools", index, key],
      message: `${sharedBy(pool)} is shared, but "${pool[key]}" differs from "${expected}" of workerPools[${first}]`,
      allowed: `${expected}, or another ${key === "subject" ? "stream" : "consumer"}`,
      see: ["workerPools", first, key],
    });
  });
}

/** Otherwise the server takes a healthy pool for lost between two of its heartbeats. */
export const heartbeatInTime = rule(
  "a pool's `heartbeatInterval` is less than `server.runtimeOfflineSeconds`",
  ["workerPools", "server"],
  ({ workerPools, server }) =>
    workerPools.flatMap(({ heartbeatInterval }, index) =>
      when(heartbeatInterval >= server.runtimeOfflineSeconds, {
        path: ["workerPools", index, "heartbeatInterval"],
        message: `a heartbeat every ${heartbeatInterval} s: the server takes a pool for offline after ${server.runtimeOfflineSeconds} s without one`,
        allowed: `less than server.runtimeOfflineSeconds, ${server.runtimeOfflineSeconds}`,
        see: ["server", "runtimeOfflineSeconds"],
      }),
    ),
);
