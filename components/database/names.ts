/** Name of everything that belongs to the schema, and its pods' `app` label. */
export const SCHEMA = "noetl-schema";
