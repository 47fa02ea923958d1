import { indexName } from "../../../components/mcp/firestore-database";
import { withinLimits } from "./resources";
import { rule, when, withFirst } from "./rule";

export const firestoreNeedsProject = rule(
  "`firestoreAgent` needs `gcp`",
  ["firestoreAgent", "gcp"],
  ({ firestoreAgent, gcp }) =>
    when(firestoreAgent !== undefined && gcp === undefined, {
      path: ["firestoreAgent"],
      message: "has no Google Cloud project to have its database in",
      allowed: "firestoreAgent beside gcp",
      next: "set gcp.project and gcp.region",
    }),
);

export const firestoreApi = rule(
  "`firestoreAgent` needs `gcp.firestore`, by which the infrastructure layer switches on the API",
  ["firestoreAgent", "gcp"],
  ({ firestoreAgent, gcp }) =>
    when(firestoreAgent !== undefined && gcp !== undefined && !gcp.firestore, {
      path: ["gcp", "firestore"],
      message: "firestoreAgent calls an API that is off",
      allowed: "true, where there is a firestoreAgent",
      next: "set gcp.firestore to true here and in the stack of the infrastructure layer, and deploy that first",
      see: ["firestoreAgent"],
    }),
);

export const firestoreResources = rule(
  "what a container requests is at most its limit",
  ["firestoreAgent"],
  ({ firestoreAgent }) => (firestoreAgent ? withinLimits(["firestoreAgent"], firestoreAgent.resources) : []),
);

/** The agent brings the index of its event log along. */
const EVENTS_BY_TYPE = "events-type-ascending-seq-ascending";

export const distinctIndexes = rule(
  "`firestoreAgent.indexes` has each index once, and not that of events by type and seq, which is there already",
  ["firestoreAgent"],
  ({ firestoreAgent }) => {
    const indexes = (firestoreAgent?.indexes ?? []).map((index, place) => ({ name: indexName(index), place }));
    const own = indexes.filter(({ name }) => name === EVENTS_BY_TYPE);
    return [
      ...own.map(({ place }) => ({
        path: ["firestoreAgent", "indexes", place] as const,
        message: "is the index that the agent brings along",
        allowed: "another index",
      })),
      ...withFirst(indexes, ({ name }) => name).map(([{ place }, first]) => ({
        path: ["firestoreAgent", "indexes", place] as const,
        message: `is the same index as firestoreAgent.indexes[${first.place}]`,
        allowed: "another index",
        see: ["firestoreAgent", "indexes", first.place] as const,
      })),
    ];
  },
);
