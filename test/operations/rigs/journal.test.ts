import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import {
  isUnderWay,
  Journal,
  leftBehind,
  type Owner,
  readJournal,
  readJournals,
} from "../../../operations/rigs/journal";
import { isAlive, thisProcess } from "../../../operations/rigs/process";
import type { Undo } from "../../../operations/rigs/undo";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-journal-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const owner: Owner = {
  rig: "shard-routing-n2",
  run: "run-1",
  stack: "kind",
  context: "kind-noetl",
  cluster: "c1",
  namespace: "noetl",
  started: "2026-11-21T10:00:00.000Z",
  ...thisProcess(),
};
const undo: Undo = {
  kind: "delete",
  ref: { apiVersion: "v1", kind: "Secret", name: "shards", namespace: "noetl" },
  run: "run-1",
};

describe("a journal", () => {
  test("holds each change from before it is made until it is taken back", () => {
    const journal = Journal.begin(folder, owner);
    const first = journal.change("Secret noetl/shards: make it", undo);
    const second = journal.change("Deployment noetl/server: two shards", {
      kind: "restore",
      object: { kind: "Deployment" },
    });
    journal.made(second, { kind: "Deployment", spec: {} });

    expect(readJournal(journal.file)).toEqual({
      file: journal.file,
      owner,
      ended: false,
      open: [
        { number: 1, title: "Secret noetl/shards: make it", undo },
        {
          number: 2,
          title: "Deployment noetl/server: two shards",
          undo: { kind: "restore", object: { kind: "Deployment" } },
          after: { kind: "Deployment", spec: {} },
        },
      ],
    });

    journal.undone(second);
    expect(readJournal(journal.file).open.map(({ number }) => number)).toEqual([first]);

    journal.undone(first);
    journal.close(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is readable by its owner only", () => {
    const journal = Journal.begin(folder, owner);

    expect(statSync(journal.file).mode & 0o777).toBe(0o600);
    journal.close(true);
  });

  test("stays when something is left", () => {
    const journal = Journal.begin(folder, owner);
    journal.change("x", undo);
    journal.close(false);

    expect(readJournals(folder).map(({ open }) => open.length)).toEqual([1]);
  });

  test("that a run has left which has ended goes on with the next number", () => {
    const killed = Journal.begin(folder, owner);
    killed.change("x", undo);
    killed.close(false);

    expect(isUnderWay(readJournal(killed.file))).toBe(false);
    const journal = Journal.resume(readJournal(killed.file));
    expect(journal.change("y", undo)).toBe(2);
    expect(isUnderWay(readJournal(killed.file))).toBe(true);
    journal.close(false);
    expect(isUnderWay(readJournal(killed.file))).toBe(false);
  });

  test("whose last line was not finished holds what is before it: that change was not begun", () => {
    const journal = Journal.begin(folder, owner);
    journal.change("x", undo);
    journal.close(false);
    const whole = readFileSync(journal.file, "utf8");
    appendFileSync(journal.file, whole.split("\n")[1]?.slice(0, 20) ?? "");

    expect(readJournal(journal.file).open.map(({ title }) => title)).toEqual(["x"]);

    const resumed = Journal.resume(readJournal(journal.file));
    resumed.undone(1);
    expect(readJournal(journal.file).open).toEqual([]);
    resumed.close(true);
  });

  test("whose first line was not finished holds nothing", () => {
    writeFileSync(join(folder, "c1-noetl.jsonl"), '{"record":"sta');

    expect(readJournals(folder).map(({ open, owner: nobody }) => [open, nobody.rig, isAlive(nobody)])).toEqual([
      [[], "", false],
    ]);
  });

  test("with a line that is none says which", () => {
    const journal = Journal.begin(folder, owner);
    journal.close(false);
    appendFileSync(journal.file, "{}\n");

    expect(() => readJournal(journal.file)).toThrow(`${journal.file}:3 is no record of a journal`);
  });

  test("keeps a second run out for as long as the first lives", () => {
    const journal = Journal.begin(folder, owner);

    expect(() => Journal.begin(folder, owner)).toThrow(
      `another run is under way: rig shard-routing-n2, which began 2026-11-21T10:00:00.000Z (process ${process.pid} on ${hostname()})`,
    );
    journal.close(true);
  });

  test("of one that is gone says what is left, and what to do", () => {
    const journal = Journal.begin(folder, { ...owner, born: "another" });
    journal.change("Secret noetl/shards: make it", undo);
    journal.close(false);

    expect(leftBehind(readJournal(journal.file)).message).toBe(
      [
        `a run has ended without putting everything back: rig shard-routing-n2, which began 2026-11-21T10:00:00.000Z (process ${process.pid} on ${hostname()})`,
        "  Secret noetl/shards: make it",
        "next: noetl-ops verify --revert",
      ].join("\n"),
    );
  });

  test("of another namespace or cluster is another journal", () => {
    const journals = [owner, { ...owner, namespace: "other" }, { ...owner, cluster: "c2" }].map((who) =>
      Journal.begin(folder, who),
    );

    expect(readdirSync(folder).sort()).toEqual(["c1-noetl.jsonl", "c1-other.jsonl", "c2-noetl.jsonl"]);
    for (const journal of journals) journal.close(true);
  });
});

describe("a process", () => {
  test("that runs is alive, and one of its number that began at another time is not it", () => {
    expect(isAlive(thisProcess())).toBe(true);
    expect(isAlive({ ...thisProcess(), born: "1" })).toBe(false);
  });

  test("of another machine counts as alive", () => {
    expect(isAlive({ pid: 1, host: `not-${hostname()}` })).toBe(true);
  });
});
