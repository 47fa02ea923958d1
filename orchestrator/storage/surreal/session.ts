import { UserError } from "../../../stacks/errors";
import { CHAIN_START } from "../audit";
import { metaOf } from "./commits";
import { type Database, HELD, MOVED } from "./database";
import { FORMAT, type Meta } from "./tables";
import type { TermAsked } from "./term";

/** Makes a database that is new one of ours. @throws UserError for tables of another release */
export async function firstMeta(database: Database): Promise<void> {
  const found = await metaOf(database);
  if (!found) {
    const counts = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
    const meta: Meta = { format: FORMAT, version: 1, session: 0, seq: 0, audit: 0, hash: CHAIN_START, counts };
    await database.query("CREATE meta:main CONTENT $meta", { meta });
  } else if (found.format !== FORMAT) {
    const who = found.format > FORMAT ? "a newer noetl-ops" : "an older noetl-ops";
    throw new UserError(
      `its tables are of ${who} (format ${found.format}, this one writes ${FORMAT}); nothing was changed`,
    );
  }
}

/** Counts the openings; where others could have it open, its term begins. @throws Held while another's has not ended */
export async function nextSession(database: Database, term: TermAsked | undefined): Promise<number> {
  const found = await metaOf(database);
  if (!found) throw new Error("its table meta is empty");
  const session = found.session + 1;
  const text = [
    "BEGIN",
    `IF (SELECT VALUE version FROM ONLY meta:main) != $version { THROW '${MOVED}' }`,
    "UPDATE meta:main SET session = $next, version = $version + 1 RETURN NONE",
    ...(term
      ? [
          `IF array::len((SELECT * FROM leader WHERE until > time::now())) > 0 { THROW '${HELD}' }`,
          "UPDATE meta:main SET term = $next RETURN NONE",
          `UPSERT leader:main REPLACE { session: $next, owner: $owner, url: $url, until: time::now() + ${term.ms}ms } RETURN NONE`,
          // Of those whose terms are over.
          "DELETE writer RETURN NONE",
        ]
      : []),
    "COMMIT",
  ];
  await database.query(`${text.join(";\n")};`, {
    version: found.version,
    next: session,
    owner: term?.owner,
    url: term?.url,
  });
  return session;
}
