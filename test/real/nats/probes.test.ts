import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import type { NatsFacts } from "../../../components/nats/facts";
import { ensureTool } from "../../../tools/find";
import { CLUSTER_FACTS, FACTS } from "../../components/nats/facts";
import { waitFor } from "../support/wait";
import { NatsClient } from "./client";
import { allCurrent, metaGroup, objectsOf, PASSWORDS } from "./cluster-objects";
import { podsImpossible } from "./image";
import type { NatsPod } from "./pod";
import { NatsPods } from "./pods";

/*
 * What the probes of the rendered StatefulSet get from the real nats-server at each stage of its life. Beside them
 * stands plain /healthz, which is no probe.
 */

/** The HTTP status that each question gets. */
interface Answers {
  startup: number;
  readiness: number;
  liveness: number;
  plain: number;
}

type Stage = "listening, no meta leader" | "all current" | "lame duck" | "majority lost";

const PRESETS: { preset: NonNullable<NatsFacts["probes"]>; stages: Record<Stage, Answers> }[] = [
  {
    preset: "quorum",
    stages: {
      "listening, no meta leader": { startup: 503, readiness: 200, liveness: 200, plain: 503 },
      "all current": { startup: 200, readiness: 200, liveness: 200, plain: 200 },
      "lame duck": { startup: 500, readiness: 500, liveness: 500, plain: 500 },
      "majority lost": { startup: 503, readiness: 200, liveness: 200, plain: 503 },
    },
  },
  {
    preset: "seed",
    stages: {
      "listening, no meta leader": { startup: 200, readiness: 200, liveness: 200, plain: 503 },
      "all current": { startup: 200, readiness: 200, liveness: 200, plain: 200 },
      "lame duck": { startup: 500, readiness: 500, liveness: 500, plain: 500 },
      "majority lost": { startup: 200, readiness: 200, liveness: 200, plain: 503 },
    },
  },
];

const reason = podsImpossible();

(reason === undefined ? describe : describe.skip)(
  `the probes${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let natsServer: string;
    let pods: NatsPods;

    beforeAll(async () => {
      const tool = await ensureTool("nats-server");
      if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
      natsServer = tool.path;
    });
    afterEach(() => pods.remove());

    it.each(PRESETS)("of preset $preset answer for three servers as the table says", async ({ preset, stages }) => {
      pods = await NatsPods.create(natsServer, objectsOf({ ...CLUSTER_FACTS, probes: preset }));
      const [first, second, third] = pods.all as [NatsPod, NatsPod, NatsPod];

      await pods.start([first]);
      // It says that it is ready a moment before it listens for routes.
      await waitFor("nats-0 to listen", async () => (await first.probe("livenessProbe")) === 200 || undefined);
      expect(await metaGroup(first)).toBeUndefined();
      const listening = await answers(first);

      await pods.start([second, third]);
      await allCurrent(pods.all);
      expect(await metaGroup(first)).toMatchObject({ cluster_size: 3 });
      const current = await answers(first);

      const lameDuck = await answersAsLameDuck(first);

      await Promise.all([first.kill(), second.kill()]);
      await waitFor("the loss to be noticed", async () => ((await metaGroup(third)) ? undefined : true));
      const lost = await answers(third);

      expect({
        "listening, no meta leader": listening,
        "all current": current,
        "lame duck": lameDuck,
        "majority lost": lost,
      }).toEqual(stages);
    });

    it.each(PRESETS)(
      "of preset $preset are the same for a single server, which needs no leader",
      async ({ preset }) => {
        pods = await NatsPods.create(natsServer, objectsOf({ ...FACTS, probes: preset }));
        const [server] = pods.all as [NatsPod];
        await pods.start();
        await allCurrent(pods.all);
        const current = await answers(server);
        expect({ current, lameDuck: await answersAsLameDuck(server) }).toEqual({
          current: { startup: 200, readiness: 200, liveness: 200, plain: 200 },
          lameDuck: { startup: 500, readiness: 500, liveness: 500, plain: 500 },
        });
      },
    );
  },
);

async function answers(pod: NatsPod): Promise<Answers> {
  return {
    startup: await pod.probe("startupProbe"),
    readiness: await pod.probe("readinessProbe"),
    liveness: await pod.probe("livenessProbe"),
    plain: await pod.status("/healthz"),
  };
}

/** Stops a server as the kubelet begins to, and asks it while it still serves a client. */
async function answersAsLameDuck(pod: NatsPod): Promise<Answers> {
  // Without a client, the server would be gone at once.
  const client = await NatsClient.connect(pod.ip, { user: "noetl", password: PASSWORDS.noetl });
  try {
    await pod.preStop();
    // The signal is on its way when the hook has ended.
    await waitFor("lame duck mode in the log", () => pod.log.includes("Entering lame duck mode") || undefined);
    await waitFor("lame duck mode", async () => (await pod.status("/healthz")) !== 200 || undefined);
    const seen = await answers(pod);
    await client.ping();
    return seen;
  } finally {
    client.close();
  }
}
