import { describe, expect, test } from "@jest/globals";
import { checkContext } from "../../../preview/checks";
import {
  connectionBudget,
  connectionBudgetCheck,
  explainConnectionBudget,
} from "../../../preview/checks/connection-budget";
import type { Json, ResourceGraph } from "../../../preview/graph";
import { config, env, findingsOf, graph, object, workload, type WorkloadOptions } from "../support";

const URN = "urn:pulumi:kind::noetl::kubernetes:apps/v1:StatefulSet::server";

function server(replicas: number, pool: number, options: WorkloadOptions = {}) {
  return workload({
    kind: "StatefulSet",
    name: "server",
    container: { env: env({ POSTGRES_MAX_CONNECTIONS: String(pool) }) },
    ...options,
    spec: { replicas, ...options.spec },
  });
}

function explain(shown: ResourceGraph, settings?: Record<string, unknown>): string {
  return explainConnectionBudget(connectionBudget(checkContext({ graph: shown, config: config(settings) })));
}

describe("connection budget", () => {
  test("given pools that use exactly what is available, when checked, then nothing is found", () => {
    expect(findingsOf(connectionBudgetCheck, graph(server(18, 10)))).toEqual([]);
  });

  test("given one connection more than is available, when checked, then the sum and three ways out are named", () => {
    const postgres = { mode: "inCluster", maxConnections: 199 };
    expect(findingsOf(connectionBudgetCheck, graph(server(18, 10)), { postgres })).toEqual([
      {
        severity: "error",
        rule: "connection-budget",
        resource: URN,
        message: "18 × 10 = 180 connections, but 199 max_connections − 20 reserved = 179",
        fix: "raise noetl:postgres.maxConnections to 200, or lower noetl:server.replicas to 17 or noetl:server.pool.max",
      },
    ]);
  });

  test("given a database for each shard, when checked, then every pool that a server opens counts", () => {
    const sharded = env({
      POSTGRES_MAX_CONNECTIONS: "10",
      NOETL_SHARDS: { secretKeyRef: { name: "noetl-shards", key: "NOETL_SHARDS" } },
    });
    const shown = graph(server(4, 10, { container: { env: sharded } }));
    const settings = { server: { replicas: 4, shards: { count: 4, databases: "perShard" } } };
    // Four shards, the rest, and POSTGRES_*.
    expect(explain(shown, settings)).toMatch(/^StatefulSet noetl\/server: 4 × 60 = 240$/m);
    expect(findingsOf(connectionBudgetCheck, shown, settings)).toMatchObject([{ severity: "error" }]);
    // Elsewhere, the shards' pools do not count against this instance.
    const elsewhere = { ...settings, secrets: { shardDsns: ["a", "b", "c", "d"] } };
    expect(explain(shown, elsewhere)).toMatch(/^StatefulSet noetl\/server: 4 × 20 = 80$/m);
  });

  test("given pools of two workloads, when they exceed the budget together, then both are in the sum", () => {
    const other = workload({
      name: "outbox",
      container: { env: env({ POSTGRES_MAX_CONNECTIONS: "5" }) },
      spec: { replicas: 2 },
    });
    expect(findingsOf(connectionBudgetCheck, graph(server(18, 10), other))).toMatchObject([
      {
        severity: "error",
        resource: URN,
        message: "18 × 10 + 2 × 5 = 190 connections, but 200 max_connections − 20 reserved = 180",
      },
    ]);
  });

  test("given the Python server, when it exceeds the budget, then both its pools count and its own setting is named", () => {
    const python = workload({
      name: "noetl-server",
      container: { env: env({ NOETL_POSTGRES_POOL_MAX_SIZE: "16", NOETL_BG_POOL_MAX_SIZE: "4" }) },
      spec: { replicas: 1 },
    });
    expect(explain(graph(python))).toBe(
      "Deployment noetl/noetl-server: 1 × 20 = 20\nin all 20 of 180 (200 max_connections − 20 reserved); 40 while updates roll",
    );
    expect(findingsOf(connectionBudgetCheck, graph(server(17, 10), python))).toEqual([
      {
        severity: "error",
        rule: "connection-budget",
        resource: URN,
        message: "17 × 10 + 1 × 20 = 190 connections, but 200 max_connections − 20 reserved = 180",
        fix: "raise noetl:postgres.maxConnections to 210, or lower noetl:server.replicas or noetl:server.pool.max or noetl:pythonServer.pool.max",
      },
    ]);
  });

  test.each([
    ["a Deployment's surge of a quarter", undefined, 3],
    ["a surge in percent", { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%" } }, 5],
    ["a surge in pods", { rollingUpdate: { maxSurge: 9 } }, 9],
  ] as [string, Json | undefined, number][])(
    "given %s, when only the update exceeds the budget, then it is information",
    (_, strategy, surge) => {
      const shown = graph(server(9, 20, { kind: "Deployment", ...(strategy !== undefined && { spec: { strategy } }) }));
      expect(findingsOf(connectionBudgetCheck, shown)).toEqual([
        {
          severity: "info",
          rule: "connection-budget",
          resource: URN.replace("StatefulSet", "Deployment"),
          message: `180 connections fit 200 max_connections − 20 reserved = 180, but ${180 + surge * 20} while a rolling update runs old and new pods side by side`,
          fix: `raise noetl:postgres.maxConnections to ${200 + surge * 20}, or lower noetl:server.pool.max`,
        },
      ]);
    },
  );

  test("given a Deployment that stops its pods before it starts new ones, when checked, then nothing surges", () => {
    const shown = graph(server(18, 10, { kind: "Deployment", spec: { strategy: { type: "Recreate" } } }));
    expect(findingsOf(connectionBudgetCheck, shown)).toEqual([]);
  });

  test("given an autoscaled server, when checked, then its maximum counts", () => {
    const scaler = object({
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "server", namespace: "noetl" },
      spec: { scaleTargetRef: { kind: "StatefulSet", name: "server" }, minReplicaCount: 1, maxReplicaCount: 19 },
    });
    expect(findingsOf(connectionBudgetCheck, graph(server(1, 10), scaler))).toMatchObject([
      { message: "19 × 10 = 190 connections, but 200 max_connections − 20 reserved = 180" },
    ]);
  });

  test("given a transaction pooler in front, when checked, then pool sizes are no finding and the derivation says why", () => {
    const postgres = { mode: "external", host: "pgbouncer.example", transactionPooling: true };
    expect(findingsOf(connectionBudgetCheck, graph(server(100, 100)), { postgres })).toEqual([]);
    expect(explain(graph(server(100, 100)), { postgres })).toBe(
      "StatefulSet noetl/server: 100 × 100 = 10000\n" +
        "in all 10000 client connections; a transaction pooler stands in front: its own pool, not these, counts against 200 max_connections",
    );
  });

  test("given pools that fit, when explained, then every share, the sum and the limit are shown", () => {
    expect(explain(graph(server(2, 10, { kind: "Deployment" }), workload({ name: "worker" })))).toBe(
      "Deployment noetl/server: 2 × 10 = 20\nin all 20 of 180 (200 max_connections − 20 reserved); 30 while updates roll",
    );
  });
});
