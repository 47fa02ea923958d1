import { describe, expect, test } from "@jest/globals";
import { readEngineConfig } from "../../../stacks/config/engine";
import { configOf, problem, problemsIn, problemsOf, stackText } from "./support";

const SEALED = "{ secure: v1:x }";
const PER_SHARD = "shards: { count: 2, databases: perShard }";
const allowedDsn = "host=…;port=…;user=…;password=…;database=…, all five, without ',' ';' or '=' in a value";

describe("shards in databases of their own", () => {
  test.each([
    ["databases of the platform's instance", `noetl:server: { ${PER_SHARD} }`],
    ["as many as there may be", "noetl:server: { shards: { count: 64, databases: perShard } }"],
    ["databases elsewhere", `noetl:server: { ${PER_SHARD} }\nnoetl:secrets: { shardDsns: [${SEALED}, ${SEALED}] }`],
  ])("given %s, when read, then nothing is wrong", (_, lines) => {
    expect(() => configOf(stackText(lines))).not.toThrow();
  });

  test.each([
    [
      "one shard",
      "noetl:server: { shards: { databases: perShard } }",
      {},
      [
        problem(
          "5:19",
          "noetl:server.shards.count",
          "one shard needs no database of its own, as server.shards.databases says",
          { allowed: "a whole number from 2 to 64" },
        ),
      ],
    ],
    [
      "more than 64 shards",
      "noetl:server: { shards: { count: 65, databases: perShard } }",
      {},
      [
        problem(
          "5:36",
          "noetl:server.shards.count",
          "every server would open 65 connection pools, one a shard because of server.shards.databases",
          { allowed: "a whole number from 2 to 64" },
        ),
      ],
    ],
    [
      "a database whose shards have names that PostgreSQL cuts",
      `noetl:server: { ${PER_SHARD} }`,
      { postgres: `noetl:postgres: { mode: inCluster, database: ${"d".repeat(56)} }` },
      [
        problem(
          "4:48",
          "noetl:postgres.database",
          "the database of the last shard would have a name of 64 characters, because of server.shards.databases (line 5)",
          { allowed: "at most 55 characters" },
        ),
      ],
    ],
    [
      "a database of a shard that is another one's, too",
      `noetl:server: { ${PER_SHARD} }`,
      { postgres: "noetl:postgres: { mode: inCluster, extraDatabases: [other, noetl_shard_1] }" },
      [
        problem(
          "4:62",
          "noetl:postgres.extraDatabases[1]",
          '"noetl_shard_1" is the database of a shard already, because of server.shards.databases (line 5)',
          { allowed: "databases besides those of the shards" },
        ),
      ],
    ],
    [
      "DSNs that nothing uses",
      `noetl:secrets: { shardDsns: [${SEALED}] }`,
      {},
      [
        problem("5:31", "noetl:secrets.shardDsns", "are of no use while all shards share one database", {
          allowed: "no shardDsns, unless server.shards.databases is perShard",
          next: "set server.shards.databases to perShard, or run: pulumi config rm --path 'noetl:secrets.shardDsns'",
        }),
      ],
    ],
    [
      "a DSN too few",
      `noetl:server: { ${PER_SHARD} }\nnoetl:secrets: { shardDsns: [${SEALED}] }`,
      {},
      [
        problem("6:31", "noetl:secrets.shardDsns", "1 DSN for the 2 shards of server.shards.count (line 5)", {
          allowed: "2 DSNs, that of shard 0 first",
        }),
      ],
    ],
    [
      "a DSN in plain text",
      `noetl:server: { ${PER_SHARD} }\nnoetl:secrets: { shardDsns: [${SEALED}, "host=h;password=canary"] }`,
      {},
      [
        problem("6:50", "noetl:secrets.shardDsns[1]", "this secret is not encrypted", {
          allowed: "an encrypted value, as `secure: …`",
          next: "run: pulumi config set --secret --path 'noetl:secrets.shardDsns[1]'; and change the secret, it has been readable",
        }),
      ],
    ],
    [
      "an unknown place of databases",
      "noetl:server: { shards: { count: 2, databases: per-shard } }",
      {},
      [
        problem("5:50", "noetl:server.shards.databases", '"per-shard" is none of the choices', {
          allowed: "one, perShard",
          suggestion: "perShard",
        }),
      ],
    ],
  ])("given %s, when read, then it is told what and where", (_, lines, replaced, expected) => {
    expect(problemsOf(stackText(lines, replaced))).toEqual(expected);
  });
});

describe("decrypted, under the engine", () => {
  const dsn = (database: string, password = "canary") =>
    `host=db;port=5432;user=noetl;password=${password};database=${database}`;

  function read(secrets: object) {
    const server = { shards: { count: 2, databases: "perShard" } };
    const entries = {
      "noetl:profile": "kind",
      "noetl:cluster": '{"context":"x"}',
      "noetl:postgres": '{"mode":"inCluster"}',
      "noetl:server": JSON.stringify(server),
      "noetl:secrets": JSON.stringify(secrets),
    };
    return readEngineConfig({ stack: "kind", entries, secretKeys: new Set(["noetl:secrets"]) });
  }

  test("given DSNs that parse, when read, then they are what was given", () => {
    const shardDsns = [dsn("a"), dsn("b")];
    expect(read({ shardDsns }).secrets.shardDsns).toEqual(shardDsns);
  });

  test.each([
    ["one that does not parse", [dsn("a"), "canary"], 1, "has a part without ="],
    ["one without database", ["host=canary;port=1;user=u;password=p", dsn("b")], 0, "has no database"],
    ["one database twice", [dsn("a"), dsn("a", "other")], 1, "names the database of secrets.shardDsns[0] again"],
  ])("given %s, when read, then its place is told and nothing of it", (_, shardDsns, index, message) => {
    const found = problemsIn(() => read({ shardDsns }));
    expect(found).toMatchObject([{ path: `noetl:secrets.shardDsns[${index}]`, message }]);
    expect(found[0]?.next).toBe(`run: pulumi config set --secret --path 'noetl:secrets.shardDsns[${index}]'`);
    if (message.startsWith("has")) expect(found[0]?.allowed).toBe(allowedDsn);
    expect(JSON.stringify(found)).not.toContain("canary");
  });

  test.each(["a;canary", "a,canary", "a=canary", " canary", "canary "])(
    "given the password %j, which no DSN can hold, when read, then that is told without it",
    (noetlPassword) => {
      const found = problemsIn(() => read({ noetlPassword }));
      expect(found).toMatchObject([
        {
          path: "noetl:secrets.noetlPassword",
          message: "cannot stand in a DSN, which server.shards.databases makes of it",
          allowed: "text without line breaks, ',' ';' and '=', that neither begins nor ends with a blank",
        },
      ]);
      expect(JSON.stringify(found)).not.toContain("canary");
    },
  );
});
