import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { median } from "../measure";

const CONNECTIONS = 32;
const BODY = JSON.stringify({ infra: "production", servers: ["web-01", "web-02"] });
const REQUEST = [
  "POST /workflows/servers/create HTTP/1.1",
  "host: localhost",
  "content-type: application/json",
  `content-length: ${BODY.length}`,
  "",
  BODY,
].join("\r\n");

/** What a server does. */
export interface HttpRate {
  /** Requests answered a second, 32 connections with one request each. */
  perSecond: number;
  /** Microseconds of the server's processor time for one: what a busy machine shows, too. */
  micros: number;
}

/** Requests to one server before it is the next one's turn. */
const TURN = 1000;

/**
 * What servers do once they are warm, each in turn: what disturbs one disturbs all. Medians of all turns.
 *
 * @param program Bundle of `http.ts`.
 * @param folders Where each keeps its data.
 */
export async function httpRates<System extends "ours" | "bare">(
  program: string,
  folders: Record<System, string>,
  count: number,
): Promise<Record<System, HttpRate>> {
  const systems = Object.keys(folders) as System[];
  const servers = await Promise.all(systems.map((system) => serverOf(program, system, folders[system])));
  for (const { port } of servers) await requests(port, count / 4);
  const rates = servers.map(() => ({ perSecond: [] as number[], micros: [] as number[] }));
  for (let turn = 0; turn < count / TURN; turn++) {
    for (const [at, { port, spent }] of servers.entries()) {
      const before = await spent();
      const start = performance.now();
      await requests(port, TURN);
      rates[at]?.perSecond.push((TURN / (performance.now() - start)) * 1000);
      rates[at]?.micros.push(((await spent()) - before) / TURN);
    }
  }
  for (const { end } of servers) await end();
  const found = rates.map(({ perSecond, micros }) => ({ perSecond: median(perSecond), micros: median(micros) }));
  return Object.fromEntries(systems.map((system, at) => [system, found[at]])) as Record<System, HttpRate>;
}

async function serverOf(program: string, system: string, folder: string) {
  const server = spawn(process.execPath, [program, system, folder], {
    stdio: ["pipe", "pipe", "ignore"],
    // Of packages that are loaded as they are.
    env: { ...process.env, NODE_PATH: join(__dirname, "../../node_modules") },
  });
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const next = async () => Number((await lines.next()).value);
  return {
    port: await next(),
    /** Microseconds of its processor time so far. */
    spent: () => {
      server.stdin.write("\n");
      return next();
    },
    end: () => {
      server.stdin.end();
      return once(server, "close");
    },
  };
}

async function requests(port: number, count: number): Promise<void> {
  let left = count;
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1").once("error", reject);
      const next = () => {
        if (left-- > 0) socket.write(REQUEST);
        else socket.end(resolve);
      };
      socket.once("connect", next);
      socket.on("data", (data) => {
        // Answers are small: they come in one piece.
        if (data.indexOf("HTTP/1.1 202") === 0) next();
        else reject(new Error(`refused: ${data.toString()}`));
      });
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
}
