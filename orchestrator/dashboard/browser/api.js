// @ts-check
// Asking the service. The token is kept by this tab only, and is in no address.
import { calm, warn } from "./notices.js";

/** @typedef {{ name: string, roles: string[], rights: string[] }} Me */
/** @typedef {{ success: boolean, data: any, error: { code: string, message: string } | null, cursor?: string | null }} Answer */

const TOKEN = "noetl-orchestrator-token";
/** Milliseconds after which a reader is told that it takes long, and after which no answer is waited for. */
const SLOW_MS = 3000;
const LATE_MS = 30_000;

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  /** @param {string} value */
  set: (value) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
};

/** Why a request was refused, or got no answer. */
export class Problem extends Error {
  /** @param {string} code @param {string} message @param {unknown} [data] */
  constructor(code, message, data = null) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** How many requests take long. */
let slow = 0;

/**
 * @param {string} path
 * @param {{ method?: string, body?: unknown, headers?: Record<string, string>, signal?: AbortSignal }} [options]
 * @returns {Promise<Response>} one that is not refused @throws {Problem}
 */
export const connect = async (path, { method = "GET", body, headers = {}, signal } = {}) => {
  const secret = token.get();
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...headers,
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError")
      throw new Problem("timeout", `The service did not answer within ${LATE_MS / 1000} seconds.`);
    if (error instanceof DOMException && error.name === "AbortError") throw new Problem("aborted", "");
    throw new Problem("unreachable", "The service does not answer. It may be stopped, or the network is down.");
  }
  if (response.ok) return response;
  /** @type {Answer} */
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new Problem("not-json", `What answers is no orchestrator: status ${response.status}.`);
  }
  const { code = String(response.status), message = "refused" } = answer.error ?? {};
  throw new Problem(code, message, answer.data);
};

/**
 * @param {string} path
 * @param {{ method?: string, body?: unknown }} [options]
 * @returns {Promise<Answer>} @throws {Problem}
 */
export const ask = async (path, options = {}) => {
  let isSlow = false;
  const late = setTimeout(() => {
    isSlow = true;
    slow++;
    warn("slow", "The service takes long to answer. What is shown may be old.");
  }, SLOW_MS);
  try {
    const response = await connect(path, { ...options, signal: AbortSignal.timeout(LATE_MS) });
    return await response.json();
  } finally {
    clearTimeout(late);
    if (isSlow) slow--;
    if (slow === 0) calm("slow");
  }
};

/** Lines of an answer, as they come. @param {Response} response @returns {AsyncGenerator<string>} */
export async function* linesOf({ body }) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
