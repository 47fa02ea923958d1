import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp, createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream, jetstreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { connect, headers } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import { backupRestore } from "../../../operations/rigs/catalog/backup-restore";
import { type Platform, platformOf } from "../../../operations/rigs/platform";
import { evidenceOf } from "../../../operations/rigs/report";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { ensureTool } from "../../../tools/find";
import { type Cluster, startCluster } from "../cluster/cluster";
import { backingImpossible, startBacking, type Backing } from "../contract/backing";
import { postgresPrograms } from "../database/postgres-server";
import { describeUnless } from "../stacks/requirements";
import { manifestsOf } from "../stacks/objects";
import type { KubeObject } from "../support/objects";
import { freePort } from "../support/ports";
import type { SupervisedProcess } from "../support/supervisor";
import { waitFor } from "../support/wait";
import { JobPods } from "./job-pods";
import { notesIn, verify, wrongIn } from "./verify";
import { Ways } from "./ways";

/*
 * The rig with a real PostgreSQL, pg_dump and pg_restore, and real nats-servers; Jobs and pods are of a real API server,
 * whose containers run here as processes. Not proved here: port-forwards, and Cloud SQL.
 */

const STACK = `
config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
`;
const ADMIN_PASSWORD = "admin-canary";
const LOGINS = {
  admin: { user: "demo", password: ADMIN_PASSWORD },
  postgres: { user: "noetl", password: "noetl-canary" },
  nats: { user: "noetl", password: "nats-canary" },
};
const OBJECTS = ["StatefulSet", "Service", "ServiceAccount", "ConfigMap"];

describeUnless(backingImpossible(), "the rig backup-restore", () => {
  let cluster: Cluster;
  let backing: Backing;
  let platform: Platform;
  let jobs: JobPods;
  let scratch: SupervisedProcess;
  let scratchPort = 0;
  let scratches = 0;
  /** Programs that are found before PostgreSQL's own. */
  const wrong = mkdtempSync(join(tmpdir(), "noetl-programs-"));
  const programs = postgresPrograms() ?? "";
  const ways = new Ways();
  let between: Server | undefined;

  beforeAll(async () => {
    const settings = parseStackFile(STACK, "Pulumi.backup.yaml");
    const graph = await renderStack(settings);
    platform = platformOf("backup", settings.config, graph);
    const stages = (all: readonly KubeObject[]) => all.filter(({ metadata }) => metadata.name !== "pod-complete");
    [cluster, backing] = await Promise.all([startCluster({ contextName: "kind-noetl", stages }), startBacking(LOGINS)]);
    const { kube } = cluster;
    const wanted = manifestsOf(graph).filter(
      ({ kind, metadata }) => OBJECTS.includes(kind) && ["nats", "postgres"].includes(metadata.namespace ?? ""),
    );
    await kube.applyAll([
      ...["noetl", "nats", "postgres"].map((name): KubeObject => ({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
      })),
      secret("noetl", "noetl-nats", { NATS_PASSWORD: LOGINS.nats.password }),
      secret("postgres", "postgres-secret", { POSTGRES_PASSWORD: ADMIN_PASSWORD }),
      ...wanted,
    ]);
    for (const [name, port, target] of [
      ["nats", 4222, backing.nats],
      ["postgres", 5432, backing.postgres],
    ] as const) {
      await kube.untilReady({ apiVersion: "apps/v1", kind: "StatefulSet", name, namespace: name });
      ways.lead(name, `${name}-0`, port, () => target);
    }
    ways.otherwise((namespace, pod) =>
      namespace === "nats" && /^noetl-verify-\w+-nats$/.test(pod)
        ? { host: "127.0.0.1", port: between ? (between.address() as AddressInfo).port : scratchPort }
        : undefined,
    );
    jobs = new JobPods(kube, "postgres", () => ({
      secrets: { "noetl-schema/PGPASSWORD": ADMIN_PASSWORD },
      env: { PGHOST: backing.postgres.host, PGPORT: String(backing.postgres.port) },
      programs: `${wrong}:${programs}`,
    }));
    jobs.start();
    await fill();
  });

  afterEach(async () => {
    between?.close();
    between = undefined;
    rmSync(join(wrong, "pg_restore"), { force: true });
    await scratch.kill();
  });
  afterAll(async () => {
    await jobs.stop();
    ways.close();
    await Promise.all([backing.stop(), cluster.stop()]);
    rmSync(wrong, { recursive: true });
  });

  /** Rows of many types, and messages with and without headers, one of which is gone. */
  async function fill(): Promise<void> {
    await backing.query(
      `CREATE TABLE noetl.proof AS SELECT i AS id, 'it''s ' || i AS text, jsonb_build_object('n', i) AS json,
         decode(md5(i::text), 'hex') AS bytes, i / 3.0::float8 AS float, now() + i * interval '1 s' AS at
       FROM generate_series(1, 500) AS s(i)`,
    );
    const nats = await connect({
      servers: `127.0.0.1:${backing.nats.port}`,
      user: "noetl",
      pass: LOGINS.nats.password,
    });
    const manager = await jetstreamManager(nats);
    const { streams } = manager;
    await streams.add({ name: "noetl_events", subjects: ["noetl.events.>"], retention: RetentionPolicy.Limits });
    await streams.add({ name: "NOETL_COMMANDS", subjects: ["noetl.commands.>"], storage: StorageType.Memory });
    await manager.consumers.add("noetl_events", { durable_name: "noetl_projector" });
    const more = headers();
    more.set("Nats-Msg-Id", "1");
    await jetstream(nats).publish("noetl.events.one", "with headers", { headers: more });
    for (let index = 0; index < 300; index += 1)
      await jetstream(nats).publish(`noetl.events.${index}`, "x".repeat(2000));
    await streams.deleteMessage("noetl_events", 7);
    await nats.close();
  }

  /** An empty NATS, for the pod that the rig makes. */
  async function startScratch(): Promise<void> {
    const tool = await ensureTool("nats-server");
    if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
    scratchPort = await freePort();
    const name = `scratch-${++scratches}`;
    const args = ["-a", "127.0.0.1", "-p", String(scratchPort), "-js", "-sd", join(cluster.folder, name)];
    scratch = await cluster.run({ name, command: tool.path, arguments: args });
    const port = scratchPort;
    await waitFor("the scratch NATS", () =>
      connect({ servers: `127.0.0.1:${port}` }).then(
        async (nats) => {
          await nats.close();
          return true as const;
        },
        () => undefined,
      ),
    );
  }

  const leftovers = async () => [
    ...(await backing.query("SELECT datname FROM pg_database WHERE datname LIKE 'noetl_verify%'")),
    ...(await cluster.kube.list("batch/v1", "Job", { namespace: "postgres" })),
    ...(await cluster.kube.list("v1", "Pod", { namespace: "nats" })).filter(
      ({ metadata }) => metadata.name !== "nats-0",
    ),
  ];

  it("gets back what it has backed up, and leaves nothing", async () => {
    await startScratch();
    const report = await verify(backupRestore, platform, { cluster, ways });

    expect(wrongIn(report)).toEqual([]);
    const seen = evidenceOf(report).map(({ what, seen: text }) => `${what}: ${text}`);
    expect(seen).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^noetl: noetl\.proof: 500 rows, checksum -?\d+$/),
        expect.stringMatching(/^stream noetl_events: messages 300, bytes \d+, first_seq 1, last_seq 301$/),
        "stream noetl_events: messages that are live, too: all 300 the same",
      ]),
    );
    expect(notesIn(report)).toContain(
      "stream NOETL_COMMANDS is left out: it is kept in memory, of which JetStream makes no snapshots: it goes with its servers",
    );
    expect(await leftovers()).toEqual([]);
  });

  it("given a restore that loses a row and one that loses a message, catches both", async () => {
    await startScratch();
    const real = join(programs, "pg_restore");
    const lose = `psql -q -d "$SCRATCH" -c "DELETE FROM noetl.proof WHERE id = 77"`;
    writeFileSync(join(wrong, "pg_restore"), `#!/bin/sh\n${real} "$@" && ${lose}\n`);
    chmodSync(join(wrong, "pg_restore"), 0o755);
    between = await losing(scratchPort);
    const report = await verify(backupRestore, platform, { cluster, ways });

    expect(wrongIn(report)).toEqual([
      expect.stringMatching(/^noetl: noetl\.proof: 500 rows, checksum \S+, not 499 rows, checksum \S+$/),
      expect.stringMatching(/^stream noetl_events: messages 300, .*, not messages 299, /),
      "stream noetl_events: messages that are live, too: all 300 the same, not missing or different: 9",
    ]);
    expect(await leftovers()).toEqual([]);
  });
});

/** A way to a NATS that loses a message of each stream that is restored, before anybody is told that it is there. */
async function losing(port: number): Promise<Server> {
  const lose = async (): Promise<void> => {
    const nats = await connect({ servers: `127.0.0.1:${port}` });
    await (await jetstreamManager(nats)).streams.deleteMessage("noetl_events", 9);
    await nats.close();
  };
  const server = createServer((socket) => {
    const there = connectTcp(port, "127.0.0.1");
    let turn = Promise.resolve();
    socket
      .on("data", (data) => there.write(data))
      .on("close", () => there.destroy())
      .on("error", () => there.destroy());
    there.on("close", () => socket.destroy()).on("error", () => socket.destroy());
    there.on("data", (data) => {
      turn = turn.then(async () => {
        if (data.includes("stream_create_response")) await lose();
        socket.write(data);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function secret(namespace: string, name: string, stringData: Record<string, string>) {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, stringData };
}
