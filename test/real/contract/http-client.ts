import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { parseJson, toJson } from "./json";
import { type Place, routed } from "./place";

/** What a client of the server proves itself with, and knows the server by; PEM. */
export interface ClientTls {
  ca?: string | undefined;
  certificate?: string | undefined;
  key?: string | undefined;
}

/** What a server answered. */
export interface Answered {
  status: number;
  /** The value of JSON, else the text. */
  body: unknown;
}

/** Calls an API of the cluster by the name of its Service. @throws Error when there is no answer */
export async function callApi(
  place: Place,
  tls: ClientTls,
  { method, url, body }: { method: string; url: string; body?: unknown },
): Promise<Answered> {
  const { url: there, named } = routed(place, url);
  const options = {
    method,
    ...{ host: there.hostname, port: there.port, path: there.pathname + there.search },
    headers: { host: named.host, "content-type": "application/json" },
    ...{ ca: tls.ca, cert: tls.certificate, key: tls.key, servername: named.hostname },
  };
  const sent = named.protocol === "https:" ? tlsRequest(options) : plainRequest(options);
  sent.end(body === undefined ? undefined : toJson(body));
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const isJson = answer.headers["content-type"] === "application/json";
  return { status: answer.statusCode ?? 0, body: isJson ? parseJson(text) : text };
}
