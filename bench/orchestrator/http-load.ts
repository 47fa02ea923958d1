import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";

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

/** @param program Bundle of `http.ts`. */
export async function httpRate(
  program: string,
  system: "ours" | "bare",
  folder: string,
  count: number,
): Promise<HttpRate> {
  const server = spawn(process.execPath, [program, system, folder], { stdio: ["pipe", "pipe", "ignore"] });
  let said = "";
  server.stdout.on("data", (data: Buffer) => (said += data.toString()));
  await once(server.stdout, "data");
  const port = parseInt(said);
  const warm = Math.ceil(count / 4);
  await requests(port, warm);
  const start = performance.now();
  await requests(port, count);
  const perSecond = (count / (performance.now() - start)) * 1000;
  server.stdin.end();
  await once(server, "close");
  return { perSecond, micros: Number(said.split("\n")[1]) / (count + warm) };
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
