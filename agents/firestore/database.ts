import { Firestore } from "@google-cloud/firestore";
import type { Settings } from "./environment";

/** A client of the database, with the credentials of whoever runs the agent (Application Default Credentials). */
export function openDatabase({ project, database, emulator }: Pick<Settings, "project" | "database" | "emulator">) {
  return new Firestore({
    projectId: project,
    databaseId: database,
    // Whole numbers beyond 2^53 come as they are; values.ts makes text of them.
    useBigInt: true,
    ...(emulator !== undefined && { host: emulator, ssl: false, credentials: NOBODY }),
  });
}

/** Without these the client would ask the machine that it runs on for credentials, which an emulator never wants. */
const NOBODY = { client_email: "nobody@example.com", private_key: "none" };
