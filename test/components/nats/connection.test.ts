import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { natsUrl, natsUrlWithUser, type NatsConnection } from "../../../components/nats/connection";
import { TORTURE } from "./facts";

const HOST = { host: "nats.nats.svc.cluster.local", clientPort: 4222 };

describe("natsUrl", () => {
  it("names host and port", () => {
    expect(natsUrl(HOST)).toBe("nats://nats.nats.svc.cluster.local:4222");
  });

  it.each(TORTURE)("carries the password %j", (password) => {
    const url = new URL(natsUrl(HOST, { user: "noetl", password }));
    expect([url.hostname, url.port, url.pathname, url.search, url.hash]).toEqual([HOST.host, "4222", "", "", ""]);
    expect([url.username, decodeURIComponent(url.password)]).toEqual(["noetl", password]);
  });
});

describe("natsUrlWithUser", () => {
  it.each([
    ["a secret", pulumi.secret("p@ss")],
    ["a password that forgot to be one", pulumi.output("p@ss")],
  ])("is a secret for %s", async (_case, password) => {
    const connection: NatsConnection = {
      ...HOST,
      monitoringPort: 8222,
      monitoringEndpoint: "nats-headless.nats.svc.cluster.local:8222",
      url: natsUrl(HOST),
      account: "NOETL",
      user: "noetl",
      password,
    };
    const url = natsUrlWithUser(connection);
    expect(await pulumi.isSecret(url)).toBe(true);
    const shown = await new Promise((resolve) => pulumi.unsecret(url).apply(resolve));
    expect(shown).toBe("nats://noetl:p%40ss@nats.nats.svc.cluster.local:4222");
  });
});
