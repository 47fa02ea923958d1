import { Agent, request as httpsRequest } from "node:https";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

// The API server says 429 for a second or so after it has learned a new kind.
const RETRIES = 100;
const RETRY_MILLISECONDS = 100;

/** How to reach an API server, and as whom. */
export interface KubeCredentials {
  /** For example `https://127.0.0.1:6443`. */
  server: string;
  /** Certificate of the authority that signed the server's certificate, PEM. */
  ca: string;
  /** The client's certificate, PEM. */
  certificate: string;
  /** The client's private key, PEM. */
  key: string;
}

/** The API server refused a request. */
export class KubeError extends Error {
  constructor(
    message: string,
    /** HTTP status. */
    readonly status: number,
    /** For example `Invalid`, `Forbidden`, `Conflict`; empty when the server gave none. */
    readonly reason: string,
  ) {
    super(message);
  }
}

/** One request; the body is sent as JSON. */
export interface KubeRequest {
  /** @default "GET" */
  method?: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: unknown;
  /** @default "application/json" */
  contentType?: string;
  /** Further headers, for example those of impersonation. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** What the API server said. */
export interface KubeAnswer<T> {
  status: number;
  body: T;
  /** Texts of its `Warning` headers, for example about Pod Security or deprecated versions. */
  warnings: string[];
}

/** A connection to an API server. */
export interface KubeHttp {
  /**
   * Sends a request as it is; again and again, for ten seconds, while the server has too much to do (429).
   *
   * @throws KubeError for every status from 400 on; Error when the server cannot be reached
   */
  send<T>(path: string, request?: KubeRequest): Promise<KubeAnswer<T>>;
  /** Reads an answer line by line as it comes, as a watch sends one. @returns what ends it */
  lines(path: string, each: (line: string) => void, ended: () => void): () => void;
  /** Ends the connections. */
  close(): void;
}

/** @returns a connection that keeps its sockets open between requests */
export function kubeHttp({ server, ca, certificate, key }: KubeCredentials): KubeHttp {
  const agent = new Agent({ ca, cert: certificate, key, keepAlive: true, maxSockets: 16 });

  async function send<T>(path: string, request: KubeRequest = {}): Promise<KubeAnswer<T>> {
    const url = new URL(path, server);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    let answer = await exchange(url, request, agent);
    for (let retry = 1; answer.status === 429 && retry <= RETRIES; retry += 1) {
      await delay(RETRY_MILLISECONDS);
      answer = await exchange(url, request, agent);
    }
    const body = parse(answer.text);
    if (answer.status >= 400) throw refusal(`${request.method ?? "GET"} ${path}`, answer, body);
    return { status: answer.status, body: body as T, warnings: answer.warnings };
  }

  // An answer that breaks off is one that has ended.
  const ignored = (): undefined => undefined;

  function lines(path: string, each: (line: string) => void, ended: () => void): () => void {
    const outgoing = httpsRequest(new URL(path, server), { agent }, (incoming) => {
      incoming.on("error", ignored);
      createInterface(incoming).on("line", each).on("error", ignored);
    });
    outgoing.on("error", ignored).once("close", ended);
    outgoing.end();
    return () => outgoing.destroy();
  }

  return {
    send,
    lines,
    close: () => {
      agent.destroy();
    },
  };
}

interface RawAnswer {
  status: number;
  text: string;
  warnings: string[];
}

function exchange(url: URL, request: KubeRequest, agent: Agent): Promise<RawAnswer> {
  const { method = "GET", body, contentType } = request;
  return new Promise((resolve, reject) => {
    const headers = {
      ...request.headers,
      accept: "application/json",
      ...(body !== undefined && { "content-type": contentType ?? "application/json" }),
    };
    const outgoing = httpsRequest(url, { method, agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.once("error", reject);
      incoming.once("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: incoming.statusCode ?? 0, text, warnings: warningsOf(incoming.headers.warning) });
      });
    });
    outgoing.once("error", reject);
    outgoing.end(body === undefined ? undefined : jsonText(body));
  });
}

/** JSON that is YAML too, which allows fewer characters to stand for themselves. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Node joins repeated headers by commas: `299 - "one", 299 - "two"`. */
function warningsOf(header: string | undefined): string[] {
  return [...(header ?? "").matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) =>
    (text ?? "").replace(/\\(.)/g, "$1"),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refusal(what: string, { status, text }: RawAnswer, body: unknown): KubeError {
  const { message = text, reason = "" } = (typeof body === "object" ? body : {}) as {
    message?: string;
    reason?: string;
  };
  return new KubeError(`${what}: ${status} ${reason}: ${message.trim()}`, status, reason);
}
