import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { NatsFacts } from "../../../components/nats/facts";
import { certificateNames } from "../../../components/nats/links";
import { confChanges, RELOAD_TABLE } from "../../../components/nats/reload-table";
import { secretConf, serverConf } from "../../../components/nats/server-conf";
import { ensureTool } from "../../../tools/find";
import { CLUSTER_FACTS } from "../../components/nats/facts";
import { createAuthority } from "../cluster/certificates";
import { waitFor } from "../support/wait";
import { objectsOf, PASSWORDS } from "./cluster-objects";
import { podsImpossible } from "./image";
import type { NatsPod } from "./pod";
import { NatsPods } from "./pods";

const FACTS: NatsFacts = {
  ...CLUSTER_FACTS,
  serverTags: ["az:a"],
  gateway: { peers: [] },
  leafnodes: { listen: true, remotes: [] },
  tls: { secretName: "nats-tls", clients: "required" },
};
const BASE = serverConf(FACTS);

/** An edit of a setting of each row: a text of nats.conf, and what stands there instead. */
const EDITS: Record<string, [before: string, after: string]> = {
  accounts: ["  NOETL {\n    jetstream: true", "  NOETL {\n    jetstream { max_streams: 7 }"],
  allow_non_tls: top("allow_non_tls: true"),
  "cluster.authorization": ['user: "route"', 'user: "other"'],
  "cluster.compression": ["  routes:", '  compression: "s2_fast"\n  routes:'],
  "cluster.host": ['cluster {\n  name: "nats"\n  host: $POD_IP', 'cluster {\n  name: "nats"\n  host: "127.0.0.1"'],
  "cluster.name": ['cluster {\n  name: "nats"', 'cluster {\n  name: "other"'],
  "cluster.pool_size": ["  routes:", "  pool_size: 5\n  routes:"],
  "cluster.port": ["port: 6222", "port: 6223"],
  "cluster.tls": [
    'port: 6222\n  authorization {\n    user: "route"\n    password: $CLUSTER_PASSWORD\n  }\n  tls {\n    cert_file: "/etc/nats/tls/tls.crt"\n    key_file: "/etc/nats/tls/tls.key"\n    ca_file: "/etc/nats/tls/ca.crt"\n    timeout: 5',
    'port: 6222\n  authorization {\n    user: "route"\n    password: $CLUSTER_PASSWORD\n  }\n  tls {\n    cert_file: "/etc/nats/tls/tls.crt"\n    key_file: "/etc/nats/tls/tls.key"\n    ca_file: "/etc/nats/tls/ca.crt"\n    timeout: 6',
  ],
  debug: ["debug: false", "debug: true"],
  gateway: ["gateways: []", 'gateways: [{ name: "b", urls: ["nats://127.0.0.1:7222"] }]'],
  http_port: ["http_port: 8222", "http_port: 8223"],
  "jetstream.domain": ["jetstream {\n  store", 'jetstream {\n  domain: "d"\n  store'],
  "jetstream.max_file_store": ["max_file_store: 5368709120 # 5Gi", "max_file_store: 6442450944"],
  "jetstream.max_memory_store": ["max_memory_store: 1073741824 # 1Gi", "max_memory_store: 2147483648"],
  "jetstream.max_outstanding_catchup": [
    "jetstream {\n  store",
    "jetstream {\n  max_outstanding_catchup: 32MB\n  store",
  ],
  "jetstream.store_dir": ['store_dir: "/data/jetstream"', 'store_dir: "/data/other"'],
  "jetstream.sync_interval": ["jetstream {\n  store", 'jetstream {\n  sync_interval: "1m"\n  store'],
  "jetstream.unique_tag": ["jetstream {\n  store", 'jetstream {\n  unique_tag: "az:"\n  store'],
  lame_duck_duration: ['lame_duck_duration: "30s"', 'lame_duck_duration: "40s"'],
  lame_duck_grace_period: ['lame_duck_grace_period: "10s"', 'lame_duck_grace_period: "11s"'],
  leafnodes: ["port: 7422", "port: 7423"],
  logtime: ["logtime: true", "logtime: false"],
  max_connections: top("max_connections: 1000"),
  max_control_line: top("max_control_line: 8192"),
  max_payload: ["max_payload: 1048576 # 1Mi", "max_payload: 2097152"],
  max_pending: top("max_pending: 33554432"),
  max_subscriptions: top("max_subscriptions: 1000"),
  ping_interval: top('ping_interval: "1m"'),
  ping_max: top("ping_max: 3"),
  port: ["port: 4222", "port: 4223"],
  server_name: ["server_name: $POD_NAME", 'server_name: "other"'],
  server_tags: ['"az:a"', '"az:b"'],
  tls: ['ca.crt"\n  timeout: 5\n}', 'ca.crt"\n  timeout: 6\n}'],
  trace: ["trace: false", "trace: true"],
  write_deadline: top('write_deadline: "5s"'),
};

const ROUTES = "cluster.routes";

const reason = podsImpossible();

(reason === undefined ? describe : describe.skip)(
  `the reload table${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let pods: NatsPods;
    let pod: NatsPod;

    beforeAll(async () => {
      const tool = await ensureTool("nats-server");
      if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
      const authority = await createAuthority("nats-test");
      const { certificate, key } = await authority.server(certificateNames(FACTS));
      const stringData = { "tls.crt": certificate, "tls.key": key, "ca.crt": authority.certificate };
      pods = await NatsPods.create(tool.path, {
        ...objectsOf(FACTS),
        tlsSecret: { metadata: { name: "nats-tls" }, stringData },
      });
      pod = pods.pod("nats-0");
      await pod.start();
    });
    afterAll(() => pods.remove());

    it("has an edit for each row", () => {
      expect([...Object.keys(EDITS), ROUTES].sort()).toEqual(RELOAD_TABLE.map(({ path }) => path));
    });

    it("is right about cluster.routes, which stand in the Secret: reload", async () => {
      const { "passwords.conf": text = "" } = objectsOf(FACTS).secret.stringData as Record<string, string>;
      const fewer = text.replace(/^.*nats-2\..*\n/m, "");
      expect(fewer).not.toBe(text);
      for (const passwords of [fewer, text]) {
        await pod.changeSecret({ "passwords.conf": passwords });
        expect(await pod.reload()).toContain("Reloaded server configuration");
      }
    });

    it.each(RELOAD_TABLE.filter(({ path }) => path !== ROUTES))(
      "is right about $path: $effect",
      async ({ path, effect }) => {
        const [before, after] = EDITS[path] ?? ["", ""];
        expect(BASE.split(before)).toHaveLength(2);
        const edited = BASE.replace(before, () => after);
        expect(
          confChanges(BASE, edited).every((change) => change.path === path || change.path.startsWith(`${path}.`)),
        ).toBe(true);
        expect(await outcomeOf(edited)).toBe(effect === "restart" ? "refused" : "reloaded");
        // What a reload raised, it does not lower.
        expect(await outcomeOf(BASE)).toBe(effect === "growth" ? "refused" : "reloaded");
        if (effect === "growth") await restart();
      },
    );

    it("the reloader brings what a reload changes, and waits for a restart with the rest", async () => {
      await restart();
      const printed = pod.startBeside("reloader");
      // The reloader has seen the files as they were.
      await delay(1000);
      const passwords = secretConf(FACTS, { ...PASSWORDS, noetl: "a new one" });
      await pod.changeSecret({ "passwords.conf": passwords });
      await waitFor("the reload", () => (pod.log.includes("Reloaded server configuration") ? true : undefined));
      expect(printed()).toContain("changed: told nats-server");

      const before = pod.log;
      await pod.changeConf(BASE.replace("port: 7222", "port: 7223"));
      await waitFor("the reloader", () => (printed().includes("waiting for the restart") ? true : undefined));
      expect(pod.log.slice(before.length)).not.toContain("reload");
    });

    async function outcomeOf(conf: string): Promise<"reloaded" | "refused"> {
      await pod.changeConf(conf);
      return (await pod.reload()).includes("Failed to reload") ? "refused" : "reloaded";
    }

    async function restart(): Promise<void> {
      await pod.kill();
      await pod.start();
    }
  },
);

/** A further entry of the top level. */
function top(entry: string): [string, string] {
  return ["debug: false\n", `debug: false\n${entry}\n`];
}
