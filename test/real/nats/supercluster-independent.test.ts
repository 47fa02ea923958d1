import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { domainApi, mirrorConfig } from "../../../components/nats/mirror";
import type { SuperclusterFacts } from "../../../components/nats/supercluster-facts";
import { membersOf, metaGroups } from "../../../components/nats/topology";
import { INDEPENDENT } from "../../components/nats/supercluster-plan";
import { waitFor } from "../support/wait";
import {
  type ApiAnswer,
  describeSupercluster,
  leafAccounts,
  metaSize,
  newStream,
  outboundGateways,
  PASSWORDS,
  type Supercluster,
  superclusterPods,
  tell,
} from "./supercluster";

/*
 * What real servers make of the topology `independent`, with the rendered configuration byte for byte. Not proved here:
 * networks between regions, which are slower than the loopback device.
 */

const LIMITS = { memory: "1Mi", file: "1Mi", streams: 1, consumers: 1 };

const FACTS: SuperclusterFacts = {
  ...INDEPENDENT,
  tenants: [
    { name: "acme-eu", limits: LIMITS },
    { name: "other", limits: LIMITS },
  ],
  localSubjects: ["noetl.commands", "noetl.commands.>"],
};
const [domainOfA = "", domainOfB = ""] = membersOf(FACTS).map(({ domain }) => domain);

describeSupercluster("given two independent clusters of three servers", () => {
  let servers: Supercluster;

  beforeAll(async () => {
    servers = await superclusterPods(FACTS);
  });
  afterAll(() => servers.remove());

  it("each boots and works alone, the hub and the other", async () => {
    tell("independent: a alone healthy", await servers.boot("a"));
    await servers.create("a", "ALONE", { num_replicas: 3 });
    await servers.lose("a");

    tell("independent: b alone healthy", await servers.boot("b"));
    await servers.create("b", "ALONE", { num_replicas: 3 });

    tell("independent: a joins b, all healthy", await servers.boot("a", "b"));
  });

  it("elect a meta leader each, and link each account", async () => {
    const sizes = metaGroups("independent", FACTS.clusters).map((group) => group.servers);
    for (const [index, cluster] of ["a", "b"].entries()) {
      for (const pod of servers.of(cluster)) {
        expect([await metaSize(pod), await outboundGateways(pod)]).toEqual([sizes[index], []]);
      }
    }
    for (const pod of servers.of("b")) {
      await waitFor("the links", async () => (await leafAccounts(pod)).length === 3 || undefined);
      expect(await leafAccounts(pod)).toEqual(["ACME_EU", "NOETL", "OTHER"]);
    }
  });

  it.each([
    ["a", "b"],
    ["b", "a"],
  ])("a message crosses from %s to %s", async (from, to) => {
    const received = await (await servers.client(to)).subscribe(`greeting.${from}`);
    const client = await servers.client(from);
    await waitFor("the message", async () => {
      await client.publish(`greeting.${from}`, "hello");
      return received[0];
    });
    expect(received[0]).toBe("hello");
  });

  it("each domain's JetStream API is reached from the other", async () => {
    const create = { ...newStream("REMOTE"), subject: `${domainApi(domainOfA)}.STREAM.CREATE.REMOTE` };
    await servers.until("b", create, ({ config }) => config?.name === "REMOTE");

    expect(await servers.ask("a", { subject: "$JS.API.STREAM.INFO.REMOTE" })).toMatchObject({ cluster: { name: "a" } });
    expect(await servers.ask("b", { subject: "$JS.API.STREAM.INFO.REMOTE" })).toMatchObject({ error: { code: 404 } });
    expect(await servers.ask("a", { subject: `${domainApi(domainOfB)}.STREAM.INFO.ALONE` })).toMatchObject({
      cluster: { name: "b" },
    });
  });

  it("a mirror in one domain follows a stream of the other", async () => {
    await servers.create("a", "EVENTS", { num_replicas: 3 });
    const client = await servers.client("a");
    for (let index = 0; index < 10; index += 1) await client.request("EVENTS", `event ${index}`);

    const mirror = mirrorConfig({
      name: "EVENTS_OF_A",
      stream: "EVENTS",
      domain: domainOfA,
      replicas: 3,
      storage: "file",
    });
    await servers.until(
      "b",
      { subject: "$JS.API.STREAM.CREATE.EVENTS_OF_A", payload: mirror },
      ({ config }) => !!config,
    );

    await untilMessages("b", "EVENTS_OF_A", 10);
  });

  it("a subject that stays is stored in its own cluster only; any other that both bind, in both", async () => {
    const bound = { subjects: ["noetl.commands.>", "shared.>"] };
    for (const cluster of ["a", "b"]) await servers.create(cluster, "BOUND", bound);
    const client = await servers.client("a");

    await client.request("noetl.commands.shared.1", "stays");
    await untilMessages("a", "BOUND", 1);
    await client.publish("shared.1", "crosses");

    await untilMessages("a", "BOUND", 2);
    await untilMessages("b", "BOUND", 1);
    expect(await servers.ask("b", { subject: "$JS.API.STREAM.MSG.GET.BOUND", payload: { seq: 1 } })).toMatchObject({
      message: { subject: "shared.1" },
    });
  });

  it("a tenant has an account of its own in every cluster, with its limits", async () => {
    const login = ["acme_eu", PASSWORDS.users.acme_eu] as const;
    const [inA, inB] = [await servers.client("a", ...login), await servers.client("b", ...login)];
    const [own, platforms, others] = [
      await inB.subscribe("news"),
      await (await servers.client("b")).subscribe("news"),
      await (await servers.client("b", "other", PASSWORDS.users.other)).subscribe("news"),
    ];

    await waitFor("the message", async () => {
      await inA.publish("news", "for us");
      return own[0];
    });

    expect([own[0], platforms, others]).toEqual(["for us", [], []]);
    expect(await inA.request("$JS.API.INFO")).toMatchObject({
      limits: { max_memory: 1048576, max_storage: 1048576, max_streams: 1, max_consumers: 1 },
    });
    const { subject, payload } = newStream("FIRST");
    expect(await inA.request(subject, payload)).toMatchObject({ config: { name: "FIRST" } });
    const second = newStream("SECOND");
    expect(await inA.request(second.subject, second.payload)).toMatchObject({ error: { err_code: 10027 } });
  });

  it.each([
    ["b", "a"],
    ["a", "b"],
  ])("without %s, %s goes on as if nothing had happened, and they meet again", async (lost, left) => {
    await servers.lose(lost);

    const statuses = await Promise.all(servers.of(left).map((pod) => pod.status("/healthz")));
    expect(statuses).toEqual([200, 200, 200]);
    tell(`independent: stream created in ${left} without ${lost} after`, await servers.create(left, `WITHOUT_${lost}`));

    tell(`independent: ${lost} is back, all healthy`, await servers.boot(lost, left));
    const received = await (await servers.client(lost)).subscribe("again");
    const client = await servers.client(left);
    await waitFor("a message across", async () => {
      await client.publish("again", "hello");
      return received[0];
    });
  });

  it("the mirror has caught up with what it missed", async () => {
    // Again and again: a stream whose leader is not elected yet does not answer.
    const { answer } = await servers.until("a", { subject: "EVENTS", payload: "after all" }, ({ seq }) => !!seq);
    expect(answer.seq).toBeGreaterThan(10);
    await untilMessages("b", "EVENTS_OF_A", answer.seq ?? 0);
  });

  async function untilMessages(cluster: string, stream: string, count: number): Promise<void> {
    const isFull = ({ state }: ApiAnswer) => state?.messages === count;
    await servers.until(cluster, { subject: `$JS.API.STREAM.INFO.${stream}` }, isFull);
  }
});

describeSupercluster("given two independent clusters of one server", () => {
  it("each is a server of its own, without an election, and messages cross", async () => {
    const clusters = INDEPENDENT.clusters.map((cluster) => ({ ...cluster, replicas: 1 as const }));
    const servers = await superclusterPods({ ...INDEPENDENT, clusters });
    try {
      tell("independent 1+1: a alone healthy", await servers.boot("a"));
      await servers.create("a", "ALONE");
      await servers.boot("b");
      for (const pod of servers.pods.all) expect(await metaSize(pod)).toBeUndefined();

      const received = await (await servers.client("b")).subscribe("greeting");
      const client = await servers.client("a");
      await waitFor("the message", async () => {
        await client.publish("greeting", "hello");
        return received[0];
      });
      await servers.lose("a");
      await servers.create("b", "WITHOUT_A");
    } finally {
      await servers.remove();
    }
  });
});
