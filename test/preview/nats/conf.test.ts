import { describe, expect, test } from "@jest/globals";
import { serverConf } from "../../../components/nats/server-conf";
import { isClustered, natsConfOf, natsSize } from "../../../preview/nats/conf";
import { FACTS } from "../../components/nats/facts";

describe("the facts of a nats.conf", () => {
  test("given what the component renders, when read, then store, sizes and name are its", () => {
    expect(natsConfOf(serverConf(FACTS))).toEqual({
      jetstream: true,
      storeDir: "/data/jetstream",
      fileStore: 5 * 2 ** 30,
      memoryStore: 2 ** 30,
      serverName: "$POD_NAME",
    });
  });

  test("given a cluster with gateways and a domain, when read, then its own gateway is no peer", () => {
    const conf = natsConfOf(`
      jetstream { domain: "d1", max_mem: 1GB }
      cluster { name: "a", port: 6222 }
      gateway { name: "a", gateways: [ { name: "c", urls: [] }, { name: "a" }, { name: "b" } ] }
    `);
    expect(conf).toEqual({
      jetstream: true,
      domain: "d1",
      storeDir: "/tmp/nats/jetstream",
      memoryStore: 2 ** 30,
      cluster: "a",
      gateway: { name: "a", peers: ["b", "c"] },
    });
  });

  test.each([
    ["jetstream: enabled\nhttp_port: 8222", true],
    ["jetstream: true\nhttp_port: 8222", true],
    ["jetstream { enabled: false }", false],
    ["jetstream: false\nhttp_port: 8222", false],
    ["http_port: 8222", false],
    ["JetStream { Store_Dir: /x }", true],
  ])("given %j, when read, then JetStream is on: %s", (text, on) => {
    expect(natsConfOf(text)?.jetstream).toBe(on);
  });

  test.each(["", "max_connections = 100\nshared_buffers = 1GB", "jetstream: true"])(
    "given %j, which tells nothing of NATS, when read, then there are no facts",
    (text) => {
      expect(natsConfOf(text)).toBeUndefined();
    },
  );

  test.each([
    ["jetstream {}", false],
    ["jetstream {}\ncluster { name: a }", true],
    ["jetstream {}\ngateway { name: a }", true],
  ])("given %j, when read, then it is clustered: %s", (text, clustered) => {
    const conf = natsConfOf(text);
    expect(conf && isClustered(conf)).toBe(clustered);
  });

  test.each([
    ["5368709120", 5368709120],
    ["5GB", 5368709120],
    ["5gb", 5368709120],
    ["5Gi", 5368709120],
    ["5GiB", 5368709120],
    ["5G", 5000000000],
    ["1k", 1000],
    ["1TB", 1099511627776],
    ["5.5GB", undefined],
    ["5XB", undefined],
    ["", undefined],
  ])("given the size %j of nats.conf, when read, then it is %s bytes", (text, bytes) => {
    expect(natsSize(text)).toBe(bytes);
  });
});
