import type { Storage } from "../storage/storage";
import { Refusal } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { TestResult } from "./driver";
import { EnvironmentError } from "./errors";
import type { CreateRequest } from "./schema";

const RECORDS = "test-environments";
/** A name is a document: whoever writes it first has it, on whatever node. */
const NAMES = "test-environment-names";

export const STATUSES = ["Creating", "Created", "Running", "Testing", "Failed", "Cleaned", "Deleting"] as const;
export type EnvironmentStatus = (typeof STATUSES)[number];

/** What is known of an environment beside what stands in Docker. */
export interface EnvironmentRecord {
  id: string;
  name: string;
  status: EnvironmentStatus;
  request: CreateRequest;
  by: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  expiresAt: number;
  /** The last task about it. */
  task?: string;
  subnet?: string;
  /** What its containers run. */
  images: { name: string; id: string; digest?: string }[];
  notices: string[];
  /** Of the last run. */
  tests?: TestResult[];
  error?: { code: string; message: string };
}

/** Environments in the orchestrator's storage. */
export class Records {
  constructor(private readonly storage: Storage) {}

  async all(): Promise<EnvironmentRecord[]> {
    const documents = await this.storage.documents(RECORDS);
    return documents
      .map(({ value }) => value as unknown as EnvironmentRecord)
      .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  }

  async find(id: string): Promise<EnvironmentRecord | undefined> {
    const document = await this.storage.document(RECORDS, id);
    return document?.value as unknown as EnvironmentRecord | undefined;
  }

  /** @throws EnvironmentError when there is none */
  async get(id: string): Promise<EnvironmentRecord> {
    const record = await this.find(id);
    if (record) return record;
    throw new EnvironmentError("environment-unknown", `there is no environment ${id}`, "id");
  }

  /** @throws EnvironmentError when its name is taken */
  async add(record: EnvironmentRecord): Promise<void> {
    const { id, name } = record;
    try {
      const { durable } = await this.storage.commit({
        documents: [
          { collection: NAMES, id: name, revision: 0, value: id },
          { collection: RECORDS, id, revision: 0, value: record as unknown as Json },
        ],
      });
      await durable;
    } catch (error) {
      if (!(error instanceof Refusal && error.code === "conflict")) throw error;
      const holder = (await this.storage.document(NAMES, name))?.value;
      const message = `name: environment ${typeof holder === "string" ? holder : "being made"} is called ${name}; take another name, or delete that one`;
      throw new EnvironmentError("name-taken", message, "name");
    }
  }

  /** Changes what is there; nothing when it was removed in between. */
  async change(id: string, changes: Partial<EnvironmentRecord>): Promise<void> {
    for (;;) {
      const document = await this.storage.document(RECORDS, id);
      if (!document) return;
      const value = { ...(document.value as object), ...changes } as Json;
      try {
        const { durable } = await this.storage.commit({ documents: [{ ...document, value }] });
        await durable;
        return;
      } catch (error) {
        if (!(error instanceof Refusal && error.code === "conflict")) throw error;
      }
    }
  }

  async remove(id: string): Promise<void> {
    const record = await this.storage.document(RECORDS, id);
    if (!record) return;
    const { name } = record.value as unknown as EnvironmentRecord;
    const named = await this.storage.document(NAMES, name);
    const documents = [record, ...(named?.value === id ? [named] : [])].map(({ collection, id: key, revision }) => ({
      ...{ collection, id: key, revision },
    }));
    const { durable } = await this.storage.commit({ documents });
    await durable;
  }
}
