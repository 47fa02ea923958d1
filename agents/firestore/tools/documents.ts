import { FieldPath } from "@google-cloud/firestore";
import { z } from "zod";
import { grpcCode } from "../failure";
import { KeyedQueue } from "../keyed-queue";
import { documentPath } from "../paths";
import { batch, single, type Answer, type Context, type Tool } from "../tool";
import { plainDocument, plainTime } from "../values";

const NOT_FOUND = 5;

/** Items of one call at most. */
const MOST_ITEMS = 500;

const fields = () => z.record(z.string().min(1, "must not have a field without a name"), z.unknown());

const merge = () =>
  z.boolean().default(false).describe("Whether other top-level fields of the document stay. Default: false.");

interface Write {
  path: string;
  data: Record<string, unknown>;
  merge: boolean;
}

async function set({ path, data, merge: keepsOthers }: Write, { db }: Context): Promise<Answer> {
  const names = Object.keys(data).map((name) => new FieldPath(name));
  // A merge of the fields, not into them: a map that is given replaces the one that is there.
  const options = names.length > 0 ? { mergeFields: names } : { merge: true };
  const { writeTime } = await (keepsOthers ? db.doc(path).set(data, options) : db.doc(path).set(data));
  return { path, updateTime: plainTime(writeTime) };
}

async function get({ path }: { path: string }, { db }: Context): Promise<Answer> {
  const snapshot = await db.doc(path).get();
  return { found: snapshot.exists, path, document: snapshot.exists ? plainDocument(snapshot) : null };
}

const setDoc = single(
  {
    name: "set_doc",
    title: "Set Firestore document",
    description: "Creates or replaces a document. With merge it keeps the top-level fields that data does not have.",
    effect: "writes",
    input: z.strictObject({ path: documentPath(), data: fields().describe("Fields by their names."), merge: merge() }),
  },
  set,
);

/** Several writes of one document happen in the order of the items. */
const writes = new KeyedQueue();

const batchSetDocs = batch(
  {
    name: "batch_set_docs",
    title: "Set Firestore documents",
    description: "Creates or replaces documents, each for itself: when some fail, the others are written all the same.",
    effect: "writes",
    item: z
      .strictObject({
        path: documentPath(),
        doc: fields().optional().describe("Fields by their names."),
        data: fields().optional().describe("The same as doc."),
        merge: merge(),
      })
      .refine(({ doc, data }) => (doc === undefined) !== (data === undefined), "must have either doc or data"),
    maximum: MOST_ITEMS,
  },
  ({ path, doc, data, merge: keepsOthers }, context) =>
    writes.run(path, () => set({ path, data: doc ?? data ?? {}, merge: keepsOthers }, context)),
);

const getDoc = single(
  {
    name: "get_doc",
    title: "Get Firestore document",
    description: "Reads a document. One that is not there is no error: found is false.",
    effect: "reads",
    input: z.strictObject({ path: documentPath() }),
  },
  get,
);

const batchGetDocs = batch(
  {
    name: "batch_get_docs",
    title: "Get Firestore documents",
    description: "Reads documents. One that is not there is no error: its found is false.",
    effect: "reads",
    item: z.union([documentPath(), z.strictObject({ path: documentPath() })]),
    maximum: MOST_ITEMS,
  },
  (item, context) => get(typeof item === "string" ? { path: item } : item, context),
  (results) => ({ by_path: Object.fromEntries(results.map((result) => [result.path, result])) }),
);

const deleteDoc = single(
  {
    name: "delete_doc",
    title: "Delete Firestore document",
    description: "Deletes a document, without its subcollections. One that is not there is no error.",
    effect: "writes",
    input: z.strictObject({ path: documentPath() }),
  },
  async ({ path }, { db }) => {
    try {
      await db.doc(path).delete({ exists: true });
      return { path, deleted: true, not_found: false };
    } catch (error) {
      if (grpcCode(error) !== NOT_FOUND) throw error;
      return { path, deleted: false, not_found: true };
    }
  },
);

export const DOCUMENT_TOOLS: readonly Tool[] = [setDoc, batchSetDocs, getDoc, batchGetDocs, deleteDoc];
