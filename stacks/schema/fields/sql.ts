import { z } from "zod";
import { leaf } from "./leaf";

/** The name of a setting of PostgreSQL. */
export function sqlFlag() {
  return leaf(z.string().regex(/^[a-z][a-z0-9_.]{0,62}$/), {
    kind: "flag",
    allowed: "lower-case letters, digits, '_' and '.', such as log_min_duration_statement",
  });
}

/** A PostgreSQL identifier that needs no quoting. */
export function sqlName() {
  return leaf(z.string().regex(/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/), {
    kind: "SQL name",
    allowed: "1 to 63 lower-case letters, digits and '_', beginning with a letter or '_', but not with pg_",
  });
}
