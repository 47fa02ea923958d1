import { z } from "zod";
import { type JsonObject, objectOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import { asked, answered, formatRef, type ObjectRef, pathOf, readObject, refOf } from "./objects";
import type { Reach } from "./reach";
import { takenBack } from "./restore";
import { settled } from "./rollout";
import { dropDatabase, sqlServerSchema } from "./sql";
import { deleteStream, deleteStreamSchema, resumeConsumer, resumeConsumerSchema } from "./undo-nats";
import { awaitPod, awaitPodSchema } from "./undo-pod";
import { deleteRows, deleteRowsSchema } from "./undo-rows";

/** Says on an object which run has made it: a run deletes what is its own, and nothing else. */
export const RUN_ANNOTATION = "noetl.io/verify-run";

/** Name under which objects are changed. */
export const MANAGER = "noetl-ops-verify";

const objectSchema = z.record(z.string(), z.json()) as unknown as z.ZodType<JsonObject>;

const refSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().optional(),
}) as unknown as z.ZodType<ObjectRef>;

/** How to take a change back, as data: whoever does it knows nothing but this. */
export const undoSchema = z.discriminatedUnion("kind", [
  /** An object was like that. */
  z.object({ kind: z.literal("restore"), object: objectSchema }),
  /** An object was not there. */
  z.object({ kind: z.literal("delete"), ref: refSchema, run: z.string() }),
  /** A database was not there. */
  z.object({ kind: z.literal("dropDatabase"), server: sqlServerSchema, database: z.string() }),
  deleteStreamSchema,
  resumeConsumerSchema,
  awaitPodSchema,
  deleteRowsSchema,
]);

export type Undo = z.infer<typeof undoSchema>;

/** How long the pods of a workload may take to be as before, in seconds. */
const SETTLE_SECONDS = 120;

type Undoing<Kind extends Undo["kind"]> = (
  undo: Extract<Undo, { kind: Kind }>,
  reach: Reach,
  after: JsonObject | undefined,
) => Promise<void>;

const UNDO: { [Kind in Undo["kind"]]: Undoing<Kind> } = {
  restore: restoreObject,
  delete: deleteObject,
  dropDatabase: ({ server, database }, reach) => dropDatabase(reach, server, database),
  deleteStream,
  resumeConsumer,
  awaitPod,
  deleteRows,
};

/**
 * Takes a change back; one that was never made, or is taken back already, is left alone.
 *
 * @param after the object as the change left it, as far as it is known
 */
export function undoChange(undo: Undo, reach: Reach, after?: JsonObject): Promise<void> {
  const undoing = UNDO[undo.kind] as Undoing<Undo["kind"]>;
  return undoing(undo, reach, after);
}

/** Somebody else may write at the same time: then it is read again. */
const ATTEMPTS = 10;

async function restoreObject(
  { object: before }: { object: JsonObject },
  reach: Reach,
  after?: JsonObject,
): Promise<void> {
  const ref = refOf(before);
  const path = await pathOf(reach.api, ref);
  for (let attempt = 1; ; attempt++) {
    const now = await readObject(reach.api, ref);
    if (now === undefined) {
      const made = await reach.api.send(
        "POST",
        `${path.slice(0, path.lastIndexOf("/"))}?fieldManager=${MANAGER}`,
        asked(before),
      );
      answered(made, formatRef(ref));
      break;
    }
    const wanted = withIdentity(takenBack(asked(before), asked(after ?? now), asked(now)), now);
    const answer = await reach.api.send("PUT", `${path}?fieldManager=${MANAGER}`, wanted);
    if (answer.status === 409 && attempt < ATTEMPTS) continue;
    answered(answer, formatRef(ref));
    await giveBackFields(reach, path, before);
    break;
  }
  await settled(reach, ref, SETTLE_SECONDS);
}

/** What the API server and controllers write stays as it is now. */
function withIdentity(wanted: JsonObject, now: JsonObject): JsonObject {
  const metadata = objectOf(now.metadata);
  const annotations = objectOf(objectOf(wanted.metadata).annotations);
  const own = { ...objectOf(asked(now).metadata), annotations: objectOf(objectOf(asked(now).metadata).annotations) };
  const controllers = Object.entries(objectOf(metadata.annotations)).filter(([key]) => !(key in own.annotations));
  const all = { ...annotations, ...Object.fromEntries(controllers) };
  return {
    ...wanted,
    ...(now.status !== undefined && { status: now.status }),
    metadata: {
      ...objectOf(wanted.metadata),
      ...(Object.keys(all).length > 0 && { annotations: all }),
      ...(metadata.uid !== undefined && { uid: metadata.uid }),
      ...(metadata.resourceVersion !== undefined && { resourceVersion: metadata.resourceVersion }),
    },
  };
}

/** Each field belongs again to whoever applied it: otherwise their next apply is refused for a conflict with us. */
async function giveBackFields(reach: Reach, path: string, before: JsonObject): Promise<void> {
  const fields = objectOf(before.metadata).managedFields;
  if (fields === undefined) return;
  const patch: JsonObject[] = [{ op: "replace", path: "/metadata/managedFields", value: fields }];
  answered(await reach.api.send("PATCH", path, patch, "json-patch"), path);
}

async function deleteObject({ ref, run }: { ref: ObjectRef; run: string }, reach: Reach): Promise<void> {
  const now = await readObject(reach.api, ref);
  const { uid, annotations } = objectOf(now?.metadata);
  if (now === undefined || objectOf(annotations)[RUN_ANNOTATION] !== run) return;
  const path = await pathOf(reach.api, ref);
  const answer = await reach.api.send("DELETE", path, {
    propagationPolicy: "Background",
    preconditions: { uid: uid ?? null },
  });
  if (answer.status !== 404 && answer.status !== 409) answered(answer, formatRef(ref));
  await reach.waitFor({ what: `${formatRef(ref)} to be gone`, seconds: SETTLE_SECONDS }, async () => {
    const left = await readObject(reach.api, ref);
    if (left === undefined || objectOf(left.metadata).uid !== uid) return true;
    return undefined;
  });
}

/** @throws UserError: values of Secrets that are not a rig's own must not stand in a journal */
export function refuseSecrets(ref: ObjectRef): void {
  if (ref.kind === "Secret")
    throw new UserError(`${formatRef(ref)}: a rig may make Secrets of its own, and change no other`);
}
