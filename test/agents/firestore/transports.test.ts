import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { listen } from "../../../agents/firestore/http";
import { Agent } from "../../../agents/firestore/server";
import { agentOver, connected, overHttp, overStdio, TOKEN, transportTo } from "./connections";
import { Emulator } from "./emulator";

let emulator: Emulator;

beforeAll(async () => {
  emulator = await Emulator.start();
});

afterAll(() => emulator.stop());

test.each([
  ["stdio", overStdio],
  ["http", overHttp],
])("over %s, an official client uses every tool", async (project, connect) => {
  const agent = await connect(emulator, project);
  const used: string[] = [];
  const call = async (name: string, args: Record<string, unknown>) => {
    used.push(name);
    return (await agent.client.callTool({ name, arguments: args })).structuredContent;
  };
  try {
    const path = "docs/a";
    const thread_path = "threads/a";
    const event = { type: "note", payload: { token: "c4n4ry" } };
    expect(await call("set_doc", { path, data: { x: 1 } })).toMatchObject({ ok: true, path });
    expect(await call("batch_set_docs", { items: [{ path: "docs/b", doc: { x: 2 } }] })).toMatchObject({
      succeeded: 1,
    });
    expect(await call("get_doc", { path })).toMatchObject({ found: true, document: { data: { x: 1 } } });
    expect(await call("batch_get_docs", { items: [path, "docs/b"] })).toMatchObject({ succeeded: 2 });
    const where = [{ field: "x", op: ">", value: 1 }];
    expect(await call("query_collection", { collection_path: "docs", where })).toMatchObject({ count: 1 });
    expect(await call("delete_doc", { path })).toMatchObject({ deleted: true });
    expect(await call("append_event", { thread_path, event })).toMatchObject({ seq: 1 });
    expect(await call("batch_append_events", { items: [{ thread_path, event }] })).toMatchObject({ succeeded: 1 });
    expect(await call("replay_events", { thread_path })).toMatchObject({ count: 2 });
    const { tools } = await agent.client.listTools();
    expect(used.sort()).toEqual(tools.map(({ name }) => name).sort());
  } finally {
    await agent.close();
  }
  const lines = agent
    .log()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { message: string; tool?: string });
  expect(lines.flatMap(({ message, tool }) => (message === "tool call" ? [tool] : [])).sort()).toEqual(used);
  expect(agent.log()).not.toContain("c4n4ry");
});

interface Reply {
  status: number | undefined;
  body: string;
}

/** A bare request, with the headers that the protocol wants unless others are given. */
function send(port: number, path: string, options: { method?: string; headers?: object; body?: string } = {}) {
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...options.headers,
  };
  return new Promise<Reply>((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path, method: options.method ?? "POST", headers }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += String(chunk)));
      response.on("end", () => {
        resolve({ status: response.statusCode, body });
      });
    });
    sent.on("error", reject);
    sent.end(options.body);
  });
}

const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

describe("http", () => {
  test("given a token, refuses whoever has another or none, and tells nothing about it", async () => {
    const { listening, log } = await agentOver(emulator, "bearer", { value: TOKEN });
    const { port } = listening;
    try {
      for (const authorization of [undefined, "Bearer", "Bearer ", `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN]) {
        const headers = authorization === undefined ? {} : { authorization };
        const { status, body } = await send(port, "/mcp", { headers, body: LIST });
        expect([authorization, status]).toEqual([authorization, 401]);
        expect(body).not.toContain(TOKEN);
      }
      await expect(connected(transportTo(port, "wrong"))).rejects.toThrow();
      expect((await send(port, "/mcp", { headers: AUTHORIZED, body: LIST })).status).toBe(200);
      expect((await send(port, "/mcp", { headers: { authorization: `bearer ${TOKEN}` }, body: LIST })).status).toBe(
        200,
      );
      expect(log()).not.toContain(TOKEN);
    } finally {
      await listening.stop();
    }
  });

  test("given a file with the token, a new one holds at once, and an empty one lets nobody in", async () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-firestore-"));
    const file = join(folder, "token");
    writeFileSync(file, "first\n");
    const { listening } = await agentOver(emulator, "file", { file });
    const status = async (token: string) =>
      (await send(listening.port, "/mcp", { headers: { authorization: `Bearer ${token}` }, body: LIST })).status;
    try {
      expect([await status("first"), await status("second")]).toEqual([200, 401]);
      writeFileSync(file, "second");
      expect([await status("first"), await status("second")]).toEqual([401, 200]);
      writeFileSync(file, "");
      expect([await status("second"), await status("")]).toEqual([500, 500]);
    } finally {
      await listening.stop();
      rmSync(folder, { recursive: true });
    }
  });

  test("given no token, serves programs of this machine, no web page and no other name", async () => {
    const { listening } = await agentOver(emulator, "local", undefined);
    const status = async (headers: object) => (await send(listening.port, "/mcp", { headers, body: LIST })).status;
    try {
      expect(await status({})).toBe(200);
      expect(await status({ origin: "http://localhost:6274" })).toBe(200);
      expect(await status({ host: "[::1]:8780" })).toBe(200);
      expect(await status({ host: "evil.example.com" })).toBe(403);
      expect(await status({ host: "127.0.0.1.example.com" })).toBe(403);
      expect(await status({ origin: "https://evil.example.com" })).toBe(403);
      expect(await status({ origin: "null" })).toBe(403);
    } finally {
      await listening.stop();
    }
  });

  test.each(["0.0.0.0", "::", "10.0.0.1", "example.com"])("given no token, does not listen on %s", async (host) => {
    const agent = new Agent(emulator.client("nowhere"), () => undefined);
    await expect(listen(agent, { host, port: 0, token: undefined }, () => undefined)).rejects.toThrow(
      `without a token, only a loopback host, not ${host}`,
    );
  });

  test("needs no session: a call without the handshake is answered, as NoETL's worker makes it", async () => {
    const { listening } = await agentOver(emulator, "stateless", { value: TOKEN });
    const params = { name: "get_doc", arguments: { path: "a/b" } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params });
    try {
      const reply = await send(listening.port, "/mcp", { headers: AUTHORIZED, body });
      expect(JSON.parse(reply.body)).toMatchObject({ id: 2, result: { structuredContent: { found: false } } });
    } finally {
      await listening.stop();
    }
  });

  test("answers its health without a token, and what it does not have with a reason", async () => {
    const { listening } = await agentOver(emulator, "health", { value: TOKEN });
    const { port } = listening;
    const headers = AUTHORIZED;
    try {
      expect(await send(port, "/healthz", { method: "GET" })).toEqual({ status: 200, body: '{"status":"ok"}' });
      expect(await send(port, "/other", { headers })).toMatchObject({ status: 404 });
      expect(await send(port, "/mcp", { method: "GET", headers })).toMatchObject({ status: 405 });
      expect(await send(port, "/mcp", { method: "DELETE", headers })).toMatchObject({ status: 405 });
      expect(await send(port, "/mcp", { headers, body: "{" })).toMatchObject({ status: 400 });
      expect(await send(port, "/mcp", { headers, body: `"${"x".repeat(11 * 2 ** 20)}"` })).toMatchObject({
        status: 413,
      });
      expect(await send(port, "/mcp", { headers, body: LIST })).toMatchObject({ status: 200 });
    } finally {
      await listening.stop();
    }
  });

  test("told to end, answers what is under way and takes nothing new", async () => {
    const { listening } = await agentOver(emulator, "ending", { value: TOKEN });
    const release = emulator.hold();
    const params = { name: "set_doc", arguments: { path: "a/b", data: {} } };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params });
    const call = send(listening.port, "/mcp", { headers: { ...AUTHORIZED, connection: "close" }, body });
    await release.reached;
    const stopped = listening.stop();
    await expect(send(listening.port, "/healthz", { method: "GET" })).rejects.toThrow("ECONNREFUSED");
    release.now();
    expect(await call).toMatchObject({ status: 200 });
    await stopped;
  });
});
