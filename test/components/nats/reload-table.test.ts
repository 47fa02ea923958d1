import { describe, expect, it } from "@jest/globals";
import {
  confChanges,
  confEntries,
  effectOf,
  RELOAD_TABLE,
  restartChecksum,
} from "../../../components/nats/reload-table";
import { serverConf } from "../../../components/nats/server-conf";
import { CLUSTER_FACTS, FACTS } from "./facts";

const CONF = serverConf(FACTS);

describe("confEntries", () => {
  it("reads every setting of a rendered nats.conf", () => {
    expect(confEntries(CONF).map(({ path, value }) => `${path} = ${value}`)).toEqual([
      'include = "auth/passwords.conf"',
      "server_name = $POD_NAME",
      "port = 4222",
      "http_port = 8222",
      'pid_file = "/var/run/nats/nats.pid"',
      "max_payload = 1048576",
      'lame_duck_grace_period = "10s"',
      'lame_duck_duration = "30s"',
      "debug = false",
      "trace = false",
      "logtime = true",
      'jetstream.store_dir = "/data/jetstream"',
      "jetstream.max_memory_store = 1073741824",
      "jetstream.max_file_store = 5368709120",
      'system_account = "$SYS"',
      'accounts.$SYS.users = [ { user: "sys", password: $NATS_SYS_PASSWORD } ]',
      "accounts.NOETL.jetstream = true",
      'accounts.NOETL.users = [ { user: "noetl", password: $NATS_NOETL_PASSWORD } ]',
    ]);
  });

  it("reads what people write, and no comments", () => {
    expect(confEntries('# all\n\nport = 4222\ncluster: {\n  name nats # mine\n}\ntags: []\nx: "a # b"')).toEqual([
      { path: "port", value: "4222" },
      { path: "cluster.name", value: "nats # mine" },
      { path: "tags", value: "[]" },
      { path: "x", value: '"a # b"' },
    ]);
  });
});

describe("effectOf", () => {
  it.each([
    ["accounts.NOETL.users", "reload"],
    ["cluster.tls.cert_file", "reload"],
    ["cluster.name", "restart"],
    ["gateway.gateways", "restart"],
    ["max_payload", "reload"],
    ["jetstream.max_file_store", "growth"],
    ["what_nobody_knows", "restart"],
    ["max_payload_of_something", "restart"],
  ])("of %s is %s", (path, effect) => {
    expect(effectOf(path)).toBe(effect);
  });

  it("names each path once", () => {
    const paths = RELOAD_TABLE.map(({ path }) => path);
    expect(paths).toEqual([...new Set(paths)].sort());
  });
});

describe("confChanges", () => {
  it("says what each edit needs, growth by its direction", () => {
    const edited = serverConf({ ...FACTS, maxPayload: "2Mi", jetstream: { memory: "512Mi", file: "6Gi" } });
    expect(confChanges(CONF, edited)).toEqual([
      { path: "jetstream.max_file_store", before: "5368709120", after: "6442450944", effect: "reload" },
      { path: "jetstream.max_memory_store", before: "1073741824", after: "536870912", effect: "restart" },
      { path: "max_payload", before: "1048576", after: "2097152", effect: "reload" },
    ]);
  });

  it("sees new blocks and lost ones", () => {
    const cluster = serverConf(CLUSTER_FACTS);
    expect(confChanges(CONF, cluster).map(({ path, effect }) => `${path} ${effect}`)).toEqual([
      "cluster.authorization.password reload",
      "cluster.authorization.user reload",
      "cluster.host restart",
      "cluster.name restart",
      "cluster.port restart",
      "cluster.routes reload",
    ]);
    expect(confChanges(cluster, CONF)).toHaveLength(6);
    expect(confChanges(CONF, CONF)).toEqual([]);
  });
});

describe("restartChecksum", () => {
  const checksum = restartChecksum(CONF);

  it.each([
    ["users", { accounts: [{ name: "A", jetstream: {}, users: ["alice"] }] }],
    ["the largest message", { maxPayload: "2Mi" }],
    ["tags", { serverTags: ["az:a"] }],
  ])("stays for %s, which a reload changes", (_case, edit) => {
    expect(restartChecksum(serverConf({ ...FACTS, ...edit }))).toBe(checksum);
  });

  it.each([
    ["a store's size", { jetstream: { memory: "1Gi", file: "6Gi" } }],
    ["a domain", { jetstream: { ...FACTS.jetstream, domain: "a" } }],
    ["a cluster", { replicas: 3 as const }],
  ])("changes for %s", (_case, edit) => {
    expect(restartChecksum(serverConf({ ...FACTS, ...edit }))).not.toBe(checksum);
  });

  it("is 16 hexadecimal digits, also of nothing", () => {
    expect(checksum).toMatch(/^[0-9a-f]{16}$/);
    expect(restartChecksum("")).toBe("4f53cda18c2baa0c");
  });
});
