import { noteText } from "../audit";
import type { Loaded } from "../storage";
import { ownMeta, records as read } from "./commits";
import { type Database, MOVED } from "./database";
import type { AuditRow } from "./decide";
import { auditPlace, grouped, type Meta, placeIn, rowOf, type TaskRow } from "./tables";

/**
 * Writes records of another storage as they are, in one transaction.
 *
 * @param term Session of the one who writes, where others could.
 * @throws Contended when another transaction was quicker: nothing was done
 */
export async function load(database: Database, loaded: Loaded, term: number | undefined): Promise<void> {
  const { tasks = [], removed = [], documents = [], gone = [], audit = [], session = 0 } = loaded;
  const found = await ownMeta(database, term);
  const meta: Meta = { ...found, counts: { ...found.counts }, version: found.version + 1 };
  const rows = tasks.map(rowOf);
  const ids = [...rows.map(({ task }) => task), ...removed];
  for (const { state } of await read<TaskRow>(database, "task", "state", ids)) meta.counts[state]--;
  for (const { state } of rows) meta.counts[state]++;
  meta.seq = Math.max(meta.seq, ...tasks.map(({ seq }) => seq));
  meta.session = Math.max(meta.session, session);
  const entries: (AuditRow & { id: number })[] = [];
  for (const entry of audit) {
    const { n, hash, task } = entry;
    if (n <= meta.audit) continue;
    [meta.audit, meta.hash] = [n, hash];
    const place = task === undefined ? {} : { task, place: placeIn(task, auditPlace(n)) };
    entries.push({ id: n, n, hash, text: noteText(n, entry), ...place });
  }
  const kept = documents.map(({ collection, id, revision, value }) => {
    return { place: placeIn(collection, id), collection, document: id, revision, value: JSON.stringify(value) };
  });
  const dropped = gone.map(({ collection, id }) => placeIn(collection, id));
  const logs = removed.map((id) => grouped("place", id, ""));
  const text = [
    "BEGIN",
    `IF (SELECT VALUE version FROM ONLY meta:main) != $version { THROW '${MOVED}' }`,
    "UPDATE meta:main REPLACE $meta RETURN NONE",
    "FOR $id IN $removed { DELETE type::record('task', $id) RETURN NONE }",
    "FOR $row IN $rows { UPSERT type::record('task', $row.task) REPLACE $row RETURN NONE }",
    "FOR $log IN $logs { DELETE log WHERE place > $log.after AND place < $log.before RETURN NONE }",
    "FOR $row IN $kept { UPSERT type::record('document', $row.place) REPLACE $row RETURN NONE }",
    "FOR $place IN $dropped { DELETE type::record('document', $place) RETURN NONE }",
    ...(entries.length > 0 ? ["INSERT INTO audit $entries RETURN NONE"] : []),
    "COMMIT",
  ];
  const values = { version: found.version, meta, rows, removed, logs, kept, dropped, entries };
  await database.query(`${text.join(";\n")};`, values);
}
