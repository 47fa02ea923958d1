import { commandSubjects, eventStream } from "../../../components/nats/streams";
import { overlaps } from "../../../components/nats/subject";
import { mostPodsOf, poolsOf, type PoolConfig } from "../pools";
import { repetitions, rule, when, type RulePath, type RuleProblem } from "./rule";

/** The stream carries the subject and `SUBJECT.>`, which no subject can be after a final `>`. */
export const plainSubjects = rule("a pool's `subject` has no final `>`", ["workerPools", "systemPool"], (config) =>
  poolsOf(config).flatMap(({ at, pool: { subject } }) =>
    when(subject.endsWith(">"), {
      path: [...at, "subject"],
      message: `"${subject}" ends with '>', but the stream carries everything below its subject anyway`,
      allowed: subject === ">" ? "a subject such as noetl.commands" : subject.slice(0, -2),
    }),
  ),
);

/** nats-server refuses the second one. */
export const streamsApart = rule(
  "no two streams carry the same subject",
  ["workerPools", "systemPool", "streams"],
  ({ streams, ...config }) => {
    const pools = poolsOf(config);
    const events = streams.mode === "declared" && streams.also.includes("events") ? [eventStream(1)] : [];
    return pools.flatMap(({ at, pool }, index): RuleProblem[] => {
      const first = pools.findIndex((other) => other.pool.stream !== pool.stream && sharesSubjects(pool, other.pool));
      const other = pools[first];
      if (other && first < index) {
        return [problem(pool, at, `stream ${other.pool.stream} of ${other.place}`, [...other.at, "subject"])];
      }
      const taken = events.find(({ subjects }) => carriesAny(pool, subjects));
      return taken ? [problem(pool, at, `stream ${taken.name}`, ["streams", "also"])] : [];
    });
  },
);

function sharesSubjects(pool: PoolConfig, { subject }: PoolConfig): boolean {
  return carriesAny(pool, commandSubjects(subject));
}

function carriesAny({ subject }: PoolConfig, subjects: readonly string[]): boolean {
  return commandSubjects(subject).some((one) => subjects.some((other) => overlaps(one, other)));
}

function problem({ stream, subject }: PoolConfig, at: RulePath, taken: string, see: RulePath): RuleProblem {
  return {
    path: [...at, "subject"],
    message: `stream ${stream} would carry "${subject}" and what is below it, but ${taken} carries some of that already`,
    allowed: "a subject that no other stream carries",
    see,
  };
}

/** nats-server refuses it. */
export const duplicatesWithinAge = rule(
  "`streams.duplicateWindow` is at most `streams.maxAge`, unless that is 0",
  ["streams"],
  ({ streams }) => {
    if (streams.mode === "asNeeded") return [];
    const { duplicateWindow, maxAge } = streams;
    return when(maxAge > 0 && duplicateWindow > maxAge, {
      path: ["streams", "duplicateWindow"],
      message: `${duplicateWindow} s is longer than a command stays, ${maxAge} s`,
      allowed: `a whole number from 1 to ${maxAge}`,
      see: ["streams", "maxAge"],
    });
  },
);

/** A worker claims one command at a time, so a pod beyond the limit never gets one. */
export const commandForEachPod = rule(
  "`streams.maxAckPending` is at least the number of pods that share a consumer",
  ["workerPools", "systemPool", "streams"],
  ({ streams, ...config }) => {
    if (streams.mode === "asNeeded") return [];
    const { maxAckPending } = streams;
    const pods = new Map<string, number>();
    for (const { pool, routes } of poolsOf(config)) {
      for (const { consumer, stream } of routes) {
        const shared = `consumer ${consumer} of stream ${stream}`;
        pods.set(shared, (pods.get(shared) ?? 0) + mostPodsOf(pool));
      }
    }
    return [...pods].flatMap(([shared, count]) =>
      when(count > maxAckPending, {
        path: ["streams", "maxAckPending"],
        message: `${maxAckPending} is less than the ${count} pods of ${shared}: some would never get a command`,
        allowed: `a whole number from ${count} to 1000000`,
      }),
    );
  },
);

export const distinctExtras = rule("`streams.also` names each thing once", ["streams"], ({ streams }) => {
  const also = streams.mode === "declared" ? streams.also : [];
  return repetitions(also).map(([index, first]) => ({
    path: ["streams", "also", index] as const,
    message: `"${also[index] ?? ""}" is in the list already`,
    allowed: "each of events, coherence and gateway once",
    see: ["streams", "also", first] as const,
  }));
});
