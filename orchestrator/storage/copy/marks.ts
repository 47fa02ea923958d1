import { randomUUID } from "node:crypto";
import { z } from "zod";
import { UserError } from "../../../stacks/errors";
import type { Document, DocumentWrite, Storage } from "../storage";

/** The collection of what a storage knows of itself: it is copied nowhere. */
export const OWN = "storage";

const identity = z.strictObject({ id: z.string() });
/** Of a target: it is a copy that is not finished. */
const copy = z.strictObject({ of: z.string(), from: z.string(), at: z.number() });
/** Of a source: what it holds has gone on in another storage. */
const moved = z.strictObject({ id: z.string(), to: z.string(), at: z.number() });

/** What a storage knows of itself. */
export interface Marks {
  /** Tells it from all others; none: nobody has copied it yet. */
  id: string | undefined;
  copy: z.infer<typeof copy> | undefined;
  moved: z.infer<typeof moved> | undefined;
}

export async function marksOf(storage: Storage): Promise<Marks> {
  return {
    id: identity.optional().parse((await storage.document(OWN, "identity"))?.value)?.id,
    copy: copy.optional().parse((await storage.document(OWN, "copy"))?.value),
    moved: moved.optional().parse((await storage.document(OWN, "moved"))?.value),
  };
}

/** Its name, which it is given now if it has none. */
export async function identify(storage: Storage): Promise<string> {
  const { id = randomUUID() } = await marksOf(storage);
  if (!(await storage.document(OWN, "identity"))) await write(storage, [{ id: "identity", value: { id } }]);
  return id;
}

/** A document of `OWN` as it shall be; no value: it is removed. */
export interface Mark {
  id: "identity" | "copy" | "moved";
  value?: Document["value"];
}

/** The writes that make marks so. */
export async function writesOf(storage: Storage, marks: readonly Mark[]): Promise<DocumentWrite[]> {
  const writes: DocumentWrite[] = [];
  for (const { id, value } of marks) {
    const found = await storage.document(OWN, id);
    if (!found && value === undefined) continue;
    writes.push({ collection: OWN, id, revision: found?.revision ?? 0, ...(value !== undefined && { value }) });
  }
  return writes;
}

export async function write(storage: Storage, marks: readonly Mark[]): Promise<void> {
  const { durable } = await storage.commit({ documents: await writesOf(storage, marks) });
  await durable;
}

/** @throws UserError for a storage that is not the last word: a copy that is not finished, or one that was moved away */
export async function assertServable(storage: Storage): Promise<void> {
  const marks = await marksOf(storage);
  if (marks.copy) {
    throw new UserError(
      `here is an unfinished copy of ${marks.copy.from}, begun ${iso(marks.copy.at)}: finish it by the same ` +
        "noetl-ops orchestrator storage migrate or restore, or take it away with migrate --rollback",
    );
  }
  if (marks.moved) {
    throw new UserError(
      `its tasks were moved to ${marks.moved.to}, ${iso(marks.moved.at)}: serve that, or take them back with ` +
        "noetl-ops orchestrator storage migrate --rollback",
    );
  }
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
