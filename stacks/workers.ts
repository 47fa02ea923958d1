import type * as pulumi from "@pulumi/pulumi";
import type { ClientTls } from "../components/noetl/client-tls";
import { writePath } from "../components/noetl/flip";
import type { RuntimeSecretKeys } from "../components/noetl/runtime-secrets";
import type { ServerConnection } from "../components/noetl/server";
import { SubscriptionRuntime } from "../components/noetl/subscription-runtime";
import { SystemWorkerPool } from "../components/noetl/system-worker-pool";
import type { KeychainVariable } from "../components/noetl/worker-env";
import type { WorkerRuntime } from "../components/noetl/worker-facts";
import { TOKEN } from "../components/tls/flight-names";
import type { FlightSide } from "../components/tls/flight-tls";
import { WorkerPool } from "../components/noetl/worker-pool";
import type { PlatformSpec } from "./profile";
import { scalePool, type Scalers } from "./scaling";
import type { WorkerPoolConfig } from "./schema";
import { podsOf, type PoolConfig } from "./schema/pools";
import { consumerPrefix, routesOf } from "./schema/segments";
import { IMAGES } from "./versions";

/** What every worker depends on, and what scales it. */
export interface WorkerSurroundings extends Scalers {
  server: ServerConnection;
  secrets: RuntimeSecretKeys;
  /** Certificate of all that run commands. Default: plain HTTP. */
  tls: ClientTls | undefined;
  /** What Rust pools need to reach Flight. */
  flight: FlightSide | undefined;
}

/** Everything that runs commands: the system pool, the worker pools and the subscription runtimes. */
export function workers(spec: PlatformSpec, around: WorkerSurroundings, opts: pulumi.ComponentResourceOptions): void {
  const { namespaces, server, nats, secrets, tls } = around;
  const shared = { server, nats, secrets, tls, namespace: namespaces.of("noetl"), curlImage: IMAGES.curl };
  const { systemPool } = spec;
  const { materializer, stateBuilder } = writePath(spec.server.flip);
  const system = new SystemWorkerPool(
    systemPool.name,
    {
      ...systemPool,
      ...shared,
      replicas: podsOf(systemPool),
      materializer: { ...systemPool.materializer, enabled: materializer },
      stateBuilder: { ...systemPool.stateBuilder, mode: stateBuilder },
      keychain: keychainOf(systemPool),
      cleanup: systemPool.cleanup.enabled ? systemPool.cleanup : undefined,
    },
    opts,
  );
  scalePool(systemPool, around, { parent: system });
  for (const pool of spec.workerPools) {
    // The worker that reads results by Flight is the Rust one.
    const flight = pool.runtime === "rust" ? around.flight : undefined;
    const keychain = [...keychainOf(pool), ...(flight?.tokens ? [{ variable: TOKEN, from: flight.tokens }] : [])];
    const args = { ...pool, ...shared, ...routingOf(pool), replicas: podsOf(pool), keychain, flight };
    scalePool(pool, around, { parent: new WorkerPool(pool.name, args, opts) });
  }
  for (const subscription of spec.subscriptions) {
    new SubscriptionRuntime(subscription.name, { ...subscription, ...shared }, opts);
  }
}

/** What a pool runs, and the consumer that it takes its commands from. */
export function routingOf(pool: WorkerPoolConfig): { runtime: WorkerRuntime; consumer: string } {
  const [route] = routesOf(pool);
  if (pool.runtime === "python" || route === undefined) {
    return { runtime: { kind: "python", segments: pool.segments }, consumer: consumerPrefix(pool.consumer) };
  }
  return { runtime: { kind: "rust", filterSubject: route.filterSubject }, consumer: route.consumer };
}

function keychainOf({ keychain }: PoolConfig): KeychainVariable[] {
  return keychain.map(({ variable, secret, key }) => ({ variable, from: { secret, key } }));
}
