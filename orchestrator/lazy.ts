/* eslint-disable @typescript-eslint/no-require-imports --
   `import()` of a relative path would need a `.js` ending here, which neither the sources nor Jest know. */
import type * as Tokens from "./api/tokens";
import type * as Base from "./base";
import type * as Client from "./client";
import type * as CatalogCheck from "./environments/check";
import type * as Dispatch from "./dispatch/dispatcher";
import type * as Work from "./dispatch/worker";
import type * as Nodes from "./nodes/node";
import type * as Service from "./service";
import type * as Offline from "./storage/copy/offline";
import type * as Restore from "./storage/copy/restore";
import type * as Places from "./storage/copy/places";
import type * as Audit from "./storage/filesystem/audit-offline";

/** The service, with the HTTP server behind it: no other command shall start slower for it. */
export function loadService() {
  return {
    ...(require("./service") as typeof Service),
    ...(require("./base") as typeof Base),
    ...(require("./api/tokens") as typeof Tokens),
  };
}

/** One of several orchestrators on a SurrealDB server. */
export function loadNodes(): typeof Nodes {
  return require("./nodes/node") as typeof Nodes;
}

/** What hands tasks out by NATS, and what does them. */
export function loadDispatch() {
  return { ...(require("./dispatch/dispatcher") as typeof Dispatch), ...(require("./dispatch/worker") as typeof Work) };
}

/** What talks to a service. */
export function loadClient(): typeof Client {
  return require("./client") as typeof Client;
}

/** What reads the audit log of a folder. */
export function loadOfflineAudit(): typeof Audit {
  return require("./storage/filesystem/audit-offline") as typeof Audit;
}

/** What moves, checks, backs up and restores storages. */
export function loadStorages() {
  return {
    ...(require("./storage/copy/offline") as typeof Offline),
    ...(require("./storage/copy/places") as typeof Places),
    ...(require("./storage/copy/restore") as typeof Restore),
  };
}

/** What reads templates of test environments. */
export function loadCatalogCheck(): typeof CatalogCheck {
  return require("./environments/check") as typeof CatalogCheck;
}
