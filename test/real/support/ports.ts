import { randomInt } from "node:crypto";
import { connect as connectTcp, createServer } from "node:net";

// Below the range from which systems take ports for outgoing connections (32768 on Linux, 49152 elsewhere), so that
// none of those takes the port between this look and its use.
const FIRST = 20_000;
const LAST = 32_000;

/** @returns a port on 127.0.0.1 that nothing listens on */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
}

/** @returns whether a port on 127.0.0.1 can be listened on */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** Whether somebody takes connections there; undefined, for `waitFor`, when nobody does. */
export async function isOpen(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1");
    socket.once("error", () => {
      resolve(undefined);
    });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
