import { randomBytes } from "node:crypto";
import { contended, type Database } from "../storage/surreal/database";
import { PRESENT_LEADER, type Leader } from "../storage/surreal/term";

/** A node that has given a sign of life lately. */
export interface Member {
  node: string;
  url: string;
  /** Tasks that it runs at once. */
  concurrency: number;
}

/** What nodes have in their database beside the storage. */
const TABLES = "DEFINE TABLE IF NOT EXISTS node SCHEMALESS; DEFINE TABLE IF NOT EXISTS cluster SCHEMALESS;";
/** Milliseconds without a sign of life after which a node counts as gone. */
const GONE_MS = 15_000;

/** The nodes of one database: who they are, who leads, and what they know each other by. */
export class Members {
  private constructor(
    private readonly database: Database,
    private readonly me: Member,
    /** By which nodes know each other: it stands in their database only. */
    readonly secret: string,
  ) {}

  static async join(database: Database, me: Member): Promise<Members> {
    const secret = await contended(async () => {
      await database.query(TABLES);
      await database.query("INSERT IGNORE INTO cluster { id: 'main', secret: $made } RETURN NONE", {
        made: randomBytes(32).toString("base64url"),
      });
      const [rows] = await database.query("SELECT VALUE secret FROM cluster:main");
      return String((rows as unknown[])[0]);
    });
    return new Members(database, me, secret);
  }

  /** A sign of life. @returns all that gave one lately, and who leads */
  async look(): Promise<{ members: readonly Member[]; leader: Leader | undefined }> {
    const text = [
      `UPSERT type::record('node', $me.node) REPLACE { node: $me.node, url: $me.url, concurrency: $me.concurrency, until: time::now() + ${GONE_MS}ms } RETURN NONE`,
      "SELECT node, url, concurrency FROM node WHERE until > time::now()",
      PRESENT_LEADER,
      "DELETE node WHERE until < time::now() - 1h RETURN NONE",
    ];
    const [, members, leaders] = await this.database.query(text.join(";"), { me: this.me });
    return { members: members as Member[], leader: (leaders as Leader[])[0] };
  }

  async leave(): Promise<void> {
    await this.database.query("DELETE type::record('node', $node)", { node: this.me.node }).catch(() => undefined);
  }
}
