import { randomBytes } from "node:crypto";
import { SCHEMA } from "../../../components/database/names";
import { shardDatabases } from "../../../components/database/shards";
import { byProxy, databaseBackup } from "../backup/database";
import { streamBackups } from "../backup/streams";
import type { RigContext } from "../context";
import type { Platform } from "../platform";
import { platformNats } from "../platform-nats";
import type { Evidence, Need, Rig, Step } from "../rig";
import type { SqlServer } from "../sql";
import { stating } from "../state";

export const backupRestore: Rig = {
  name: "backup-restore",
  summary: "what is backed up of PostgreSQL and JetStream comes back whole",
  proves: [
    "A dump of each database of the server, restored into another one, has the same tables, each with the same number of rows and the same checksum",
    "A snapshot of each stream that is kept in files, restored into an empty NATS, has the same messages, one by one",
  ],
  changes: [
    "Makes a database on the platform's instance for each one that it restores, and a Job that fills it; drops and deletes them",
    "Makes a pod with a NATS of its own, which nobody but the rig reaches, and deletes it; the real data is only read",
  ],
  needs: ({ config }: Platform): Need[] => [
    { object: { apiVersion: "apps/v1", kind: "StatefulSet", name: "nats", namespace: "nats" } },
    ...(config.postgres.mode === "inCluster"
      ? [{ object: { apiVersion: "apps/v1", kind: "StatefulSet", name: "postgres", namespace: "postgres" } }]
      : []),
  ],
  steps: (platform: Platform): Step[] => {
    const run = `noetl-verify-${randomBytes(4).toString("hex")}`;
    const found: Evidence[] = [];
    let server: SqlServer | undefined = platform.postgres?.admin;
    return [
      ...(platform.config.postgres.mode === "cloudSql"
        ? [
            {
              phase: "apply" as const,
              title: "open a way to Cloud SQL",
              run: async (context: RigContext) => {
                server = await byProxy(context, `${run}-proxy`, adminLogin(platform));
              },
            },
          ]
        : []),
      ...databasesOf(platform).map((database, index): Step => ({
        phase: "run",
        title: `dump database ${database}, and restore it`,
        run: async (context) => {
          if (server === undefined)
            context.note(`database ${database} is left out: it is on an instance that is not the platform's own`);
          else found.push(...(await databaseBackup(context, server, { database, name: `${run}-${index}` })));
        },
      })),
      {
        phase: "run",
        title: "back up the streams, and restore them",
        run: async (context) => {
          found.push(...(await streamBackups(context, platformNats(platform), `${run}-nats`)));
        },
      },
      stating("what was restored is what was backed up", () => found),
    ];
  },
};

/** The databases in which the server keeps what cannot be made anew. */
function databasesOf({ config: { postgres, server } }: Platform): string[] {
  const { count, databases } = server.shards;
  return [postgres.database, ...(databases === "perShard" ? shardDatabases(postgres.database, count) : [])];
}

/** The administrator's login, as the Job has it that makes the schema. */
function adminLogin({ config: { postgres } }: Platform): Omit<SqlServer, "endpoint"> {
  return { user: postgres.adminUser, password: { namespace: "postgres", name: SCHEMA, key: "PGPASSWORD" } };
}
