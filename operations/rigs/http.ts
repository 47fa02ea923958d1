import { request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";
import type { Json } from "../../preview/graph";
import { UserError } from "../../stacks/errors";
import { exchange, PATIENCE } from "../cluster/exchange";
import type { Endpoint, Reach } from "./reach";

/** Certificates of a connection, PEM. */
export interface Tls {
  ca: string;
  /** Name that the server's certificate must have. */
  serverName: string;
  certificate?: string;
  key?: string;
}

/** An HTTP answer. */
export interface HttpAnswer {
  status: number;
  text: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body as JSON; undefined when it is none. Whole numbers that JavaScript cannot hold exactly are text. */
  json: Json | undefined;
}

/** A request to a port in the cluster. */
export interface HttpRequest {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: Json;
  headers?: Readonly<Record<string, string>>;
}

/** Asks something in the cluster over HTTP. @throws UserError when it does not answer; every status is an answer */
export async function ask(reach: Reach, endpoint: Endpoint, asked: HttpRequest, tls?: Tls): Promise<HttpAnswer> {
  const { method = "GET", path, body, headers = {} } = asked;
  const forward = await reach.forward(endpoint);
  const options: RequestOptions = {
    host: "127.0.0.1",
    port: forward.port,
    method,
    path,
    // A port-forward carries one connection at a time well, and ends with the pod.
    agent: false,
    timeout: PATIENCE,
    headers: { ...headers, ...(body !== undefined && { "Content-Type": "application/json" }) },
    ...(tls && { ca: tls.ca, servername: tls.serverName, cert: tls.certificate, key: tls.key }),
    ...(reach.signal && { signal: reach.signal }),
  };
  try {
    const answer = await exchange(
      (respond) => (tls === undefined ? requestHttp : requestHttps)(options, respond),
      body === undefined ? undefined : JSON.stringify(body),
    );
    return { ...answer, json: parseJson(answer.text) };
  } catch (error) {
    reach.signal?.throwIfAborted();
    const said = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
    const where = `${endpoint.kind} ${endpoint.namespace}/${endpoint.name}:${endpoint.port}`;
    throw new UserError(`${method} ${path} of ${where}: ${forward.problem() ?? said ?? "no answer"}`);
  }
}

/** A text, or a number: only outside of texts are digits a number. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Reads JSON without losing digits: execution ids have 64 bits. @returns undefined when it is no JSON */
export function parseJson(text: string): Json | undefined {
  const exact = text.replace(TOKENS, (token) => {
    const isWhole = /^-?\d+$/.test(token);
    return isWhole && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
  });
  try {
    return JSON.parse(exact) as Json;
  } catch {
    return undefined;
  }
}
