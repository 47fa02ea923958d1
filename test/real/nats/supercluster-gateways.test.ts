import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { memberName } from "../../../components/nats/supercluster-facts";
import { fatalLosses, metaGroups, stoppedBy } from "../../../components/nats/topology";
import { QUORUM, REFERENCE } from "../../components/nats/supercluster-plan";
import { waitFor } from "../support/wait";
import {
  describeSupercluster,
  metaSize,
  newStream,
  NO_SUITABLE_PEERS,
  outboundGateways,
  type Supercluster,
  superclusterPods,
  tell,
  UNAVAILABLE,
} from "./supercluster";

/*
 * What real servers make of the topologies `reference` and `quorum`, with the rendered configuration byte for byte. Not
 * proved here: networks between regions, which are slower than the loopback device.
 */

describeSupercluster("given the reference: two clusters, gateways, a domain each", () => {
  let servers: Supercluster;
  /** The cluster that the meta leader is in, and with it every new stream. */
  let owner: string;
  let other: string;

  beforeAll(async () => {
    servers = await superclusterPods(REFERENCE);
  });
  afterAll(() => servers.remove());

  it("cluster a alone forms, but its JetStream never starts: it waits for the votes of b", async () => {
    const pods = servers.of("a");
    await servers.pods.start(pods);

    for (const pod of pods) await waitFor("the routes", async () => (await routesOf(pod)) === 2 || undefined);

    expect((await servers.ask("a", newStream("TOO_EARLY")))?.config).toBeUndefined();
    expect(await Promise.all(pods.map((pod) => pod.status("/healthz")))).toEqual([503, 503, 503]);
    expect(await Promise.all(pods.map((pod) => pod.probe("readinessProbe")))).toEqual([200, 200, 200]);
  });

  it("with b it boots: one meta group of six, a gateway from each pod", async () => {
    tell("reference: b joins a, all healthy", await servers.boot("b", "a"));

    const [group] = metaGroups("reference", REFERENCE.clusters);
    for (const pod of servers.pods.all) {
      await waitFor("the meta group", async () => (await metaSize(pod)) === group?.servers || undefined);
      expect(await outboundGateways(pod)).toEqual([pod.name.startsWith(memberName("a")) ? "b" : "a"]);
    }
    expect(group?.servers).toBe(6);
  });

  it("streams can be placed in the meta leader's cluster only, whoever asks", async () => {
    const [pod] = servers.of("b");
    const placed = await servers.until("b", newStream("FREE", { num_replicas: 3 }), ({ cluster }) => !!cluster);
    owner = placed.answer.cluster?.name ?? "";
    other = owner === "a" ? "b" : "a";

    for (const asker of ["a", "b"]) {
      expect(await servers.ask(asker, newStream(`IN_OTHER_${asker}`, { placement: { cluster: other } }))).toMatchObject(
        {
          error: { code: 400, err_code: NO_SUITABLE_PEERS },
        },
      );
      expect(await servers.ask(asker, newStream(`IN_OWNER_${asker}`, { placement: { cluster: owner } }))).toMatchObject(
        {
          cluster: { name: owner },
        },
      );
    }
    expect(pod?.running).toBe(true);
  });

  it("without the other cluster, the one that is left stores messages, but its JetStream API stops", async () => {
    expect(fatalLosses("reference", REFERENCE.clusters)).toEqual(["a", "b"]);
    await servers.lose(other);

    const { milliseconds } = await servers.until(
      owner,
      newStream("LATE"),
      ({ error }) => error?.err_code === UNAVAILABLE,
    );

    tell("reference: JetStream API of the cluster that is left answers 10008 after", milliseconds);
    const client = await servers.client(owner);
    expect(await client.request("FREE", "still stored")).toMatchObject({ stream: "FREE" });
    for (const pod of servers.of(owner)) {
      await waitFor("a bad /healthz", async () => (await pod.status("/healthz")) === 503 || undefined);
    }
  });

  it("and works again when the other is back", async () => {
    await servers.pods.start(servers.of(other));
    tell("reference: stream created after the lost cluster is back", await servers.create(owner, "AGAIN"));
  });
});

describeSupercluster("given the reference with a single server a cluster", () => {
  const clusters = REFERENCE.clusters.map((cluster) => ({ ...cluster, replicas: 1 as const }));

  it("works while both are up, and not without either", async () => {
    const servers = await superclusterPods({ ...REFERENCE, clusters });
    try {
      tell("reference 1+1: all healthy", await servers.boot("a", "b"));
      await servers.create("a", "ONE");
      for (const pod of servers.pods.all) expect(await metaSize(pod)).toBe(2);

      await servers.lose("b");

      await servers.until("a", newStream("TWO"), ({ error }) => error?.err_code === UNAVAILABLE);
    } finally {
      await servers.remove();
    }
  });
});

describeSupercluster("given a quorum of two clusters and a server that breaks ties", () => {
  const names = QUORUM.clusters.map(({ name }) => name);
  let servers: Supercluster;

  beforeAll(async () => {
    servers = await superclusterPods(QUORUM);
    tell("quorum 3+3+1: all healthy", await servers.boot(...names));
  });
  afterAll(() => servers.remove());

  it("boots as one meta group of seven, with gateways between all", async () => {
    for (const pod of servers.pods.all) {
      await waitFor("the meta group", async () => (await metaSize(pod)) === 7 || undefined);
      await waitFor("the gateways", async () => (await outboundGateways(pod)).length === 2 || undefined);
    }
  });

  it("places streams where it is asked to, and else where it is asked", async () => {
    const asked = (name: string, more = {}) => servers.until("b", newStream(name, more), ({ cluster }) => !!cluster);

    const placed = [
      await asked("IN_A", { num_replicas: 3, placement: { cluster: "a" } }),
      await asked("IN_B", { num_replicas: 3, placement: { cluster: "b" } }),
      await asked("HERE", { num_replicas: 3 }),
      await asked("TAGGED", { num_replicas: 3, placement: { tags: ["region:us-east-1"] } }),
    ];

    expect(placed.map(({ answer }) => answer.cluster?.name)).toEqual(["a", "b", "b", "a"]);
  });

  it("carries messages between clusters", async () => {
    const received = await (await servers.client("b")).subscribe("greeting");
    const client = await servers.client("a");
    await waitFor("the message", async () => {
      await client.publish("greeting", "hello");
      return received[0];
    });
    expect(received[0]).toBe("hello");
  });

  describe.each(names)("when cluster %s is lost", (lost) => {
    it("creates streams in the others, and recovers when it is back", async () => {
      expect(stoppedBy("quorum", QUORUM.clusters, [lost])).toEqual([]);
      const [asked = ""] = names.filter((name) => name !== lost);

      await servers.lose(lost);
      tell(`quorum: stream created without ${lost} after`, await servers.create(asked, `WITHOUT_${lost}`));

      tell(`quorum: all healthy again with ${lost} after`, await servers.boot(lost));
    });
  });

  it("stops when two clusters are lost, as computed", async () => {
    expect(stoppedBy("quorum", QUORUM.clusters, ["b", "c"])).toEqual(["a"]);
    await Promise.all([servers.lose("b"), servers.lose("c")]);

    await servers.until("a", newStream("LATE"), ({ error }) => error?.err_code === UNAVAILABLE);
  });
});

describeSupercluster("given a quorum of three single servers", () => {
  it("survives the loss of one", async () => {
    const servers = await superclusterPods({
      ...QUORUM,
      clusters: QUORUM.clusters.map((cluster) => ({ ...cluster, replicas: 1 as const })),
    });
    try {
      tell("quorum 1+1+1: all healthy", await servers.boot("a", "b", "c"));
      for (const pod of servers.pods.all) expect(await metaSize(pod)).toBe(3);

      await servers.lose("b");

      await servers.create("a", "WITHOUT_B");
    } finally {
      await servers.remove();
    }
  });
});

/** How many other servers of its cluster a pod has routes to. */
async function routesOf(pod: Supercluster["pods"]["all"][number]): Promise<number> {
  const { routes } = await pod.monitor<{ routes?: { remote_name: string }[] }>("/routez");
  return new Set((routes ?? []).map(({ remote_name: name }) => name)).size;
}
