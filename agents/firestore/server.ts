import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type CallToolResult,
  type ListToolsResult,
} from "@modelcontextprotocol/sdk/types.js";
import type { Firestore } from "@google-cloud/firestore";
import { z } from "zod";
import { EventLog } from "./event-log";
import { Failure, failureOf } from "./failure";
import { traceOf, type Log } from "./log";
import type { Context, Tool } from "./tool";
import { TOOLS } from "./tools";

/** What the agent calls itself; the version is that of the tools' interface. */
export const AGENT = { name: "firestore_mcp", version: "1.0.0" };

/**
 * Milliseconds until a call is answered in any case: Firestore's client tries for minutes when it reaches nobody, and the
 * caller, NoETL's worker, waits for 60 seconds.
 */
const LONGEST_CALL = 50_000;

/** The tools, bound to a database. One of these is enough for any number of connections. */
export class Agent {
  readonly #context: Context;
  readonly #tools = new Map(TOOLS.map((tool) => [tool.name, tool]));

  constructor(
    db: Firestore,
    private readonly log: Log,
    private readonly longestCall = LONGEST_CALL,
  ) {
    this.#context = { db, events: new EventLog(db), explain: (error) => this.#explain(error) };
  }

  /** A server of the protocol for one connection. */
  connection(): McpServer {
    const mcp = new McpServer(AGENT);
    mcp.server.registerCapabilities({ tools: {} });
    mcp.server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS.map(described) }));
    // Not by registerTool, which answers wrong arguments with a text of its own.
    mcp.server.setRequestHandler(CallToolRequestSchema, ({ params }) => this.call(params.name, params.arguments ?? {}));
    return mcp;
  }

  /** Calls a tool. Whatever goes wrong is in the answer. */
  async call(name: string, args: unknown): Promise<CallToolResult> {
    const tool = this.#tools.get(name);
    if (!tool) return failed(name, 400, `there is no tool '${name}'; there are ${[...this.#tools.keys()].join(", ")}`);
    const start = performance.now();
    const done = (status_code: number) => {
      const milliseconds = Math.round(performance.now() - start);
      this.log(status_code < 500 ? "INFO" : "ERROR", "tool call", { tool: name, status_code, milliseconds });
    };
    try {
      const answer = await this.#inTime(tool.call(args, this.#context));
      done(200);
      return result(name, { ok: true, ...answer }, 200);
    } catch (error) {
      const { statusCode, message, details } = this.#explain(error);
      done(statusCode);
      return failed(name, statusCode, message, details);
    }
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `no answer of Firestore within ${this.longestCall / 1000} s; what was to be written may still be`;
      timer = setTimeout(() => {
        reject(new Failure(504, message));
      }, this.longestCall);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #explain(error: unknown): Failure {
    const failure = failureOf(error);
    if (failure.statusCode >= 500)
      this.log("ERROR", "call failed", { status_code: failure.statusCode, ...traceOf(error) });
    return failure;
  }
}

function described({ name, title, description, input, annotations }: Tool): ListToolsResult["tools"][number] {
  const inputSchema = z.toJSONSchema(input, { io: "input" }) as { type: "object" };
  return { name, title, description, inputSchema, annotations: { ...annotations, openWorldHint: false } };
}

function failed(tool: string, status_code: number, error: string, details: object = {}): CallToolResult {
  return {
    ...result(tool, { ok: false, status: "error", error, status_code, ...details }, status_code),
    isError: true,
  };
}

/** The same object for programs (`structuredContent`) and, as text, for models. */
function result(tool: string, answer: Record<string, unknown>, status_code: number): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(answer) }],
    structuredContent: answer,
    _meta: { backend: "firestore", tool, status_code },
  };
}
