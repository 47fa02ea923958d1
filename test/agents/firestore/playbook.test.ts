import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { parse } from "yaml";
import { FIRESTORE_AGENT } from "../../../components/mcp/firestore-agent-manifests";
import { ROOT } from "../../cli/support";
import { agentOver, TOKEN } from "./connections";
import { Emulator } from "./emulator";
import type { Listening } from "../../../agents/firestore/http";

jest.setTimeout(60_000);

interface Playbook {
  metadata: Record<string, unknown>;
  workload: Record<string, unknown>;
  workflow: [{ step: string; tool: HttpTool }];
}

interface HttpTool {
  kind: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  auth: { type: string; credential: string };
  json: unknown;
}

const PLAYBOOK = parse(readFileSync(join(ROOT, "agents", "firestore", "playbook.yaml"), "utf8")) as Playbook;

/** What a worker makes of templates: `{{ workload.X }}` is the value itself. */
function rendered(value: unknown, workload: Record<string, unknown>): unknown {
  if (typeof value === "string") {
    const [, name] = /^\{\{ workload\.(\w+) \}\}$/.exec(value) ?? [];
    return name === undefined ? value : workload[name];
  }
  if (Array.isArray(value)) return value.map((item) => rendered(item, workload));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rendered(item, workload)]));
}

describe("the playbook", () => {
  let emulator: Emulator;
  let listening: Listening;

  beforeAll(async () => {
    emulator = await Emulator.start();
    ({ listening } = await agentOver(emulator, "playbook", { value: TOKEN }));
  });

  afterAll(async () => {
    await listening.stop();
    await emulator.stop();
  });

  /** Does what the worker's tool `http` does with the step. */
  async function run(workload: Record<string, unknown>): Promise<{ status: number; body: unknown }> {
    const url = `http://127.0.0.1:${listening.port}/mcp`;
    const tool = rendered(PLAYBOOK.workflow[0].tool, { ...PLAYBOOK.workload, agent_url: url, ...workload }) as HttpTool;
    expect([tool.kind, tool.auth]).toEqual(["http", { type: "bearer", credential: "FIRESTORE_AGENT_TOKEN" }]);
    const response = await fetch(tool.url, {
      method: tool.method,
      headers: { ...tool.headers, "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(tool.json),
    });
    return { status: response.status, body: await response.json() };
  }

  test("is an agent that is exposed as MCP, at the path that playbooks know", () => {
    expect(PLAYBOOK.metadata).toMatchObject({
      name: "firestore_mcp",
      path: "automation/agents/mcp/firestore",
      version: "1.0",
      agent: true,
      exposes_as_mcp: true,
      terminal: { scopes: ["/mcp/firestore"] },
    });
    expect(PLAYBOOK.workload.agent_url).toBe(`http://${FIRESTORE_AGENT}.noetl.svc.cluster.local:8780/mcp`);
  });

  test("by default lists the tools", async () => {
    const { status, body } = await run({});
    expect(status).toBe(200);
    const { result } = body as { result: { tools: object[] } };
    expect(result.tools.length).toBe(9);
  });

  test("calls a tool with its arguments", async () => {
    const call = { method: "tools/call", tool: "set_doc", arguments: { path: "trips/t1", data: { city: "Oslo" } } };
    expect(await run(call)).toMatchObject({
      status: 200,
      body: { result: { structuredContent: { ok: true, path: "trips/t1" } } },
    });
    expect(await run({ method: "tools/call", tool: "none" })).toMatchObject({
      status: 200,
      body: { result: { isError: true, structuredContent: { ok: false, status_code: 400 } } },
    });
  });
});
