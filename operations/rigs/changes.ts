import { at, type JsonObject, objectOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { Journal } from "./journal";
import { answered, asked, formatRef, type ObjectRef, pathOf, refOf } from "./objects";
import type { Reach } from "./reach";
import { drained, settled } from "./rollout";
import { hasDatabase, MAINTENANCE, quoted, type SqlServer, withDatabase } from "./sql";
import { MANAGER, refuseSecrets, RUN_ANNOTATION, type Undo } from "./undo";

/** A change of any kind. */
export interface Change {
  /** As reports name it: `Deployment noetl/noetl-server-rust: two shards`. */
  title: string;
  /** How to take it back, as data. */
  undo: Undo;
  /** Makes it. @returns the object as it is then, where it is about one */
  make: () => Promise<JsonObject | undefined>;
}

/** How an object is patched: as the API server calls it. */
export type PatchKind = "strategic-merge" | "merge" | "json-patch";

/** The annotation by which KEDA leaves a workload alone, with that many pods. */
const PAUSED_REPLICAS = "autoscaling.keda.sh/paused-replicas";

/** Everything that a rig may change: each change is in the journal, with its undo, before it is made. */
export class Changes {
  constructor(
    private readonly reach: Reach,
    private readonly journal: Journal,
    private readonly run: string,
    private readonly onChange: (title: string) => void,
  ) {}

  /** Writes a change down, and makes it. */
  async make({ title, undo, make }: Change): Promise<JsonObject | undefined> {
    this.reach.signal?.throwIfAborted();
    const number = this.journal.change(title, undo);
    this.onChange(title);
    const after = await make();
    if (after !== undefined) this.journal.made(number, asked(after));
    return after;
  }

  /**
   * Patches an object, and waits for the pods when it is a workload.
   *
   * @param change what becomes of it: `two shards`
   * @param seconds that the pods may take. Default: 180
   */
  async patch(
    ref: ObjectRef,
    change: string,
    patch: JsonObject | JsonObject[],
    { kind = "strategic-merge", seconds = 180 }: { kind?: PatchKind; seconds?: number } = {},
  ): Promise<void> {
    refuseSecrets(ref);
    const before = await this.reach.mustRead(ref);
    const path = await pathOf(this.reach.api, ref);
    await this.make({
      title: `${formatRef(ref)}: ${change}`,
      undo: { kind: "restore", object: before },
      make: async () =>
        answered(await this.reach.api.send("PATCH", `${path}?fieldManager=${MANAGER}`, patch, kind), formatRef(ref)),
    });
    await settled(this.reach, ref, seconds);
  }

  /** Makes an object that is not there yet. @throws UserError when it is */
  async create(object: JsonObject): Promise<JsonObject> {
    const ref = refOf(object);
    if ((await this.reach.read(ref)) !== undefined)
      throw new UserError(`${formatRef(ref)} is there already, and not this run's\nnext: find out whose it is`);
    const whole = await pathOf(this.reach.api, ref);
    const path = `${whole.slice(0, whole.lastIndexOf("/"))}?fieldManager=${MANAGER}`;
    const metadata = objectOf(object.metadata);
    const annotations = { ...objectOf(metadata.annotations), [RUN_ANNOTATION]: this.run };
    let made: JsonObject = {};
    await this.make({
      title: `${formatRef(ref)}: make it`,
      undo: { kind: "delete", ref, run: this.run },
      make: async () => {
        made = answered(
          await this.reach.api.send("POST", path, { ...object, metadata: { ...metadata, annotations } }),
          formatRef(ref),
        );
        return undefined;
      },
    });
    return made;
  }

  /** Deletes an object; the undo makes it again. */
  async remove(ref: ObjectRef): Promise<void> {
    refuseSecrets(ref);
    const before = await this.reach.mustRead(ref);
    const path = await pathOf(this.reach.api, ref);
    await this.make({
      title: `${formatRef(ref)}: delete it`,
      undo: { kind: "restore", object: before },
      make: async () => {
        answered(await this.reach.api.send("DELETE", path), formatRef(ref));
        return undefined;
      },
    });
    await this.reach.waitFor({ what: `${formatRef(ref)} to be gone`, seconds: 60 }, async () =>
      (await this.reach.read(ref)) === undefined ? true : undefined,
    );
  }

  /**
   * Gives a workload another number of pods, and waits until it has them; with 0 until none is left. KEDA is told to leave
   * it alone meanwhile.
   *
   * @param seconds that the pods may take. Default: 60
   */
  async scale(ref: ObjectRef, replicas: number, { seconds = 60 }: { seconds?: number } = {}): Promise<void> {
    for (const scaler of await this.scalersOf(ref)) await this.pauseAutoscaler(scaler, replicas);
    const before = await this.reach.mustRead(ref);
    const path = await pathOf(this.reach.api, ref);
    await this.make({
      title: `${formatRef(ref)}: ${replicas} pods`,
      undo: { kind: "restore", object: before },
      make: async () =>
        answered(
          await this.reach.api.send("PATCH", `${path}?fieldManager=${MANAGER}`, { spec: { replicas } }, "merge"),
          formatRef(ref),
        ),
    });
    if (replicas === 0) await drained(this.reach, ref, seconds);
    else await settled(this.reach, ref, seconds);
  }

  /** Tells KEDA to leave a workload at a number of pods. */
  async pauseAutoscaler(scaledObject: ObjectRef, replicas: number): Promise<void> {
    const annotations = { [PAUSED_REPLICAS]: String(replicas) };
    await this.patch(scaledObject, `leave ${replicas} pods`, { metadata: { annotations } }, { kind: "merge" });
  }

  /**
   * Makes a database.
   *
   * @param owner role that gets it
   * @returns whether it was made; false when it was there already, and then it stays
   */
  async createDatabase(server: SqlServer, database: string, owner: string): Promise<boolean> {
    if (await hasDatabase(this.reach, server, database)) return false;
    await this.make({
      title: `database ${database}: make it`,
      undo: { kind: "dropDatabase", server, database },
      make: async () => {
        await createDatabase(this.reach, server, database, owner);
        return undefined;
      },
    });
    return true;
  }

  private async scalersOf({ name, kind, namespace }: ObjectRef): Promise<ObjectRef[]> {
    const scaledObjects = {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      ...(namespace !== undefined && { namespace }),
    };
    const found = await this.reach.list(scaledObjects);
    return found
      .filter((scaler) => {
        const target = objectOf(at(scaler, "spec", "scaleTargetRef"));
        return target.name === name && (textOf(target.kind) ?? "Deployment") === kind;
      })
      .map(refOf);
  }
}

/** Makes a database that belongs to a role. */
async function createDatabase(reach: Reach, server: SqlServer, database: string, owner: string): Promise<void> {
  await withDatabase(reach, server, MAINTENANCE, ({ query }) =>
    query(`CREATE DATABASE ${quoted(database)} OWNER ${quoted(owner)} TEMPLATE template0 ENCODING 'UTF8'`),
  );
}
