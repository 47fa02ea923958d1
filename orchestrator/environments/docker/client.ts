/* eslint-disable @typescript-eslint/no-require-imports -- nobody who needs no Docker shall wait for its client. */
import type Dockerode from "dockerode";
import { DockerDown, EnvironmentError } from "../errors";

/**
 * A client of a Docker Engine.
 *
 * @param address As `unix:///var/run/docker.sock`, `tcp://host:2375`.
 */
export function dockerAt(address: string): Dockerode {
  const Docker = require("dockerode") as typeof Dockerode;
  const url = new URL(address);
  if (url.protocol === "unix:") return new Docker({ socketPath: url.pathname });
  return new Docker({
    protocol: url.protocol === "https:" ? "https" : "http",
    host: url.hostname,
    port: Number(url.port === "" ? 2375 : url.port),
  });
}

/** What the client throws. */
interface DockerError extends Error {
  statusCode?: number;
  json?: { message?: string };
  code?: string;
}

const UNREACHABLE = new Set(["ECONNREFUSED", "ENOENT", "EACCES", "ECONNRESET", "ENOTFOUND", "EHOSTUNREACH", "EPIPE"]);

export function isStatus(error: unknown, ...statuses: number[]): boolean {
  return statuses.includes((error as DockerError).statusCode ?? 0);
}

/** What Docker says is wrong. */
export function messageOf(error: unknown): string {
  const { json, message } = error as DockerError;
  // Of an answer that is read as a stream the client knows no JSON.
  return json?.message ?? message.replace(/^\(HTTP code \d+\) [\w ]+ - /, "").trim();
}

/** An error of the client, as ours. */
export function dockerErrorOf(error: unknown, address: string): unknown {
  const { code, statusCode } = error as DockerError;
  if (error instanceof EnvironmentError || error instanceof DockerDown) return error;
  if (code !== undefined && UNREACHABLE.has(code)) {
    return new DockerDown(`no Docker answers at ${address}: ${code}; start it, or name another with --docker`);
  }
  if (statusCode === undefined) return error;
  // A server's own mistake may pass; a refused request would be refused again.
  if (statusCode >= 500 && /not running|shutting down/i.test(messageOf(error))) return new DockerDown(messageOf(error));
  return new EnvironmentError("docker-refused", `Docker refuses: ${messageOf(error)}`);
}
