import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Milliseconds until an answer counts as missing: the `timeout` of a request. */
export const PATIENCE = 30_000;

/** An answer, whole. */
export interface Exchanged {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/**
 * Sends a request, and reads all of its answer.
 *
 * @param begin opens the request, which has {@link PATIENCE} as its timeout
 * @throws Error when no answer comes
 */
export function exchange(begin: (answer: (response: IncomingMessage) => void) => ClientRequest, body?: string) {
  return new Promise<Exchanged>((resolve, reject) => {
    const call = begin((response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => (text += piece));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    call.on("timeout", () => call.destroy(new Error(`nothing came within ${PATIENCE / 1000} seconds`)));
    call.on("error", reject);
    // Of itself Node says of a DELETE neither how long its body is nor that it has one.
    if (body !== undefined) call.setHeader("Content-Length", Buffer.byteLength(body));
    call.end(body);
  });
}
