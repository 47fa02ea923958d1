/* eslint-disable @typescript-eslint/no-require-imports --
   Only what is asked for is loaded; and the engine exists as an ES module only, which `import()` cannot reach from
   code that V8 has cached. */
import { dirname, join } from "node:path";
import type * as Client from "surrealdb";
import type * as Engine from "@surrealdb/node";
import type { WebSocket } from "ws";
import { UserError } from "../../../stacks/errors";

/** The release of SurrealDB's embedded engine that everything here was tested with. */
const ENGINE = "@surrealdb/node@3.0.3";

/** The client of SurrealDB. */
export function loadClient(): typeof Client {
  return require("surrealdb") as typeof Client;
}

/** What WebSockets the client is given: Node 20 has none of its own, and the others cannot tell a dead peer. */
export function loadWebSocket(): typeof WebSocket {
  return (require("ws") as { WebSocket: typeof WebSocket }).WebSocket;
}

/** SurrealDB itself, for this process. @throws UserError when it is not installed: 160 MB that few need */
export function loadEngine(): typeof Engine {
  const modules = join(dirname(require.resolve("surrealdb")), "..", "..");
  try {
    return require(join(modules, "@surrealdb/node/dist/surrealdb-node.mjs")) as typeof Engine;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "MODULE_NOT_FOUND") {
      throw new UserError(`surrealdb-embedded needs SurrealDB's engine: npm install --no-save ${ENGINE}`);
    }
    throw new UserError(`surrealdb-embedded does not run on this machine: ${message.split("\n", 1)[0] ?? ""}`);
  }
}
