import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { FIRESTORE_AGENT } from "../../../components/mcp/firestore-agent-manifests";
import { ROOT } from "../../cli/support";
import { agentOver, TOKEN } from "./connections";
import { Emulator } from "./emulator";
import type { Listening } from "../../../agents/firestore/http";

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
  body: string;
}

const PLAYBOOK = parse(readFileSync(join(ROOT, "agents", "firestore", "playbook.yaml"), "utf8")) as Playbook;

/** What a template becomes: `{{ workload.X }}` is the value's text, with `tojson` its JSON. */
function rendered(text: string, workload: Record<string, unknown>): string {
  return text.replaceAll(/\{\{ workload\.(\w+)( \| tojson)? \}\}/g, (_, name: string, json?: string) =>
    json === undefined ? String(workload[name]) : JSON.stringify(workload[name]),
  );
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
    const { kind, method, headers, auth, body, ...tool } = PLAYBOOK.workflow[0].tool;
    expect([kind, auth]).toEqual(["http", { type: "bearer", credential: "FIRESTORE_AGENT_TOKEN" }]);
    const values = { ...PLAYBOOK.workload, agent_url: url, ...workload };
    const response = await fetch(rendered(tool.url, values), {
      method,
      headers: { ...headers, authorization: `Bearer ${TOKEN}` },
      body: rendered(body, values),
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
