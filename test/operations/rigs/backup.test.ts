import { describe, expect, test } from "@jest/globals";
import { type Comparison, streamEvidence } from "../../../operations/rigs/backup/messages";
import { dumpJob, proxyPod, scratchNats } from "../../../operations/rigs/backup/pods";
import { aloneConfig, unfit } from "../../../operations/rigs/backup/stream-backup";
import { tableEvidence, type TableSum } from "../../../operations/rigs/backup/tables";
import { isObject, listOf, objectOf, type JsonObject } from "../../../preview/json";
import { env, graph, workload } from "../../preview/support";

const RESTRICTED: JsonObject = { allowPrivilegeEscalation: false };

/** The Job that makes the schema, with Cloud SQL's proxy beside it. */
const JOB = graph(
  workload({
    kind: "Job",
    name: "noetl-schema",
    namespace: "postgres",
    container: {
      name: "bootstrap",
      image: "postgres:17.4",
      command: ["sh", "/schema/bootstrap.sh"],
      env: env({
        PGHOST: "127.0.0.1",
        PGPORT: "6432",
        PGUSER: "postgres",
        PGPASSWORD: { secretKeyRef: { name: "noetl-schema", key: "PGPASSWORD" } },
        NOETL_PASSWORD: { secretKeyRef: { name: "noetl-schema", key: "NOETL_PASSWORD" } },
      }),
      securityContext: RESTRICTED,
      volumeMounts: [{ name: "schema", mountPath: "/schema" }],
    },
    podSpec: {
      serviceAccountName: "cloudsql-proxy",
      restartPolicy: "OnFailure",
      initContainers: [{ name: "cloud-sql-proxy", restartPolicy: "Always" }],
      volumes: [{ name: "schema", configMap: { name: "noetl-schema" } }],
    },
  }),
);

const login = env({
  PGHOST: "127.0.0.1",
  PGPORT: "6432",
  PGUSER: "postgres",
  PGPASSWORD: { secretKeyRef: { name: "noetl-schema", key: "PGPASSWORD" } },
});

const podSpecOf = (job: JsonObject) => objectOf(objectOf(objectOf(job.spec).template).spec);
const containerOf = (podSpec: JsonObject) => listOf(podSpec.containers).find(isObject) ?? {};

describe("the Job that dumps and restores", () => {
  const job = dumpJob({ graph: JOB }, "noetl-verify-1", {
    source: "noetl",
    scratch: "noetl_verify_1",
    snapshot: "00000003-1B-1",
  });
  const podSpec = podSpecOf(job);

  test("comes to the instance as the one does that makes the schema, and has none of its other secrets", () => {
    expect([job.metadata, podSpec.serviceAccountName, podSpec.initContainers, podSpec.volumes]).toEqual([
      { name: "noetl-verify-1", namespace: "postgres", labels: { app: "noetl-schema" } },
      "cloudsql-proxy",
      [{ name: "cloud-sql-proxy", restartPolicy: "Always" }],
      undefined,
    ]);
    expect(containerOf(podSpec)).toMatchObject({
      image: "postgres:17.4",
      securityContext: RESTRICTED,
      env: [
        ...listOf(login),
        { name: "SOURCE", value: "noetl" },
        { name: "SCRATCH", value: "noetl_verify_1" },
        { name: "SNAPSHOT", value: "00000003-1B-1" },
      ],
    });
    expect(containerOf(podSpec)).not.toHaveProperty("volumeMounts");
  });

  test("is tried once, and does not outlive its hour", () => {
    expect([job.spec, podSpec.restartPolicy]).toMatchObject([
      { backoffLimit: 0, activeDeadlineSeconds: 3600 },
      "Never",
    ]);
  });

  test("given a stack without the other one, then it says so", () => {
    expect(() => proxyPod({ graph: graph() }, "noetl-verify-1")).toThrow(
      "the stack has no Job that makes the database's schema",
    );
  });
});

describe("the pods beside it", () => {
  test("keep the way to Cloud SQL open", () => {
    const pod = proxyPod({ graph: JOB }, "noetl-verify-1-proxy");
    const podSpec = objectOf(pod.spec);
    expect(containerOf(podSpec)).toMatchObject({ command: ["sleep", "3600"], env: login });
    expect(podSpec).toMatchObject({
      activeDeadlineSeconds: 3600,
      initContainers: [{ name: "cloud-sql-proxy", restartPolicy: "Always" }],
    });
  });

  test("run a NATS that nobody but a port-forward reaches", () => {
    const { spec, metadata } = scratchNats("noetl-verify-1-nats", "nats:2.12.2-alpine");
    expect(metadata).toMatchObject({ namespace: "nats", labels: { app: "noetl-verify" } });
    expect(containerOf(objectOf(spec))).toMatchObject({
      image: "nats:2.12.2-alpine",
      command: ["nats-server", "-a", "127.0.0.1", "-p", "4222", "-js", "-sd", "/data"],
    });
    expect(spec).toMatchObject({ automountServiceAccountToken: false, activeDeadlineSeconds: 3600 });
  });
});

describe("tables", () => {
  const EVENT: TableSum = { table: "noetl.event", rows: "12", checksum: "-77" };
  const CATALOG: TableSum = { table: "noetl.catalog", rows: "0", checksum: "0" };
  const seen = (...restored: TableSum[]) =>
    tableEvidence("noetl", [CATALOG, EVENT], restored).map(({ ok, seen: what }) => `${ok ? "ok" : "wrong"}: ${what}`);

  test("given the same rows, then each table is stated", () => {
    expect(tableEvidence("noetl", [CATALOG, EVENT], [EVENT, CATALOG])).toEqual([
      { what: "tables of database noetl", expected: "2, restored", seen: "2, restored", ok: true },
      { what: "noetl: noetl.catalog", expected: "0 rows, checksum 0", seen: "0 rows, checksum 0", ok: true },
      { what: "noetl: noetl.event", expected: "12 rows, checksum -77", seen: "12 rows, checksum -77", ok: true },
    ]);
  });

  test.each<[string, TableSum[], string[]]>([
    [
      "a row less",
      [CATALOG, { ...EVENT, rows: "11", checksum: "-3" }],
      ["ok: 2, restored", "ok: 0 rows, checksum 0", "wrong: 11 rows, checksum -3"],
    ],
    [
      "another row in its place",
      [CATALOG, { ...EVENT, checksum: "5" }],
      ["ok: 2, restored", "ok: 0 rows, checksum 0", "wrong: 12 rows, checksum 5"],
    ],
    ["a table less", [EVENT], ["wrong: 1, restored", "wrong: not there", "ok: 12 rows, checksum -77"]],
    [
      "a table more",
      [CATALOG, EVENT, { ...EVENT, table: "public.more" }],
      ["wrong: also public.more", "ok: 0 rows, checksum 0", "ok: 12 rows, checksum -77"],
    ],
  ])("given %s, then it is told", (_, restored, told) => {
    expect(seen(...restored)).toEqual(told);
  });

  test("given a database without any, then nothing is proven", () => {
    expect(tableEvidence("noetl", [], [])).toMatchObject([{ seen: "0, restored", ok: false }]);
  });
});

describe("streams", () => {
  const STATE = { messages: 3, bytes: 120, first_seq: 1, last_seq: 4, consumer_count: 5 };
  const SAME: Comparison = {
    stream: "NOETL_COMMANDS",
    packed: STATE,
    restored: { ...STATE, consumer_count: 0 },
    live: new Map([
      [3, "c"],
      [4, "d"],
    ]),
    messages: new Map([
      [1, "a"],
      [3, "c"],
      [4, "d"],
    ]),
  };

  test("given the same messages, of which the live stream has let one go, then all is well", () => {
    const state = "messages 3, bytes 120, first_seq 1, last_seq 4";
    expect(streamEvidence(SAME)).toEqual([
      { what: "stream NOETL_COMMANDS", expected: state, seen: state, ok: true },
      {
        what: "stream NOETL_COMMANDS: messages that are live, too",
        expected: "all 2 the same",
        seen: "all 2 the same",
        ok: true,
      },
    ]);
  });

  test.each<[string, Partial<Comparison>, string[]]>([
    [
      "a message that is lost",
      {
        restored: { ...STATE, messages: 2, bytes: 80 },
        messages: new Map([
          [1, "a"],
          [4, "d"],
        ]),
      },
      ["wrong: messages 2, bytes 80, first_seq 1, last_seq 4", "wrong: missing or different: 3"],
    ],
    [
      "a message that is another one",
      {
        messages: new Map([
          [1, "a"],
          [3, "c"],
          [4, "x"],
        ]),
      },
      ["ok: messages 3, bytes 120, first_seq 1, last_seq 4", "wrong: missing or different: 4"],
    ],
  ])("given %s, then it is told", (_, change, told) => {
    expect(streamEvidence({ ...SAME, ...change }).map(({ ok, seen }) => `${ok ? "ok" : "wrong"}: ${seen}`)).toEqual(
      told,
    );
  });

  test("given one that only its consumers may read, then its numbers are compared", () => {
    const { live: _live, ...rest } = SAME;
    expect(streamEvidence(rest)).toHaveLength(1);
  });

  test.each<[string, JsonObject, number, string | undefined]>([
    ["of files", { storage: "file" }, 100, undefined],
    [
      "in memory",
      { storage: "memory" },
      0,
      "it is kept in memory, of which JetStream makes no snapshots: it goes with its servers",
    ],
    [
      "that mirrors another",
      { storage: "file", mirror: { name: "S" } },
      0,
      "it is a mirror: its origin is what there is to back up",
    ],
    ["that is large", { storage: "file" }, 101, "it has 101 bytes; a rig restores at most 100"],
  ])("given one %s, then it is clear whether it is backed up", (_, settings, bytes, reason) => {
    expect(unfit(settings, bytes, 100)).toBe(reason);
  });

  test("are restored as a server that is alone can have them, for good", () => {
    expect(
      aloneConfig({ name: "S", num_replicas: 3, placement: { cluster: "a" }, max_age: 5, subjects: ["s"] }),
    ).toEqual({
      name: "S",
      num_replicas: 1,
      max_age: 0,
      subjects: ["s"],
    });
  });
});
