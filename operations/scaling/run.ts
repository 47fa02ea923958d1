import type { ResourceGraph } from "../../preview/graph";
import { UserError } from "../../stacks/errors";
import { type ClusterSettings, DEFAULT_CLUSTER } from "./autoscaler";
import { poolScalersOf, scaledByUsage, type PoolScaler } from "./models";
import { type PoolReport, poolReport } from "./report";
import { simulate } from "./simulate";
import { lagSource, patternTrace, type Trace } from "./trace";

/** What to simulate. */
export interface ScalingQuestion {
  /** Only these workloads. Default: all that KEDA scales. */
  pools?: readonly string[];
  /** Lag or rate over time: given, or a pattern with its highest value, which by default is what nearly all pods are there for. */
  demand: Trace | { pattern: string; peak?: number | undefined };
  /** Messages a second that one pod works off; the demand is then a rate, and the lag follows. */
  drain?: number | undefined;
  /** Seconds until a new pod works. */
  startTime?: number | undefined;
  cluster?: Partial<ClusterSettings> | undefined;
}

/** Seconds between two rows of a simulation. */
const STEP = 10;

/** Part of the most pods that a pattern asks for by default. */
const DEFAULT_LOAD = 0.8;

/**
 * Simulates the scalers of a rendered stack.
 *
 * @throws UserError when there is nothing to simulate, or the question does not fit
 */
export function simulateScaling(graph: ResourceGraph, question: ScalingQuestion): PoolReport[] {
  const cluster = { ...DEFAULT_CLUSTER, ...question.cluster };
  return chosen(graph, question, cluster).map((scaler) => {
    const trace = traceFor(scaler, question);
    const source = lagSource(trace, scaler.consumers, question.drain);
    const { startTime = 0 } = question;
    return poolReport(
      scaler,
      simulate(scaler.model, source, { duration: trace.duration, step: STEP, startTime, cluster }),
    );
  });
}

function chosen(graph: ResourceGraph, { pools }: ScalingQuestion, cluster: ClusterSettings): PoolScaler[] {
  const scalers = poolScalersOf(graph, cluster);
  const names = scalers.map(({ pool }) => pool);
  const others = scaledByUsage(graph);
  const usage = others.length === 0 ? "" : `; ${others.join(", ")}: scaled on CPU, which no lag tells`;
  if (scalers.length === 0) {
    throw new UserError(
      `KEDA scales nothing in stack ${graph.stack}${usage}; give a pool of noetl:workerPools scaling.kind: keda`,
    );
  }
  const unknown = (pools ?? []).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UserError(
      `KEDA does not scale '${unknown}' in stack ${graph.stack}; it scales: ${names.join(", ")}${usage}`,
    );
  }
  return scalers.filter(({ pool }) => pools === undefined || pools.includes(pool));
}

function traceFor({ model }: PoolScaler, { demand, drain }: ScalingQuestion): Trace {
  if ("samples" in demand) {
    if (demand.quantity === "rate" && drain === undefined) {
      throw new UserError("a trace of rates needs --drain: how many messages a second one pod works off");
    }
    if (demand.quantity === "lag" && drain !== undefined) {
      throw new UserError(
        "a trace of lag says what the lag is, so --drain has no say in it; name its column rate instead",
      );
    }
    return demand;
  }
  const { pattern, peak } = demand;
  const each = drain ?? Math.max(...model.triggers.map(({ lagThreshold }) => lagThreshold));
  return patternTrace(pattern, drain === undefined ? "lag" : "rate", peak ?? model.maxReplicas * each * DEFAULT_LOAD);
}
