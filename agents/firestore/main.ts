import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { openDatabase } from "./database";
import { environment, readSettings, WrongSettings, type Settings } from "./environment";
import { listen } from "./http";
import { logTo, traceOf, type Log } from "./log";
import { Agent, AGENT } from "./server";

const USAGE = `The Firestore agent: documents, queries and event logs of Firestore as tools of the Model Context Protocol.

  firestore-agent stdio   speaks with one client over standard input and output
  firestore-agent http    serves clients at http://MCP_HOST:MCP_PORT/mcp

Environment:
  GOOGLE_CLOUD_PROJECT     project of the database (required)
  FIRESTORE_DATABASE       name of the database; default (default)
  FIRESTORE_EMULATOR_HOST  HOST:PORT of an emulator instead of the real Firestore
  MCP_HOST, MCP_PORT       where http listens; default 127.0.0.1, 8780
  MCP_TOKEN_FILE           file with the bearer token that callers need; required unless MCP_HOST is a loopback address
  MCP_TOKEN                the token itself; prefer the file
  LOG_LEVEL                DEBUG, INFO, WARNING or ERROR; default INFO

Credentials are Application Default Credentials: Workload Identity on GKE, gcloud auth application-default login at home.
`;

/** Milliseconds that calls under way have when the agent shall end; Kubernetes kills it after 30 seconds. */
const LONGEST_END = 25_000;

/** Runs the agent until it is told to end, or its client leaves. */
export async function main(args: readonly string[]): Promise<number> {
  const [transport, ...rest] = args;
  if (transport === "--help" || transport === "-h") {
    process.stdout.write(USAGE);
    return 0;
  }
  if ((transport !== "stdio" && transport !== "http") || rest.length > 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  try {
    const settings = readSettings(environment());
    const log = logTo(
      (line) => process.stderr.write(line),
      settings.logLevel,
      () => new Date(),
    );
    await run(transport, settings, log);
    return 0;
  } catch (error) {
    if (!(error instanceof WrongSettings) && !isOfSystem(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function run(transport: "stdio" | "http", settings: Settings, log: Log): Promise<void> {
  const db = openDatabase(settings);
  const agent = new Agent(db, log);
  const told = signalled();
  try {
    if (transport === "http") {
      const listening = await listen(agent, settings.http, log);
      await told;
      await atMost(LONGEST_END, listening.stop());
    } else {
      await converse(agent, told);
    }
  } finally {
    log("INFO", "ending", { agent: AGENT.name });
    await db.terminate().catch((error: unknown) => {
      log("WARNING", "database client did not end", traceOf(error));
    });
  }
}

/** Speaks over standard input and output until the client leaves. */
async function converse(agent: Agent, told: Promise<void>): Promise<void> {
  const connection = agent.connection();
  const left = new Promise<void>((resolve) => {
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
  });
  await connection.connect(new StdioServerTransport());
  await Promise.race([told, left]);
  await connection.close();
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}

/** Waits for something, but not for ever. */
async function atMost(milliseconds: number, awaited: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([awaited, late]);
  clearTimeout(timer);
}

/** An error of the operating system, such as a port in use or a file that is not there. */
function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}
