import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { passwordsConf } from "../../../components/nats/accounts";
import { linkSecrets } from "../../../components/nats/links";
import * as manifests from "../../../components/nats/manifests";
import { MADE_BY_WORKERS, commandStreams } from "../../../components/nats/streams";
import { streamConfig } from "../../../components/nats/jetstream-requests";
import { statusOfUrls } from "../../../operations/nats/live";
import type { NatsStatus } from "../../../operations/nats/status";
import { ensureTool } from "../../../tools/find";
import { CLUSTER_FACTS } from "../../components/nats/facts";
import { waitFor } from "../support/wait";
import { NatsClient } from "./client";
import { podsImpossible } from "./image";
import { NatsPods } from "./pods";

/*
 * What `noetl-ops nats status` says of real servers. Not proved here: the port-forwards of --stack, which need a kubelet.
 */

const LOGIN = { user: "noetl", password: "canary" };
const impossible = podsImpossible();

(impossible === undefined ? describe : describe.skip)(
  `nats status${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    let pods: NatsPods;

    beforeEach(async () => {
      const tool = await ensureTool("nats-server");
      if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
      const passwords = passwordsConf({ system: "system", noetl: LOGIN.password });
      const links = linkSecrets(CLUSTER_FACTS, { cluster: "routes" });
      pods = await NatsPods.create(tool.path, {
        statefulSet: manifests.statefulSet(CLUSTER_FACTS, ""),
        configMap: manifests.configMap(CLUSTER_FACTS),
        secret: manifests.authSecret(CLUSTER_FACTS, passwords + links),
      });
      await pods.start();
    });
    afterEach(() => pods.remove());

    const look = (): Promise<NatsStatus> => statusOfUrls(pods.all.map(({ ip }) => `http://${ip}:8222`));

    /** Looks until the status is as asked for. */
    const until = (what: string, asked: (status: NatsStatus) => boolean): Promise<NatsStatus> =>
      waitFor(what, async () => {
        const status = await look();
        return asked(status) ? status : undefined;
      });

    async function makeStream(): Promise<void> {
      const [stream] = commandStreams(
        [{ stream: "NOETL_COMMANDS", subject: "noetl.commands", consumer: "c", filterSubject: "noetl.commands.>" }],
        { ...MADE_BY_WORKERS, replicas: 3 },
      );
      // Without a leader nobody answers the request.
      await until("a meta leader", ({ meta }) => meta[0]?.leader !== undefined);
      const client = await NatsClient.connect(pods.pod("nats-0").ip, LOGIN);
      const answer = await client.request("$JS.API.STREAM.CREATE.NOETL_COMMANDS", stream && streamConfig(stream));
      client.close();
      expect(answer).not.toHaveProperty("error");
    }

    it("calls three servers with a leader and a stream of three copies healthy", async () => {
      await makeStream();
      const status = await until("a healthy status", ({ healthy, streams }) => healthy && streams.length === 1);
      expect(status).toMatchObject({
        findings: [],
        unreachable: [],
        servers: [
          { name: "nats-0", cluster: "nats", routes: ["nats-1", "nats-2"], fileLimit: 5368709120 },
          { name: "nats-1", cluster: "nats", routes: ["nats-0", "nats-2"] },
          { name: "nats-2", cluster: "nats", routes: ["nats-0", "nats-1"] },
        ],
        meta: [{ servers: 3, quorum: 2, leader: expect.stringMatching(/^nats-[012]$/) }],
        streams: [{ account: "NOETL", name: "NOETL_COMMANDS", leader: expect.stringMatching(/^nats-[012]$/) }],
      });
      expect(status.streams[0]?.replicas.map(({ current }) => current)).toStrictEqual([true, true]);
    });

    it("names a killed server, and the copies that stay behind", async () => {
      await makeStream();
      await pods.pod("nats-2").kill();
      const status = await until(
        "the loss to be known",
        ({ streams, meta }) =>
          (meta[0]?.leader ?? "nats-2") !== "nats-2" &&
          (streams[0]?.replicas ?? []).some(({ name, current }) => name === "nats-2" && !current),
      );
      expect(status.healthy).toBe(false);
      expect(status.unreachable).toMatchObject([{ reason: expect.stringContaining("ECONNREFUSED") }]);
      const told = status.findings.map(({ about, problem }) => `${about} ${problem}`);
      expect(told).toEqual(
        expect.arrayContaining([expect.stringMatching(/^NOETL\/NOETL_COMMANDS the copy on nats-2 is behind/)]),
      );
    });

    it("says that a majority is missing, and how many servers that takes", async () => {
      await makeStream();
      await pods.pod("nats-1").kill();
      await pods.pod("nats-2").kill();
      const status = await until("the quorum to be lost", ({ meta }) =>
        meta.some(({ leader }) => leader === undefined),
      );
      expect(status.healthy).toBe(false);
      expect(status.findings).toContainEqual({
        severity: "error",
        about: "JetStream",
        problem: "has no meta leader: 1 of 3 servers answer, 2 must; streams and consumers cannot be made or changed",
        next: "bring servers back until a majority runs; never delete the volumes of the others",
      });
    });
  },
);
