/** Where the orchestrator keeps its tables, unless told otherwise. */
export const NAMESPACE = "orchestrator";
export const DATABASE = "tasks";
