import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { passwordsConf } from "../../../components/nats/accounts";
import * as manifests from "../../../components/nats/manifests";
import * as nack from "../../../components/nats/jetstream-manifests";
import {
  bucketConfig,
  consumerConfig,
  creationRequests,
  streamConfig,
} from "../../../components/nats/jetstream-requests";
import { serverConf } from "../../../components/nats/server-conf";
import {
  coherenceBuckets,
  commandStreams,
  eventStream,
  gatewayBuckets,
  type JetStreamFacts,
  MADE_BY_WORKERS,
} from "../../../components/nats/streams";
import { ensureTool } from "../../../tools/find";
import { FACTS } from "../../components/nats/facts";
import { startCluster, type Cluster } from "../cluster/cluster";
import { clusterImpossible } from "../stacks/requirements";
import type { KubeObject } from "../support/objects";
import { waitFor } from "../support/wait";
import { NatsClient } from "./client";
import { podsImpossible } from "./image";
import type { NatsPod } from "./pod";
import { NatsPods } from "./pods";

/*
 * What a real nats-server makes of declared streams, consumers and buckets: by make-streams.sh with the real `nats`
 * command, and by the real NACK controller. Not proved here: key-value buckets by NACK, which need its control loop.
 */

const run = promisify(execFile);
const LOGIN = { user: "noetl", password: "canary" };
const SHARED = {
  stream: "NOETL_COMMANDS",
  subject: "noetl.commands",
  consumer: "noetl_worker_pool_shared",
  filterSubject: "noetl.commands.shared.>",
};
const SYSTEM = { ...SHARED, consumer: "noetl_worker_pool_system", filterSubject: "noetl.commands.system.>" };
const LIMITS = {
  storage: "file",
  maxAge: 3600,
  duplicateWindow: 120,
  replicas: 1,
  ackWait: 960,
  maxDeliver: 1000,
  maxAckPending: 64,
} as const;
const DECLARED: JetStreamFacts = {
  streams: [...commandStreams([SHARED, SYSTEM], LIMITS), eventStream(1)],
  buckets: [...coherenceBuckets(1), ...gatewayBuckets(1)],
};
const impossible = podsImpossible();

async function toolPath(name: "nats-server" | "nats" | "jetstream-controller"): Promise<string> {
  const tool = await ensureTool(name);
  if (!tool.found) throw new Error(`${name}: ${tool.reason}`);
  return tool.path;
}

async function startServer(): Promise<NatsPod> {
  const pods = await NatsPods.create(await toolPath("nats-server"), {
    statefulSet: manifests.statefulSet(FACTS, ""),
    configMap: { ...manifests.configMap(FACTS), data: manifests.configData(serverConf(FACTS)) },
    secret: manifests.authSecret(FACTS, passwordsConf({ system: "system", noetl: LOGIN.password })),
  });
  const pod = pods.pod("nats-0");
  await pod.start();
  return pod;
}

/** The configurations of everything declared, as the server tells them; undefined where there is none. */
async function told(pod: NatsPod, declared: JetStreamFacts): Promise<unknown[]> {
  const client = await NatsClient.connect(pod.ip, LOGIN);
  const config = async (subject: string) => (await client.request(`$JS.API.${subject}`)).config;
  const found: unknown[] = [];
  for (const { name, consumers } of declared.streams) {
    found.push(await config(`STREAM.INFO.${name}`));
    for (const consumer of consumers) found.push(await config(`CONSUMER.INFO.${name}.${consumer.name}`));
  }
  for (const { name } of declared.buckets) found.push(await config(`STREAM.INFO.KV_${name}`));
  client.close();
  return found;
}

/** What {@link told} shall tell. */
function wanted({ streams, buckets }: JetStreamFacts): object[] {
  return [
    ...streams.flatMap((stream) => [streamConfig(stream), ...stream.consumers.map(consumerConfig)]),
    ...buckets.map(bucketConfig),
  ];
}

(impossible === undefined ? describe : describe.skip)(
  `declared streams${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    let pod: NatsPod;

    beforeEach(async () => {
      pod = await startServer();
    });
    afterEach(() => pod.remove());

    describe("given make-streams.sh and the nats command", () => {
      let folder: string;
      beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "noetl-streams-"));
      });
      afterEach(() => rm(folder, { recursive: true, force: true }));

      /** Runs the script as the init container does. @returns what it says */
      async function make(declared: JetStreamFacts, limit = 0): Promise<string> {
        const files = join(folder, "streams");
        await rm(files, { recursive: true, force: true });
        await mkdir(files);
        for (const [name, text] of Object.entries(creationRequests(declared))) await writeFile(join(files, name), text);
        const script = join(__dirname, "../../../components/noetl/make-streams.sh");
        const path = dirname(await toolPath("nats"));
        const env = {
          PATH: `${path}:/usr/bin:/bin`,
          HOME: folder,
          NATS_URL: `nats://${pod.ip}:4222`,
          NATS_USER: LOGIN.user,
          NATS_PASSWORD: LOGIN.password,
          STREAMS_DIR: files,
        };
        const { stdout } = await run("sh", [script], { env, timeout: limit });
        expect(stdout).not.toContain(LOGIN.password);
        return stdout;
      }

      it("makes everything as declared, and nothing more a second time", async () => {
        const first = await make(DECLARED);
        expect(await told(pod, DECLARED)).toMatchObject(wanted(DECLARED));
        const before = await told(pod, DECLARED);
        expect(await make(DECLARED)).toBe(first);
        expect(await told(pod, DECLARED)).toStrictEqual(before);
      });

      it("leaves what a worker made before, be it different", async () => {
        const made = { streams: commandStreams([SHARED], MADE_BY_WORKERS), buckets: [] };
        await make(made);
        const said = await make(DECLARED);
        expect(said).toContain("STREAM.CREATE.NOETL_COMMANDS: exists in another form, which stays");
        expect(said).toContain(
          "CONSUMER.DURABLE.CREATE.NOETL_COMMANDS.noetl_worker_pool_shared: exists in another form, which stays",
        );
        expect(await told(pod, made)).toMatchObject(wanted(made));
        expect(await told(pod, { streams: DECLARED.streams.slice(1), buckets: [] })).toMatchObject(
          wanted({ streams: DECLARED.streams.slice(1), buckets: [] }),
        );
      });

      it("goes on trying while the server refuses", async () => {
        const refused = { streams: commandStreams([SHARED], { ...LIMITS, replicas: 3 }), buckets: [] };
        await expect(make(refused, 15_000)).rejects.toMatchObject({
          stderr: expect.stringContaining("replicas \\u003e 1 not supported in non-clustered mode"),
        });
      });

      it("gives a stream that the worker's own attempt finds, so that both agree", async () => {
        await make(DECLARED);
        const client = await NatsClient.connect(pod.ip, LOGIN);
        // What the worker does at its start: it looks, and makes only what is missing.
        expect(await client.request("$JS.API.STREAM.INFO.NOETL_COMMANDS")).toHaveProperty("config");
        // A command that nobody takes yet waits in the stream instead of failing.
        expect(await client.request("noetl.commands.shared.1", { command_id: "1" })).toStrictEqual({
          stream: "NOETL_COMMANDS",
          seq: 1,
        });
        client.close();
      });
    });

    it("memory streams are gone after a restart of a single server, which is why file storage is the default", async () => {
      const client = await NatsClient.connect(pod.ip, LOGIN);
      for (const storage of ["file", "memory"] as const) {
        const [stream] = commandStreams([{ ...SHARED, stream: storage, subject: storage }], { ...LIMITS, storage });
        await client.request(`$JS.API.STREAM.CREATE.${storage}`, stream && streamConfig(stream));
      }
      client.close();
      await pod.kill();
      await pod.start();
      const again = await NatsClient.connect(pod.ip, LOGIN);
      expect(await again.request("$JS.API.STREAM.NAMES")).toMatchObject({ streams: ["file"] });
      again.close();
    });

    const noCluster = clusterImpossible();
    (noCluster === undefined ? describe : describe.skip)(
      `given the NACK controller${noCluster === undefined ? "" : ` (skipped: ${noCluster})`}`,
      () => {
        let cluster: Cluster;
        beforeAll(async () => {
          cluster = await startCluster({ crds: true });
        });
        afterAll(() => cluster.stop());

        it("makes streams and consumers of the custom resources", async () => {
          const facts = {
            name: "noetl-streams",
            namespace: { name: "nats", created: "nats" },
            servers: [`nats://${pod.ip}:4222`],
            user: LOGIN.user,
          };
          const object = (kind: string, args: object): KubeObject =>
            ({ apiVersion: nack.NACK_API, kind, ...args }) as unknown as KubeObject;
          const { streams } = DECLARED;
          const resources = streams.flatMap((stream) => [
            object("Stream", nack.stream(facts, stream)),
            ...stream.consumers.map((consumer) => object("Consumer", nack.consumer(facts, stream.name, consumer))),
          ]);
          await cluster.kube.applyAll([
            { apiVersion: "v1", kind: "Namespace", metadata: { name: "nats" } },
            { apiVersion: "v1", kind: "Secret", ...nack.credentials(facts, LOGIN.password) } as KubeObject,
            object("Account", nack.account(facts)),
            ...resources,
          ]);

          await cluster.run({
            name: "jetstream-controller",
            command: await toolPath("jetstream-controller"),
            arguments: ["--crd-connect", `--kubeconfig=${cluster.kubeconfigPath}`],
          });

          const only = { streams, buckets: [] };
          await waitFor("the controller to make everything", async () =>
            (await told(pod, only)).every((config) => config !== undefined) ? true : undefined,
          );
          expect(await told(pod, only)).toMatchObject(wanted(only));
        });
      },
    );
  },
);
