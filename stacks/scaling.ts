import type * as pulumi from "@pulumi/pulumi";
import type { Namespaces } from "../components/kubernetes/namespaces";
import type { NatsConnection } from "../components/nats/connection";
import { consumerOf, type StreamFacts } from "../components/nats/streams";
import type { KedaScaling, ScaledWorkload } from "../components/scaling/facts";
import { HpaScaler } from "../components/scaling/hpa-scaler";
import { KedaOperator } from "../components/scaling/keda-operator";
import { KedaScaler } from "../components/scaling/keda-scaler";
import { scaledObjectName } from "../components/scaling/scaled-object";
import type { PlatformConfig, ScalingConfig } from "./schema";
import { sourcesOf, type PoolConfig } from "./schema/pools";
import { CHARTS } from "./versions";

/** The operator, where the stack installs it. */
export function kedaOperatorOf(
  { keda }: PlatformConfig,
  namespaces: Namespaces,
  opts: pulumi.ComponentResourceOptions,
): KedaOperator | undefined {
  if (keda.install !== true) return undefined;
  const args = { ...keda, namespace: namespaces.of(keda.namespace), chart: CHARTS.keda };
  return new KedaOperator("keda", args, opts);
}

/** What a pool's scaler works with. */
export interface Scalers {
  namespaces: Namespaces;
  nats: NatsConnection;
  /** What the consumers are in. */
  streams: readonly StreamFacts[];
  /** The operator, when the stack installs it: without it there are no ScaledObjects. */
  operator: KedaOperator | undefined;
}

/** Makes the scaler of a pool, if it has one. */
export function scalePool(
  pool: PoolConfig,
  { namespaces, nats, streams, operator }: Scalers,
  opts: pulumi.ComponentResourceOptions,
): void {
  const { name, poolName, scaling } = pool;
  if (scaling === undefined) return;
  const workload: ScaledWorkload = {
    name,
    namespace: namespaces.of("noetl"),
    app: name,
    component: "runtime" in pool ? "worker" : "system-worker",
    extra: { "worker-pool": poolName },
  };
  if (scaling.kind === "hpa") {
    new HpaScaler(name, { workload, scaling }, opts);
    return;
  }
  const args = { workload, nats, scaling: kedaScalingOf(pool, scaling, streams) };
  new KedaScaler(scalerName(pool, scaling), args, { ...opts, ...(operator && { dependsOn: operator }) });
}

/** Name of a pool's ScaledObject. */
function scalerName({ name, poolName }: Pick<PoolConfig, "name" | "poolName">, scaling: ScalingConfig): string {
  return (scaling.kind === "keda" ? scaling.name : undefined) ?? scaledObjectName(name, poolName);
}

/** The pool's own consumers first, then the others, each with the pool's thresholds unless it has its own. */
function kedaScalingOf(
  pool: PoolConfig,
  scaling: Extract<ScalingConfig, { kind: "keda" }>,
  streams: readonly StreamFacts[],
): KedaScaling {
  const own = sourcesOf(pool).map(({ stream, consumer }) => ({ stream, consumer }));
  const consumers = [...own, ...scaling.consumers].map((one) => {
    const source = { ...scaling, stream: pool.stream, ...one };
    return {
      stream: source.stream,
      consumer: consumerOf(streams, source),
      lagThreshold: source.lagThreshold,
      activationLagThreshold: source.activationLagThreshold,
    };
  });
  return { ...scaling, consumers };
}
