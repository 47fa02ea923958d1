import { Database } from "@pulumi/gcp/firestore/database";
import { Index } from "@pulumi/gcp/firestore/index_";
import * as pulumi from "@pulumi/pulumi";

/** The database that a project has without a name. */
export const DEFAULT_DATABASE = "(default)";

/** A composite index: queries on several fields need one. */
export interface CompositeIndex {
  /** Id of the collections, wherever they are: `stops`. */
  collection: string;
  /** In this order. */
  fields: readonly IndexedField[];
}

export interface IndexedField {
  path: string;
  /** `contains` is for array-contains. */
  order: "ascending" | "descending" | "contains";
}

/** What `replay_events` needs when it looks for types of events. */
const EVENTS_BY_TYPE: CompositeIndex = {
  collection: "events",
  fields: [
    { path: "type", order: "ascending" },
    { path: "seq", order: "ascending" },
  ],
};

export interface FirestoreDatabaseArgs {
  /** Google Cloud project. */
  project: string;
  /** `(default)`, or a name of its own. */
  database: string;
  /** Whether the database is made here; otherwise it exists already, and only indexes are. */
  create: boolean;
  /** Region or multi-region of the data; it can never change. */
  location: string;
  /** Whether every state of the last seven days can be read; otherwise of the last hour. */
  pointInTimeRecovery: boolean;
  /** Beside the one that the agent needs. */
  indexes: readonly CompositeIndex[];
}

/**
 * A database of Firestore with its composite indexes. Neither this program nor Google Cloud deletes it: it is
 * protected in the state, kept when it leaves the stack, and has delete protection.
 */
export class FirestoreDatabase extends pulumi.ComponentResource {
  /** The database, once it exists. */
  readonly database: pulumi.Output<string>;

  constructor(name: string, args: FirestoreDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:mcp:FirestoreDatabase", name, {}, opts);
    const { project, location } = args;
    this.database = args.create
      ? new Database(
          name,
          {
            project,
            name: args.database,
            locationId: location,
            type: "FIRESTORE_NATIVE",
            pointInTimeRecoveryEnablement: `POINT_IN_TIME_RECOVERY_${args.pointInTimeRecovery ? "ENABLED" : "DISABLED"}`,
            deleteProtectionState: "DELETE_PROTECTION_ENABLED",
            deletionPolicy: "ABANDON",
          },
          { parent: this, protect: true, retainOnDelete: true },
        ).name
      : pulumi.output(args.database);
    for (const index of [EVENTS_BY_TYPE, ...args.indexes]) {
      new Index(
        `${name}-${indexName(index)}`,
        {
          project,
          database: this.database,
          collection: index.collection,
          queryScope: "COLLECTION",
          fields: index.fields.map(({ path, order }) => ({
            fieldPath: path,
            ...(order === "contains" ? { arrayConfig: "CONTAINS" } : { order: order.toUpperCase() }),
          })),
        },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}

/** What tells an index from others: its collection and fields with their order. */
export function indexName({ collection, fields }: CompositeIndex): string {
  return [collection, ...fields.map(({ path, order }) => `${path}-${order}`)].join("-");
}
