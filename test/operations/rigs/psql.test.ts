import { describe, expect, test } from "@jest/globals";
import { sqlFile } from "../../../components/database/sql";
import { runPsql } from "../../../operations/rigs/psql";
import type { Row } from "../../../operations/rigs/sql";

/** Runs a script against answers in their order, and says what was asked. */
async function asked(script: string, answers: Row[][] = [], given: Record<string, string> = {}) {
  const texts: string[] = [];
  const variables = await runPsql(
    script,
    (text) => {
      texts.push(text.trim());
      return Promise.resolve(answers[texts.length - 1] ?? []);
    },
    given,
  );
  return { texts, variables: Object.fromEntries(variables) };
}

describe("a script for psql", () => {
  test("statements go together up to the next command", async () => {
    expect((await asked("BEGIN;\nSELECT 1 \\g /dev/null\nSELECT 2;\nCOMMIT;\n")).texts).toEqual([
      "BEGIN;\nSELECT 1 ;",
      "SELECT 2;\nCOMMIT;",
    ]);
  });

  test("\\gset takes the columns of the first row", async () => {
    const { variables, texts } = await asked("SELECT true AS yes,\n 'x' AS name \\gset\nSELECT :'name';", [
      [{ yes: true, name: "x'y" }],
    ]);

    expect(variables).toEqual({ yes: "t", name: "x'y" });
    expect(texts[1]).toBe("SELECT 'x''y';");
  });

  test("\\if asks whether a variable is set, or true; what is not meant is not run", async () => {
    const script = [
      "\\if :{?schema}",
      "\\else",
      "  \\set schema noetl",
      "\\set schema other",
      "\\endif",
      "SELECT 1 AS pending \\gset",
      "\\if :pending",
      "SELECT 'never';",
      "\\else",
      'SET search_path = :"schema", pg_catalog;',
      "\\endif",
      "\\echo done :schema",
    ].join("\n");

    expect((await asked(script, [[{ pending: false }]], { schema: "s" })).texts).toEqual([
      "SELECT 1 AS pending ;",
      'SET search_path = "s", pg_catalog;',
    ]);
    expect((await asked(script, [[{ pending: true }]])).variables.schema).toBe("other");
    expect((await asked(script, [[{ pending: true }]])).texts).toEqual(["SELECT 1 AS pending ;", "SELECT 'never';"]);
  });

  test("casts and texts that look like variables stay", async () => {
    expect((await asked("SELECT now()::date, ':x', :'y' \\g\n", [], { x: "1" })).texts).toEqual([
      "SELECT now()::date, ':x', :'y' ;",
    ]);
  });

  test("a command that is not known is told", async () => {
    await expect(asked("\\copy x from y")).rejects.toThrow("\\copy is not known here");
  });

  test("the platform's own schema has no other commands", async () => {
    const answers = Array.from({ length: 20 }, () => [{ foreign_schema: false, pending: true, applied: "1" }]);
    const { texts } = await asked(sqlFile("schema.sql"), answers, { schema: "noetl", owner: "noetl" });

    expect(texts[1]).toMatch(/^BEGIN;[^]*pg_advisory_xact_lock/);
    expect(texts.at(-1)).toMatch(/COMMIT;$/);
    expect(texts.join("\n")).not.toMatch(/^\s*\\/m);
  });
});
