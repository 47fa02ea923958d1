import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { dsnOf, fitsDsn, parseShardDsn, shardDatabases, shardDsn } from "../../../components/database/shards";
import { database } from "../noetl/facts";

describe("the databases of shards", () => {
  test("are named after the server's own, in the order of the shards", () => {
    expect(shardDatabases("noetl", 3)).toEqual(["noetl_shard_0", "noetl_shard_1", "noetl_shard_2"]);
  });

  test("have DSNs in the form the server reads", () => {
    expect(dsnOf(database, "p4ss", "noetl_shard_0")).toBe(
      "host=postgres.postgres.svc.cluster.local;port=5432;user=noetl;password=p4ss;database=noetl_shard_0",
    );
    expect(dsnOf(database, "p4ss")).toMatch(/;database=noetl$/);
  });
});

describe("a DSN", () => {
  const value = fc.string({ minLength: 1, unit: "grapheme" }).filter(fitsDsn);
  const connection = fc.record({
    host: value,
    port: fc.integer({ min: 1, max: 65535 }),
    user: value,
    password: value,
    database: value,
  });

  test("given any connection that fits, it is read as it was written, and the next one after a comma, too", () => {
    fc.assert(
      fc.property(connection, connection, (one, other) => {
        const list = [shardDsn(one), shardDsn(other)].join(",");
        expect(list.split(",").map(parseShardDsn)).toEqual([one, other]);
      }),
    );
  });

  test("given its parts in another order, and a semicolon at its end, it is the same", () => {
    expect(parseShardDsn("database=d;password=p;user=u;port=1;host=h;")).toEqual({
      host: "h",
      port: 1,
      user: "u",
      password: "p",
      database: "d",
    });
  });

  const GOOD = "host=h;port=5432;user=u;password=canary;database=d";
  test.each([
    ["canary", "has a part without ="],
    [`${GOOD};sslmode=canary`, "has a part that is none of host, port, user, password, database"],
    [`${GOOD};user=canary`, "has user twice"],
    [GOOD.replace("port=5432", "port=canary"), "has a port that is no number from 1 to 65535"],
    [GOOD.replace("5432", "0"), "has a port that is no number from 1 to 65535"],
    [GOOD.replace("5432", "65536"), "has a port that is no number from 1 to 65535"],
    [GOOD.replace(";database=d", ""), "has no database"],
    [GOOD.replace("host=h;", ""), "has no host"],
    [GOOD.replace("=canary", "="), "has a password that is empty, begins or ends with a blank, or has = in it"],
    [GOOD.replace("canary", "can=ary"), "has a password that is empty, begins or ends with a blank, or has = in it"],
    [GOOD.replace("canary", "can,ary"), "has a comma, which separates one DSN from the next"],
    ["postgres://u:canary@h/d", "has a part without ="],
  ])("given %s, it is told what is wrong and nothing of the value", (dsn, problem) => {
    expect(parseShardDsn(dsn)).toBe(problem);
    expect(problem).not.toContain("canary");
  });

  test.each(["", " ", " a", "a ", "a;b", "a,b", "a=b", "a\nb", "a\0"])(
    "given %j as a value, it does not fit",
    (text) => {
      expect(fitsDsn(text)).toBe(false);
    },
  );
});
