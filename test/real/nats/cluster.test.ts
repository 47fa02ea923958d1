import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { NatsFacts } from "../../../components/nats/facts";
import { serverConf } from "../../../components/nats/server-conf";
import { ensureTool } from "../../../tools/find";
import { CLUSTER_FACTS } from "../../components/nats/facts";
import { waitFor } from "../support/wait";
import { NatsClient } from "./client";
import { allCurrent, metaGroup, objectsOf, PASSWORDS } from "./cluster-objects";
import { podsImpossible } from "./image";
import { NatsPods } from "./pods";
import type { NatsPod } from "./pod";
import { Publisher } from "./publisher";

/*
 * Clusters of the rendered objects, run by the real nats-server. The part of kubelet and StatefulSet controller is
 * played, faster than they are, so what holds here holds there; network between nodes and real disks are not.
 */

const LOGIN = { user: "noetl", password: PASSWORDS.noetl };
const reason = podsImpossible();

(reason === undefined ? describe : describe.skip)(
  `a NATS cluster${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let natsServer: string;
    let pods: NatsPods;

    beforeAll(async () => {
      const tool = await ensureTool("nats-server");
      if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
      natsServer = tool.path;
    });

    async function create(facts: NatsFacts): Promise<NatsPods> {
      pods = await NatsPods.create(natsServer, objectsOf(facts));
      return pods;
    }

    describe("of three servers", () => {
      beforeAll(async () => {
        await create(CLUSTER_FACTS);
        await pods.start();
        await pods.ready();
      });
      afterAll(() => pods.remove());

      it("has one meta group of three, and takes streams with three copies", async () => {
        const [group] = await Promise.all(pods.all.map(metaGroup));
        expect(group).toMatchObject({ cluster_size: 3 });
        const client = await NatsClient.connect(pods.pod("nats-0").ip, LOGIN);
        const made = await client.request("$JS.API.STREAM.CREATE.R3", {
          name: "R3",
          subjects: ["r3"],
          num_replicas: 3,
        });
        expect(made).not.toHaveProperty("error");
        expect(await client.request("r3", { hello: 1 })).toMatchObject({ stream: "R3", seq: 1 });
        client.close();
      });

      it("keeps its store below the volume", async () => {
        const { config } = await pods.pod("nats-0").monitor<{ config: { max_storage: number } }>("/jsz");
        expect(config.max_storage).toBe(5 * 2 ** 30);
        expect(config.max_storage).toBeLessThan(8 * 2 ** 30);
      });

      it("refuses a server that has no credentials, and one with wrong ones", async () => {
        const address = pods.pod("nats-0").ip;
        for (const login of ["", "route:wrong@"]) {
          const conf = `server_name: $POD_NAME
port: 4222
http_port: 8222
cluster { name: "nats", host: $POD_IP, port: 6222, routes: ["nats-route://${login}${address}:6222"] }
`;
          const objects = objectsOf({ ...CLUSTER_FACTS, name: "stranger", replicas: 1, gateway: undefined });
          const alone = {
            ...objects,
            configMap: { ...objects.configMap, data: { "nats.conf": conf, "restart-checksum": "" } },
          };
          const strangers = await NatsPods.create(natsServer, withAddress(alone));
          try {
            await strangers.start();
            const [stranger] = strangers.all;
            await waitFor("the refusal", () =>
              stranger?.log.includes("Authorization Violation") === true ? true : undefined,
            );
            expect(await stranger?.monitor("/routez")).toMatchObject({ num_routes: 0 });
          } finally {
            await strangers.remove();
          }
        }
        expect(await metaGroup(pods.pod("nats-0"))).toMatchObject({ cluster_size: 3 });
      });

      it("tells of a lost majority by no probe but the startup probe, so that nothing is restarted for it", async () => {
        const [last, ...others] = pods.all as [NatsPod, NatsPod, NatsPod];
        await Promise.all(others.map((pod) => pod.kill()));
        await waitFor("the loss to be noticed", async () => (await last.probe("startupProbe")) === 503 || undefined);
        expect([await last.probe("readinessProbe"), await last.probe("livenessProbe")]).toEqual([200, 200]);
        expect(await last.status("/healthz")).toBe(503);
        await pods.start(others);
        await pods.ready();
      });
    });

    describe("under load", () => {
      let publisher: Publisher;

      beforeEach(async () => {
        await create(CLUSTER_FACTS);
        await pods.start();
        await pods.ready();
        publisher = await Publisher.create(pods.all);
        publisher.start();
        await publisher.progress(500);
      });
      afterEach(async () => {
        await publisher.stop();
        await publisher.close();
        await pods.remove();
      });

      it("loses nothing that was acknowledged in a rolling update, and goes on after each pod", async () => {
        await pods.rollOut("nats", {
          each: async (pod) => {
            await pod.available();
            await publisher.progress(500);
          },
        });
        await publisher.stop();
        await allCurrent(pods.all);
        process.stdout.write(`rolling update: ${publisher.acknowledged.size} acknowledged, ${gapsOf(publisher)}\n`);
        expect(await publisher.lost()).toEqual([]);
      });

      it("loses nothing that was acknowledged when the stream's leader is killed", async () => {
        const { cluster } = await publisher.manager.streams.info("S");
        const leader = pods.pod(cluster?.leader ?? "");
        await leader.kill();
        await publisher.progress(500);
        await leader.start();
        await publisher.stop();
        await allCurrent(pods.all);
        process.stdout.write(`leader killed: ${publisher.acknowledged.size} acknowledged, ${gapsOf(publisher)}\n`);
        expect(await publisher.lost()).toEqual([]);
      });
    });

    it("starts also pod by pod, as long as no pod waits for the next", async () => {
      await create({ ...CLUSTER_FACTS, probes: "seed" });
      try {
        for (const pod of pods.all) {
          await pod.start();
          await pod.ready();
        }
        await allCurrent(pods.all);
      } finally {
        await pods.remove();
      }
    });

    it("would wait for ever pod by pod with the other probes, which is why pods start in parallel", async () => {
      await create(CLUSTER_FACTS);
      try {
        const [first, ...others] = pods.all as [NatsPod, ...NatsPod[]];
        await first.start();
        await waitFor("the missing leader", async () => (await first.probe("startupProbe")) === 503 || undefined);
        await pods.start(others);
        await pods.ready();
        expect(objectsOf(CLUSTER_FACTS).statefulSet).toMatchObject({ spec: { podManagementPolicy: "Parallel" } });
      } finally {
        await pods.remove();
      }
    });

    it("of five servers takes streams with five copies", async () => {
      await create({ ...CLUSTER_FACTS, replicas: 5 });
      try {
        await pods.start();
        await pods.ready();
        const client = await NatsClient.connect(pods.pod("nats-4").ip, LOGIN);
        const stream = { name: "R5", subjects: ["r5"], num_replicas: 5 };
        // Ready is who has a leader; the leader hears of the last of them a moment later, and refuses five copies until then.
        await waitFor("a stream with five copies", async () => {
          const { error } = await client.request("$JS.API.STREAM.CREATE.R5", stream);
          return error === undefined ? true : undefined;
        });
        expect(await client.request("r5", { hello: 1 })).toMatchObject({ seq: 1 });
        client.close();
      } finally {
        await pods.remove();
      }
    });

    it("of one server has no cluster block, which would never find a leader", async () => {
      const facts: NatsFacts = { ...CLUSTER_FACTS, replicas: 1 };
      expect(serverConf(facts)).not.toContain("cluster {");
      await create(facts);
      try {
        await pods.start();
        await pods.ready();
        expect(await pods.pod("nats-0").status("/healthz")).toBe(200);
      } finally {
        await pods.remove();
      }
    });
  },
);

function gapsOf({ gaps }: Publisher): string {
  return gaps.length === 0 ? "no gap" : `gaps of ${gaps.join(", ")} ms`;
}

/** Gives the server its address, which a single one has no need of. */
function withAddress(objects: ReturnType<typeof objectsOf>): ReturnType<typeof objectsOf> {
  const copy = structuredClone(objects) as unknown as {
    statefulSet: { spec: { template: { spec: { containers: [{ env: object[] }] } } } };
  };
  const [server] = copy.statefulSet.spec.template.spec.containers;
  server.env.push({ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } });
  return copy as unknown as ReturnType<typeof objectsOf>;
}
