import type { Evidence } from "../rig";
import { quoted, type Session } from "../sql";

/** What a table holds, in two texts that are the same when its rows are, whatever their order. */
export interface TableSum {
  /** `noetl.event`. */
  table: string;
  rows: string;
  checksum: string;
}

/** As texts of values depend on. */
const SETTINGS = [
  "TimeZone = 'UTC'",
  "DateStyle = 'ISO'",
  "IntervalStyle = 'postgres'",
  "bytea_output = 'hex'",
  "extra_float_digits = 1",
];

/** Tables of people, also each partition of one; not those of the system. */
const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  ORDER BY 1, 2`;

/** Counts the rows of every table of a database, and sums up what they hold; nothing of it leaves the server. */
export async function tableSums({ query }: Session): Promise<TableSum[]> {
  for (const setting of SETTINGS) await query(`SET ${setting}`);
  const sums: TableSum[] = [];
  for (const { schema, name } of await query(TABLES)) {
    const [schemaName, tableName] = [String(schema), String(name)];
    // The row as a whole, by a name that no column has.
    const [found] = await query(
      `SELECT count(*)::text AS rows, coalesce(sum(hashtextextended(noetl_verify_row::text, 0)::numeric), 0)::text AS checksum
       FROM ONLY ${quoted(schemaName)}.${quoted(tableName)} AS noetl_verify_row`,
    );
    sums.push({ table: `${schemaName}.${tableName}`, rows: String(found?.rows), checksum: String(found?.checksum) });
  }
  return sums;
}

/** Whether a restored database has the tables of the dumped one, and no others, with the same rows. */
export function tableEvidence(
  database: string,
  dumped: readonly TableSum[],
  restored: readonly TableSum[],
): Evidence[] {
  const found = new Map(restored.map((sum) => [sum.table, sum]));
  const more = restored.map(({ table }) => table).filter((table) => !dumped.some((sum) => sum.table === table));
  return [
    {
      what: `tables of database ${database}`,
      expected: `${dumped.length}, restored`,
      seen: more.length === 0 ? `${restored.length}, restored` : `also ${more.join(", ")}`,
      ok: dumped.length > 0 && dumped.length === restored.length && more.length === 0,
    },
    ...dumped.map((sum): Evidence => {
      const restoredSum = found.get(sum.table);
      const [expected, seen] = [sum, restoredSum].map((each) => (each === undefined ? "not there" : words(each)));
      return { what: `${database}: ${sum.table}`, expected: expected ?? "", seen: seen ?? "", ok: expected === seen };
    }),
  ];
}

function words({ rows, checksum }: TableSum): string {
  return `${rows} rows, checksum ${checksum}`;
}
