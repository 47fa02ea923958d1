import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { listen, type Listening } from "../../../agents/firestore/http";
import { logTo } from "../../../agents/firestore/log";
import { Agent } from "../../../agents/firestore/server";
import { ROOT } from "../../cli/support";
import type { Emulator } from "./emulator";

/** An official client, connected to an agent. */
export interface Connected {
  client: Client;
  /** What the agent wrote to its log. */
  log(): string;
  close(): Promise<void>;
}

export const TOKEN = "t0k3n-of-the-test";

/** An agent of a process of its own, spoken with over its standard input and output. */
export async function overStdio(emulator: Emulator, project: string): Promise<Connected> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(ROOT, "agents", "firestore", "bin.cjs"), "stdio"],
    env: { GOOGLE_CLOUD_PROJECT: project, FIRESTORE_EMULATOR_HOST: emulator.address },
    stderr: "pipe",
  });
  let log = "";
  transport.stderr?.on("data", (chunk) => (log += String(chunk)));
  const client = await connected(transport);
  return { client, log: () => log, close: () => client.close() };
}

/** An agent that listens on a free port. */
export async function overHttp(emulator: Emulator, project: string): Promise<Connected> {
  const { listening, log } = await agentOver(emulator, project, { value: TOKEN });
  const client = await connected(transportTo(listening.port, TOKEN));
  const close = async () => {
    await client.close();
    await listening.stop();
  };
  return { client, log, close };
}

export async function agentOver(
  emulator: Emulator,
  project: string,
  token: { value: string } | { file: string } | undefined,
): Promise<{ listening: Listening; log: () => string }> {
  let log = "";
  const write = logTo(
    (line) => (log += line),
    "DEBUG",
    () => new Date(0),
  );
  const agent = new Agent(emulator.client(project), write);
  return { listening: await listen(agent, { host: "127.0.0.1", port: 0, token }, write), log: () => log };
}

export function transportTo(port: number, token: string | undefined): Transport {
  return new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
    requestInit: { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
  });
}

export async function connected(transport: Transport): Promise<Client> {
  const client = new Client({ name: "test", version: "0" });
  await client.connect(transport);
  return client;
}
