import { z } from "zod";
import type { Reach } from "./reach";
import { sqlServerSchema, withDatabase } from "./sql";

/** Tables that a rig writes rows of its own into. */
const TABLES = ["noetl.event", "noetl.outbox"] as const;

/** Rows of an execution that is a rig's own: nobody else has its id. */
export const deleteRowsSchema = z.object({
  kind: z.literal("deleteRows"),
  server: sqlServerSchema,
  database: z.string(),
  tables: z.array(z.enum(TABLES)),
  execution: z.string(),
});

/** Deletes all rows of an execution; where there are none, that is fine. */
export async function deleteRows(
  { server, database, tables, execution }: z.infer<typeof deleteRowsSchema>,
  reach: Reach,
): Promise<void> {
  await withDatabase(reach, server, database, async ({ query }) => {
    for (const table of tables) await query(`DELETE FROM ${table} WHERE execution_id = $1`, [execution]);
  });
}
