import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { passwordsConf } from "../../../components/nats/accounts";
import { confText, natsString, Variable } from "../../../components/nats/conf-text";
import * as manifests from "../../../components/nats/manifests";
import { serverConf } from "../../../components/nats/server-conf";
import { ensureTool } from "../../../tools/find";
import { FACTS, TORTURE } from "../../components/nats/facts";
import { waitFor } from "../support/wait";
import { loginAnswer, NatsClient } from "./client";
import { podsImpossible } from "./image";
import type { NatsPod } from "./pod";
import { NatsPods } from "./pods";

/*
 * What the real nats-server makes of the rendered configuration, unchanged. Not proved here: that the published image
 * holds the same server, and what a kubelet does with the manifests (see the cluster suites).
 */

const PASSWORDS = { system: "first-system", noetl: "first-noetl" };
const REFUSED = "'Authorization Violation'";
const reason = podsImpossible();

(reason === undefined ? describe : describe.skip)(
  `nats-server${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let natsServer: string;

    beforeAll(async () => {
      const tool = await ensureTool("nats-server");
      if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
      natsServer = tool.path;
    });

    async function podWith(conf: string, passwords: string): Promise<NatsPod> {
      const pods = await NatsPods.create(natsServer, {
        statefulSet: manifests.statefulSet(FACTS, ""),
        configMap: { ...manifests.configMap(FACTS), data: manifests.configData(conf) },
        secret: manifests.authSecret(FACTS, passwords),
      });
      return pods.pod("nats-0");
    }

    describe("with the configuration of the kind environment", () => {
      let pod: NatsPod;

      beforeAll(async () => {
        pod = await podWith(serverConf(FACTS), passwordsConf(PASSWORDS));
        await pod.start();
      });
      afterAll(() => pod.remove());

      it("reads every entry, and warns of nothing but passwords in plain", () => {
        const [warning, ...others] = pod.log.split("\n").filter((line) => /\[(WRN|ERR|FTL)\]/.test(line));
        expect(warning).toContain("Plaintext passwords detected");
        expect(others).toEqual([]);
      });

      it("takes names, ports and limits to the byte", async () => {
        expect(await pod.monitor("/varz")).toMatchObject({
          server_name: "nats-0",
          port: 4222,
          http_port: 8222,
          max_payload: 1048576,
          system_account: "$SYS",
        });
        expect(await pod.monitor("/jsz")).toMatchObject({
          config: { max_memory: 1073741824, max_storage: 5368709120, store_dir: "/data/jetstream/jetstream" },
        });
      });

      it("answers every probe", async () => {
        expect([await pod.probe("startupProbe"), await pod.probe("readinessProbe")]).toEqual([200, 200]);
        expect(await pod.probe("livenessProbe")).toBe(200);
      });

      it("lets each user in with the right password only", async () => {
        const logins = [
          { user: "noetl", password: PASSWORDS.noetl },
          { user: "sys", password: PASSWORDS.system },
          { user: "noetl", password: PASSWORDS.system },
          { user: "noetl", password: "" },
          { user: "noetl", password: "$NATS_NOETL_PASSWORD" },
          { user: "", password: "" },
        ];
        const answers = [];
        for (const login of logins) answers.push(await loginAnswer(pod.ip, login));
        expect(answers).toEqual(["ok", "ok", REFUSED, REFUSED, REFUSED, REFUSED]);
      });

      it("gives JetStream to the platform's account, and the server's own events to the other", async () => {
        const noetl = await NatsClient.connect(pod.ip, { user: "noetl", password: PASSWORDS.noetl });
        expect(await noetl.request("$JS.API.INFO")).toMatchObject({ limits: { max_memory: -1, max_storage: -1 } });
        noetl.close();
        const system = await NatsClient.connect(pod.ip, { user: "sys", password: PASSWORDS.system });
        expect(await system.request("$SYS.REQ.SERVER.PING")).toMatchObject({ server: { name: "nats-0" } });
        system.close();
        expect(await pod.monitor("/jsz?acc=NOETL")).toMatchObject({ account_details: [{ name: "NOETL" }] });
      });

      it("takes every password of the torture list by a reload, and forgets the one before", async () => {
        let before = PASSWORDS.noetl;
        for (const password of TORTURE) {
          await pod.changeSecret({ "passwords.conf": passwordsConf({ ...PASSWORDS, noetl: password }) });
          expect(await pod.reload()).toContain("Reloaded server configuration");
          const answers = [
            await loginAnswer(pod.ip, { user: "noetl", password }),
            await loginAnswer(pod.ip, { user: "noetl", password: before }),
          ];
          expect([password, ...answers]).toEqual([password, "ok", REFUSED]);
          before = password;
        }
      });

      it("disconnects by a reload whoever used the old password, and nobody else", async () => {
        await pod.changeSecret({ "passwords.conf": passwordsConf(PASSWORDS) });
        await pod.reload();
        const noetl = await NatsClient.connect(pod.ip, { user: "noetl", password: PASSWORDS.noetl });
        const system = await NatsClient.connect(pod.ip, { user: "sys", password: PASSWORDS.system });
        await pod.changeSecret({ "passwords.conf": passwordsConf({ ...PASSWORDS, noetl: "second-noetl" }) });
        await pod.reload();
        await expect(noetl.request("$JS.API.INFO")).rejects.toThrow();
        expect(await system.request("$SYS.REQ.SERVER.PING")).toMatchObject({ server: { name: "nats-0" } });
        system.close();
      });

      it("keeps running with the last good passwords when the file is broken", async () => {
        await pod.changeSecret({ "passwords.conf": passwordsConf(PASSWORDS) });
        await pod.reload();
        await pod.changeSecret({ "passwords.conf": "" });
        expect(await pod.reload()).toContain("Failed to reload");
        expect(await loginAnswer(pod.ip, { user: "noetl", password: PASSWORDS.noetl })).toBe("ok");
        await pod.changeSecret({ "passwords.conf": passwordsConf(PASSWORDS) });
        await pod.reload();
      });

      it("writes nothing outside its volumes", async () => {
        const files = (await pod.files()).filter((file) => !/^\/(data|var\/run\/nats)\//.test(file));
        expect(files).toEqual([
          "/etc/hosts",
          "/etc/nats/auth/passwords.conf",
          "/etc/nats/nats.conf",
          "/etc/nats/restart-checksum",
        ]);
      });

      it("leaves clients time when it is stopped, then ends by itself", async () => {
        const client = await NatsClient.connect(pod.ip, { user: "noetl", password: PASSWORDS.noetl });
        const ended = pod.terminate();
        await waitFor("lame-duck mode", () => pod.log.includes("Entering lame duck mode") || undefined);
        expect(await pod.probe("readinessProbe")).toBe(500);
        await client.ping();
        expect(await ended).toBe(0);
        expect(pod.log).toMatch(/Entering lame duck mode[^]*Closing existing clients/);
        client.close();
      });
    });

    it("is ready with a stream that cannot be recovered, which plain /healthz would hold against all others", async () => {
      const pod = await podWith(serverConf(FACTS), passwordsConf(PASSWORDS));
      try {
        await pod.start();
        const client = await NatsClient.connect(pod.ip, { user: "noetl", password: PASSWORDS.noetl });
        for (const name of ["GOOD", "BROKEN"]) {
          await client.request(`$JS.API.STREAM.CREATE.${name}`, { name, subjects: [name], storage: "file" });
        }
        client.close();
        await pod.kill();
        await writeFile(join(pod.root, "data/jetstream/jetstream/NOETL/streams/BROKEN/meta.inf"), "broken");
        await pod.start();
        const probes = [
          await pod.probe("startupProbe"),
          await pod.probe("readinessProbe"),
          await pod.probe("livenessProbe"),
        ];
        expect(probes).toEqual([200, 200, 200]);
        expect(await pod.monitor("/healthz")).toMatchObject({
          error: expect.stringContaining("could not be recovered"),
        });
        expect(await pod.monitor("/jsz")).toMatchObject({ streams: 1 });
      } finally {
        await pod.remove();
      }
    });

    it("reads back any string that natsString has written", async () => {
      const strings = fc.sample(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), 300);
      const definitions = Object.fromEntries(strings.map((value, index) => [`P${index}`, value]));
      const users = strings.map((_value, index) => ({ user: `u${index}`, password: new Variable(`P${index}`) }));
      const conf = confText({
        include: "auth/passwords.conf",
        port: 4222,
        pid_file: "/var/run/nats/nats.pid",
        accounts: { A: { users } },
      });
      const pod = await podWith(conf, confText(definitions));
      try {
        await pod.start();
        for (const [index, password] of strings.entries()) {
          const answer = await loginAnswer(pod.ip, { user: `u${index}`, password });
          expect([natsString(password), answer]).toEqual([natsString(password), "ok"]);
        }
      } finally {
        await pod.remove();
      }
    });
  },
);
