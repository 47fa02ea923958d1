import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { endpoint, report } from "../operations/nats/monitored";
import { ran } from "./ran";
import { beside } from "./support";

describe("noetl-ops nats status", () => {
  let server: Server;
  let url: string;

  const alone = report("nats-0", { routez: {} });
  const { meta_cluster: _meta, ...jsz } = alone.jsz;
  const varz = { server_name: "nats-0", version: "2.15.2" };

  beforeEach(async () => {
    ({ server, url } = await endpoint({ ...alone, jsz, varz }));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const expected = () => ({
    healthy: true,
    servers: [
      {
        name: "nats-0",
        place: url,
        cluster: "",
        version: "2.15.2",
        routes: [],
        gateways: [],
        leafnodes: 0,
        fileUsed: 0,
        fileLimit: 5368709120,
        memoryUsed: 0,
        memoryLimit: 1073741824,
      },
    ],
    unreachable: [],
    meta: [],
    streams: [],
    findings: [],
  });

  test("given --json, prints the status and succeeds", async () => {
    const { stdout, ...ended } = await beside(["nats", "status", "--url", url, "--json"]);
    expect(ended).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toStrictEqual(expected());
  });

  test("given --json and a server that does not answer, prints why and fails", async () => {
    const port = new URL(url).port;
    server.close();
    const { stdout, ...ended } = await ran(["nats", "status", "--url", url, "--json"]);
    expect(ended).toEqual({ status: 1, stderr: "" });
    expect(JSON.parse(stdout)).toStrictEqual({
      healthy: false,
      servers: [],
      unreachable: [{ place: url, reason: `connect ECONNREFUSED 127.0.0.1:${port}` }],
      meta: [],
      streams: [],
      findings: [
        {
          severity: "error",
          about: url,
          problem: `does not answer: connect ECONNREFUSED 127.0.0.1:${port}`,
          next: "look at the server behind it and its log",
        },
      ],
    });
  });

  test("given --watch, prints it again until it is interrupted", async () => {
    const once = "servers  healthy\n  ✓ nats-0  2.15.2 · standalone · file 0 of 5Gi · memory 0 of 1Gi\n";
    const { stdout, stderr } = await beside(["nats", "status", "--url", url, "--watch"], {
      enough: (text) => text.split(once).length > 2,
    });
    expect({ stdout, stderr }).toEqual({ stdout: once + once, stderr: "" });
  });

  test("given a kubeconfig without the stack's context, says so without a stack trace", async () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-nats-"));
    try {
      writeFileSync(join(folder, "config"), "apiVersion: v1\nkind: Config\ncontexts: []\n");
      expect(await ran(["nats", "status"], { env: { KUBECONFIG: join(folder, "config") } })).toEqual({
        status: 1,
        stdout: "",
        stderr:
          'error: the kubeconfig has no context "kind-noetl", which the stack names in noetl:cluster.context; it has: none\n' +
          "next: get the credentials of that cluster, or allow another context with --context NAME\n",
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
