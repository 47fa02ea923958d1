import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { gatewayUrl, type NatsFacts } from "../../../components/nats/facts";
import * as manifests from "../../../components/nats/manifests";
import { secretConf } from "../../../components/nats/server-conf";
import { hazardsBetween } from "../../../preview/hazards";
import type { Manifest, ResourceGraph } from "../../../preview/graph";
import { ensureTool } from "../../../tools/find";
import { CLUSTER_FACTS, FACTS } from "../../components/nats/facts";
import { graph, object, type Node } from "../../preview/support";
import { waitFor } from "../support/wait";
import { NatsClient } from "./client";
import { podsImpossible } from "./image";
import { plainObjects, type PodObjects } from "./manifests";
import type { NatsPod } from "./pod";
import { NatsPods } from "./pods";

/*
 * What preview/hazards says of changes that destroy data, seen with the real nats-server: each test makes the change of
 * rendered objects that the preview calls by the rule, on pods that keep their volumes.
 */

const PASSWORDS = { system: "s", noetl: "n", cluster: "c", gateway: "g" };
const LOGIN = { user: "noetl", password: PASSWORDS.noetl };
/** Asking a server that has nobody to answer takes this long. */
const NO_ANSWER_MILLISECONDS = 3000;
const reason = podsImpossible();

interface Answer {
  error?: { code: number; err_code: number; description: string };
  state?: { messages: number };
  cluster?: { leader?: string };
  streams?: string[] | null;
  seq?: number;
  /** Nobody answered. */
  silent?: true;
}

function objectsOf(facts: NatsFacts): PodObjects {
  return {
    statefulSet: manifests.statefulSet(facts, ""),
    configMap: manifests.configMap(facts),
    secret: manifests.authSecret(facts, secretConf(facts, PASSWORDS)),
  };
}

/** What the preview would know of these objects. */
function nodesOf({ statefulSet, configMap }: PodObjects): Node[] {
  const set = { apiVersion: "apps/v1", kind: "StatefulSet", ...statefulSet } as unknown as Manifest;
  return [object({ apiVersion: "v1", kind: "ConfigMap", ...configMap } as unknown as Manifest), object(set)];
}

function rules(before: PodObjects, after: PodObjects): string[] {
  return rulesOf([before], [after]);
}

function rulesOf(before: readonly PodObjects[], after: readonly PodObjects[]): string[] {
  const side = (sets: readonly PodObjects[]): ResourceGraph => graph(...sets.flatMap(nodesOf));
  return hazardsBetween(side(before), side(after)).map(({ rule }) => rule);
}

/** One request as user noetl, on a connection of its own. */
async function ask({ ip }: NatsPod, subject: string, body: unknown = ""): Promise<Answer> {
  const client = await NatsClient.connect(ip, LOGIN);
  const silence = new AbortController();
  const answer = client.request(subject, body).catch((): Answer => ({ silent: true })) as Promise<Answer>;
  const nobody = delay(NO_ANSWER_MILLISECONDS, { silent: true } as const, { signal: silence.signal });
  try {
    return await Promise.race([answer, nobody]);
  } finally {
    silence.abort();
    nobody.catch(() => undefined);
    client.close();
  }
}

const infoOf = (pod: NatsPod, stream: string): Promise<Answer> => ask(pod, `$JS.API.STREAM.INFO.${stream}`);
const streamsOf = async (pod: NatsPod): Promise<string[]> => (await ask(pod, "$JS.API.STREAM.NAMES")).streams ?? [];

/** Makes a file stream and publishes to it. */
async function fill(pod: NatsPod, name: string, replicas: number, messages = 5, size = 10): Promise<void> {
  const config = { name, subjects: [`${name}.>`], storage: "file", retention: "limits", num_replicas: replicas };
  await waitFor(`stream ${name}`, async () => {
    const { error, silent } = await ask(pod, `$JS.API.STREAM.CREATE.${name}`, config);
    return (error === undefined && !silent) || undefined;
  });
  for (let index = 0; index < messages; index += 1) {
    const { seq } = await ask(pod, `${name}.x`, "x".repeat(size));
    expect(seq).toBe(index + 1);
  }
}

/** Waits until the JetStream API of a cluster answers. */
async function leader(pod: NatsPod): Promise<void> {
  await waitFor("a meta leader", async () => {
    const { meta_cluster: meta } = await pod.monitor<{ meta_cluster?: { leader?: string } }>("/jsz");
    return meta?.leader;
  });
}

async function restart(pods: readonly NatsPod[], objects: PodObjects): Promise<void> {
  for (const pod of pods) {
    if (pod.running) await pod.signal("SIGTERM");
    await pod.change(plainObjects(objects));
  }
  await Promise.all(pods.map((pod) => pod.start()));
}

(reason === undefined ? describe : describe.skip)(
  `changes that destroy data, in nats-server${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    const ONE = objectsOf(FACTS);
    const THREE = objectsOf(CLUSTER_FACTS);
    let natsServer: string;
    let pods: NatsPods;

    beforeAll(async () => {
      const tool = await ensureTool("nats-server");
      if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
      natsServer = tool.path;
    });
    afterEach(() => pods.remove());

    /** Pods of which none runs yet, as `first` has them. */
    async function podsOf(most: PodObjects, first: PodObjects): Promise<NatsPod> {
      pods = await NatsPods.create(natsServer, most);
      const [pod] = pods.all;
      if (!pod) throw new Error("no pod");
      await restart(first === most ? pods.all : [pod], first);
      return pod;
    }

    it("nats-standalone-to-cluster: the streams are invisible at once, and then deleted", async () => {
      expect(rules(ONE, THREE)).toEqual(["nats-standalone-to-cluster"]);
      const pod = await podsOf(THREE, ONE);
      await fill(pod, "OLD", 1);
      expect((await pod.files()).filter((file) => file.includes("/streams/OLD/"))).not.toEqual([]);
      await restart(pods.all, THREE);
      await leader(pod);
      expect(await streamsOf(pod)).toEqual([]);
      expect(await infoOf(pod, "OLD")).toMatchObject({ error: { err_code: 10059, description: "stream not found" } });
      await waitFor(
        "the orphan",
        () => pod.log.includes("Detected orphaned stream 'NOETL > OLD', will cleanup") || undefined,
      );
      await waitFor("its files to go", async () => {
        const files = await pod.files();
        return !files.some((file) => file.includes("/streams/OLD/")) || undefined;
      });
    });

    it("nats-cluster-to-standalone: streams of several copies are refused, and back with all servers", async () => {
      expect(rules(THREE, ONE)).toEqual(["nats-cluster-to-standalone"]);
      const pod = await podsOf(THREE, THREE);
      await leader(pod);
      await fill(pod, "COPIES", 3);
      for (const other of pods.all) await other.signal("SIGTERM");
      await restart([pod], ONE);
      expect(pod.log).toContain("replicas > 1 not supported in non-clustered mode (10074)");
      expect(await infoOf(pod, "COPIES")).toMatchObject({ error: { err_code: 10059 } });
      expect(await pod.monitor("/healthz")).toMatchObject({
        error: "JetStream stream 'NOETL > COPIES' could not be recovered",
      });
      await restart(pods.all, THREE);
      await leader(pod);
      const back = await waitFor("the stream", async () => (await infoOf(pod, "COPIES")).state);
      expect(back).toMatchObject({ messages: 5 });
    });

    it("nats-servers-removed: streams of servers that left are offline, and the group still counts the servers", async () => {
      const five = objectsOf({ ...CLUSTER_FACTS, replicas: 5 });
      expect(rules(five, THREE)).toEqual(["nats-servers-removed"]);
      const pod = await podsOf(five, five);
      await leader(pod);
      const names = Array.from({ length: 10 }, (_, index) => `SINGLE${index}`);
      for (const name of names) await fill(pod, name, 1, 1);
      const places = new Map<string, string | undefined>();
      for (const name of names) places.set(name, (await infoOf(pod, name)).cluster?.leader);
      const lost = names.filter((name) => /-[34]$/.test(places.get(name) ?? ""));
      expect(lost).not.toEqual([]);
      for (const left of pods.all.slice(3)) await left.signal("SIGTERM");
      for (const stays of pods.all.slice(0, 3)) await restart([stays], THREE);
      await leader(pod);
      expect(await pod.monitor("/jsz")).toMatchObject({ meta_cluster: { cluster_size: 5 } });
      for (const name of names.filter((other) => !lost.includes(other))) {
        expect(await waitFor(name, async () => (await infoOf(pod, name)).state)).toMatchObject({ messages: 1 });
      }
      for (const name of lost) {
        await waitFor(`${name} to be offline`, async () => {
          const { error } = await infoOf(pod, name);
          return error?.err_code === 10118 || undefined;
        });
      }
    });

    it("nats-servers-renamed: the cluster has no leader, and JetStream no answer", async () => {
      const renamed = structuredClone(plainObjects(THREE));
      const conf = renamed.configMap.data["nats.conf"] ?? "";
      renamed.configMap.data["nats.conf"] = conf.replace("server_name: $POD_NAME", 'server_name: "new-name"');
      const after = renamed as unknown as PodObjects;
      expect(rules(THREE, after)).toEqual(["nats-servers-renamed"]);
      const pod = await podsOf(THREE, THREE);
      await leader(pod);
      await fill(pod, "COPIES", 3);
      for (const server of pods.all) {
        // Every server needs a name of its own.
        renamed.configMap.data["nats.conf"] = conf.replace(
          "server_name: $POD_NAME",
          `server_name: "new-${server.name}"`,
        );
        await restart([server], after);
      }
      await waitFor("JetStream to give up", async () => {
        const { error } = await infoOf(pod, "COPIES");
        return error?.err_code === 10008 || undefined;
      });
    });

    describe("gateways", () => {
      const apart = (name: string): NatsFacts => ({ ...CLUSTER_FACTS, name });
      const joined = (name: string, peer: string): PodObjects =>
        objectsOf({ ...apart(name), gateway: { peers: [{ name: peer, urls: [gatewayUrl(apart(peer))] }] } });
      const [A, B] = [objectsOf(apart("a")), objectsOf(apart("b"))];
      const [WITH_B, WITH_A] = [joined("a", "b"), joined("b", "a")];

      it("nats-populated-join: of the streams of both sides, only one side's are left in the list", async () => {
        expect(rulesOf([A, B], [WITH_B, WITH_A])).toEqual(["nats-populated-join"]);
        pods = await NatsPods.create(natsServer, A, B);
        const [a, b] = [pods.pod("a-0"), pods.pod("b-0")];
        await pods.start();
        for (const [pod, name] of [
          [a, "OF_A"],
          [b, "OF_B"],
        ] as const) {
          await leader(pod);
          await fill(pod, name, 3);
        }
        for (const pod of pods.all) await pod.signal("SIGTERM");
        for (const pod of pods.all) await pod.change(plainObjects(pod.name.startsWith("a-") ? WITH_B : WITH_A));
        await pods.start();
        const size = async () => (await a.monitor<{ meta_cluster?: { cluster_size?: number } }>("/jsz")).meta_cluster;
        await waitFor("one group of six", async () => (await size())?.cluster_size === 6 || undefined);
        await leader(a);
        const left = await waitFor("the list", async () => {
          const streams = await streamsOf(a);
          return streams.length > 0 ? streams : undefined;
        });
        expect(left).toHaveLength(1);
      });

      it("an empty cluster joins one that holds data without loss, as the safe way says", async () => {
        expect(rulesOf([A], [WITH_B, WITH_A])).toEqual([]);
        pods = await NatsPods.create(natsServer, A, WITH_A);
        const a = pods.pod("a-0");
        await pods.start(pods.of("a"));
        await leader(a);
        await fill(a, "OF_A", 3);
        await pods.start(pods.of("b"));
        for (const pod of pods.of("a")) {
          await restart([pod], WITH_B);
          await pod.ready();
        }
        await leader(a);
        const state = await waitFor("the stream", async () => (await infoOf(a, "OF_A")).state);
        expect(state).toMatchObject({ messages: 5 });
      });

      it("nats-quorum-lost: a supercluster of two without one has no JetStream API", async () => {
        expect(rulesOf([WITH_B, WITH_A], [A])).toEqual(["nats-quorum-lost", "stateful-set-removed"]);
        pods = await NatsPods.create(natsServer, WITH_B, WITH_A);
        await pods.start();
        const a = pods.pod("a-0");
        await leader(a);
        await fill(a, "OF_A", 3);
        for (const pod of pods.of("b")) await pod.signal("SIGTERM");
        for (const pod of pods.of("a")) await restart([pod], A);
        await waitFor("JetStream to give up", async () => {
          const { error } = await ask(a, "$JS.API.STREAM.CREATE.NEW", {
            name: "NEW",
            subjects: ["NEW"],
            storage: "file",
          });
          return error?.err_code === 10008 || undefined;
        });
      });
    });

    it("nats-store-lowered: a reload refuses it, and after a restart a fuller store takes no message", async () => {
      const large = objectsOf({ ...FACTS, jetstream: { memory: "16Mi", file: "16Mi" } });
      const small = objectsOf({ ...FACTS, jetstream: { memory: "16Mi", file: "4Mi" } });
      expect(rules(large, small)).toEqual(["nats-store-lowered"]);
      const pod = await podsOf(large, large);
      await fill(pod, "FULL", 1, 60, 100_000);
      await pod.change(plainObjects(small));
      expect(await pod.reload()).toContain("config reload not supported for decreasing jetstream max memory and store");
      await restart([pod], small);
      expect(await ask(pod, "FULL.x", "x")).toMatchObject({
        error: { err_code: 10023, description: "insufficient resources" },
      });
      expect((await infoOf(pod, "FULL")).state).toMatchObject({ messages: 60 });
      expect(await pod.status("/healthz")).toBe(200);
      await restart([pod], large);
      expect(await ask(pod, "FULL.x", "x")).toMatchObject({ seq: 61 });
    });

    it("nats-store-moved and nats-jetstream-removed: no stream is there, and the old directory has it still", async () => {
      const moved = structuredClone(plainObjects(ONE));
      const conf = moved.configMap.data["nats.conf"] ?? "";
      moved.configMap.data["nats.conf"] = conf.replace('"/data/jetstream"', '"/data/other"');
      const elsewhere = moved as unknown as PodObjects;
      const off = structuredClone(moved);
      off.configMap.data["nats.conf"] = conf
        .replace(/^jetstream \{[^}]*\}\n/m, "")
        .replace("    jetstream: true\n", "");
      expect(rules(ONE, elsewhere)).toEqual(["nats-store-moved"]);
      expect(rules(ONE, off as unknown as PodObjects)).toEqual(["nats-jetstream-removed"]);
      const pod = await podsOf(ONE, ONE);
      await fill(pod, "HERE", 1);
      await restart([pod], elsewhere);
      expect(await streamsOf(pod)).toEqual([]);
      await restart([pod], off as unknown as PodObjects);
      expect(await infoOf(pod, "HERE")).toEqual({ silent: true });
      await restart([pod], ONE);
      expect((await infoOf(pod, "HERE")).state).toMatchObject({ messages: 5 });
    });

    it("nats-domain-removed: the stream stays, and nothing answers under the old prefix", async () => {
      const named = objectsOf({ ...FACTS, jetstream: { ...FACTS.jetstream, domain: "d1" } });
      expect(rules(named, ONE)).toEqual(["nats-domain-removed"]);
      const pod = await podsOf(named, named);
      await fill(pod, "KEPT", 1);
      expect((await ask(pod, "$JS.d1.API.STREAM.INFO.KEPT")).state).toMatchObject({ messages: 5 });
      await restart([pod], ONE);
      expect(await ask(pod, "$JS.d1.API.STREAM.INFO.KEPT")).toEqual({ silent: true });
      expect((await infoOf(pod, "KEPT")).state).toMatchObject({ messages: 5 });
    });
  },
);
