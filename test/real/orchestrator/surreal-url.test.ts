import { describe } from "@jest/globals";
import { openStorage } from "../../../orchestrator/storage/open";
import { erase } from "../../../orchestrator/storage/copy/places";
import { conformsToStorage } from "../../orchestrator/storage/conformance";

const { SURREALDB_URL: url, SURREALDB_USER: username = "root", SURREALDB_PASSWORD: password = "root" } = process.env;

// One that is already there is not ours to kill: a crash is one of the client.
(url === undefined ? describe.skip : describe)(
  `a SurrealDB server that runs already${url === undefined ? " (skipped: SURREALDB_URL is not set)" : ""}`,
  () => {
    let databases = 0;
    conformsToStorage("SurrealStorage on it", () => {
      const database = `conformance_${process.pid}_${++databases}`;
      const server = { url: url ?? "", namespace: "noetl_test", database, login: { username, password } };
      const place = { kind: "surrealdb-server", server } as const;
      return Promise.resolve({
        open: async () => openStorage(place, { termMs: 1000 }),
        crash: async (storage) => storage.close(),
        remove: async () => erase(place),
      });
    });
  },
);
