import { describe, expect, test } from "@jest/globals";
import { configOf, problem, problemsOf, stackText } from "./support";

describe("PgBouncer", () => {
  test("given no key, when read, then there is none", () => {
    expect(configOf(stackText("")).pgbouncer).toBeUndefined();
  });

  test("given an empty key, when read, then it has the platform's own settings", () => {
    expect(configOf(stackText("noetl:pgbouncer: {}")).pgbouncer).toMatchObject({
      image: "docker.io/edoburu/pgbouncer:v1.24.1-p1",
      replicas: 2,
      poolSize: 16,
      minPoolSize: 1,
      reservePool: 4,
      reservePoolTimeout: 5,
      maxClientConnections: 600,
      serverLifetime: 21600,
      serverIdleTimeout: 300,
      exporter: true,
    });
  });

  test("given just enough connections, when read, then nothing is wrong", () => {
    const postgres = "noetl:postgres: { mode: inCluster, maxConnections: 39 }";
    expect(problemsOf(stackText("noetl:pgbouncer: {}", { postgres }))).toEqual([]);
  });

  test.each([
    [
      "one connection too few",
      "noetl:pgbouncer: {}",
      "noetl:postgres: { mode: inCluster, maxConnections: 38 }",
      problem(
        "4:54",
        "noetl:postgres.maxConnections",
        "38 less 20 reserved and 1 of the schema Job leaves 17 for 3 pods of PgBouncer (one drains while an update rolls) × 3 databases (line 5)",
        {
          allowed: "at least 39",
          next: "or lower pgbouncer.replicas, postgres.reservedConnections or the number of databases",
        },
      ),
    ],
    [
      "a pooler before a pooler",
      `noetl:pgbouncer: {}
noetl:secrets: { postgresPassword: { secure: v1:x }, noetlPassword: { secure: v1:x } }`,
      "noetl:postgres: { mode: external, host: db.example.com, transactionPooling: true }",
      problem(
        "4:79",
        "noetl:postgres.transactionPooling",
        "a pooler stands in front of the instance already, and pgbouncer would be a second one (line 5)",
        { allowed: "false, with the instance itself as postgres.host; or no pgbouncer" },
      ),
    ],
    [
      "more connections to keep than a pool has",
      "noetl:pgbouncer: { poolSize: 4, minPoolSize: 5 }",
      "noetl:postgres: { mode: inCluster }",
      problem(
        "5:48",
        "noetl:pgbouncer.minPoolSize",
        "5 connections to keep are more than the 4 of pgbouncer.poolSize",
        { allowed: "a whole number from 0 to 4" },
      ),
    ],
    [
      "a request above the limit",
      "noetl:pgbouncer: { resources: { requests: { memory: 1Gi } } }",
      "noetl:postgres: { mode: inCluster }",
      problem(
        "5:55",
        "noetl:pgbouncer.resources.requests.memory",
        "1Gi is requested, more than the limit of 512Mi (the default)",
        {
          allowed: "at most 512Mi",
        },
      ),
    ],
  ])("given %s, when read, then it is refused", (_, lines, postgres, expected) => {
    expect(problemsOf(stackText(lines, { postgres }))).toEqual([expected]);
  });
});
