import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { FilesystemStorage } from "../../../orchestrator/storage/filesystem/storage";
import type { Task } from "../../../orchestrator/tasks/task";
import { wrongIn } from "../../../orchestrator/storage/copy/validate";
import { moved } from "../../../orchestrator/tasks/moved";
import { ran } from "../../cli/ran";
import { newTask } from "../../orchestrator/made";

let folder: string;
let data: string;
const other = () => join(folder, "other");

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "noetl-offline-"));
  data = join(folder, "data");
  const storage = await FilesystemStorage.open(data, { reserveBytes: 0 });
  const note = { at: 1, by: "ann", action: "task.submitted", from: null, to: "pending" } as const;
  const tasks = [newTask("a", { key: "k" }), newTask("b", { dependsOn: ["a"] })];
  const documents = [{ collection: "pauses", id: "all", revision: 0, value: { why: "x" } }];
  await storage.commit({ tasks, documents, audit: tasks.map(({ id }) => ({ ...note, task: id })) });
  await storage.appendLog("a", [{ at: 1, stream: "stdout", text: "hello" }]);
  await storage.close();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const storage = (...args: string[]) => ran(["orchestrator", "storage", ...args]);
const migrated = (...more: string[]) =>
  storage("migrate", "--to", "filesystem", "--source-dir", data, "--target-dir", other(), ...more);
/** Every file of a folder with what is in it. */
const filesOf = (at: string) =>
  readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), "hex")]);

describe("migrate", () => {
  test("says what it would do, and writes nothing", async () => {
    const before = filesOf(folder);

    const { status, stdout } = await migrated("--dry-run");

    expect([status, stdout]).toEqual([
      0,
      `2 tasks and 2 audit entries would be moved\nfrom filesystem in ${data}\n  to filesystem in ${other()}: nothing is there\n`,
    ]);
    expect(filesOf(folder)).toEqual(before);
  });

  test("moves, and says what it has moved", async () => {
    const { status, stdout } = await migrated("--json");

    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      wasMoved: false,
      sums: { tasks: { count: 2 }, lines: { count: 1 }, documents: { count: 1 }, audit: { count: 2 } },
    });
    expect((await storage("validate", "--source-dir", other())).stdout).toBe(
      "sound: 2 tasks, 2 documents, 3 audit entries\n",
    );
    expect((await migrated()).stdout).toContain(`was moved before: filesystem in ${other()} has all\n`);
  });

  test("is undone with what was done since", async () => {
    await migrated();
    const target = await FilesystemStorage.open(other(), { reserveBytes: 0 });
    await target.commit({ tasks: [newTask("c")] });
    await target.close();

    const { status, stdout } = await migrated("--rollback");

    expect([status, stdout.split("\n")[0]]).toEqual([0, `moved: filesystem in ${data} has all`]);
    const source = await FilesystemStorage.open(data, { reserveBytes: 0 });
    expect((await source.task("c"))?.seq).toBe(3);
    await source.close();
  });

  test("is undone before its end by taking the copy away", async () => {
    const names = { id: (await identities(data)) ?? "" };
    const target = await FilesystemStorage.open(other(), { reserveBytes: 0 });
    const value = { of: names.id, from: "x", at: 1 };
    await target.commit({ documents: [{ collection: "storage", id: "copy", revision: 0, value }] });
    await target.close();

    expect((await migrated("--rollback")).stdout).toBe(`taken away: the copy in filesystem in ${other()}\n`);
    expect(existsSync(join(other(), "queue.rkvs"))).toBe(false);
  });

  test.each<[title: string, args: () => string[], message: string]>([
    [
      "no source",
      () => ["--source-dir", "none", "--target-dir", "x"],
      "there is no storage filesystem in none; name another --from or --source-dir",
    ],
    ["one place twice", () => ["--source-dir", data], "source and target are both filesystem in"],
    [
      "nothing to undo",
      () => ["--source-dir", data, "--target-dir", other(), "--rollback"],
      "nothing is to be undone: there is nothing in",
    ],
    [
      "undoing what is no copy",
      () => ["--source-dir", data, "--target-dir", made(), "--rollback"],
      "is no copy of filesystem in",
    ],
  ])("refuses %s", async (_title, args, message) => {
    const { status, stderr } = await storage("migrate", "--to", "filesystem", ...args());

    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  test.each([
    ["no target", ["migrate"], "required option '--to <kind>' not specified"],
    ["an unknown one", ["migrate", "--to", "redis"], "Allowed choices are filesystem, surrealdb-embedded"],
    [
      "two ways at once",
      ["migrate", "--to", "filesystem", "--dry-run", "--rollback"],
      "'--dry-run' cannot be used with option '--rollback'",
    ],
  ])("does not understand %s", async (_title, args, message) => {
    const { status, stderr } = await storage(...args);

    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  /** A folder with tasks of its own. */
  function made(): string {
    return data.replace(/data$/, "data/../data/");
  }
});

async function identities(at: string): Promise<string | undefined> {
  const one = await FilesystemStorage.open(at, { reserveBytes: 0 });
  await one.commit({ documents: [{ collection: "storage", id: "identity", revision: 0, value: { id: "this" } }] });
  await one.close();
  return "this";
}

describe("validate", () => {
  const LOG = () => join(data, "queue.rkvs", "queue", "000000001.log");

  test("tells what a crash has left, and leaves it there", async () => {
    rmSync(join(data, "queue.rkvs", "queue", "000000001.heads"));
    appendFileSync(LOG(), "NOF1 torn");
    const before = filesOf(folder);

    const { status, stdout } = await storage("validate", "--source-dir", data);

    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^left by a crash: log: 9 bytes of a write .* at byte \d+ of .*000000001.log\nsound: 2 tasks, /,
    );
    expect(filesOf(folder)).toEqual(before);
  });

  test("names the first entry of a chain that is broken", async () => {
    const file = join(data, "queue.rkvs", "audit.log");
    const [first = "", second = ""] = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, `${first.replace('"by":"ann"', '"by":"bob"')}\n${second}\n`);

    const { status, stdout } = await storage("validate", "--source-dir", data);

    expect([status, stdout]).toEqual([
      1,
      "wrong: audit entry 1: its hash does not follow from its text and the hash before it\n1 findings\n",
    ]);
  });

  test("names what a task depends on and is not there, and a state that the audit log does not know", async () => {
    const one = await FilesystemStorage.open(data, { reserveBytes: 0 });
    const [a, b] = await one.tasksById(["a", "b"]);
    if (!a || !b) throw new Error("both are there");
    await one.load({ removed: ["a"] });
    await one.load({ tasks: [{ ...b, state: "running", key: "other" }] });
    await one.close();

    const { findings } = JSON.parse((await storage("validate", "--source-dir", data, "--json")).stdout) as {
      findings: unknown;
    };

    expect(findings).toEqual([
      { where: "task b", what: "it runs without a lease" },
      { where: "task b", what: "it is running, and its history ends with pending" },
      { where: "task b", what: "it is running, and audit entry 2 says pending" },
      { where: "task b", what: "it depends on a, which is not there" },
    ]);
  });

  test.each<[title: string, change: (task: Task) => Task, wrong: string[]]>([
    ["nothing", (task) => task, []],
    [
      "a lease that is left",
      (task) => ({ ...task, lease: { owner: "x", token: 1, expiresAt: 1 } }),
      ["it is pending, and has a lease"],
    ],
    [
      "no end",
      (task) => ({ ...moved(task, "cancelled", { at: 1, by: "x", why: "" }), endedAt: undefined }),
      ["it is cancelled, and has no end"],
    ],
    [
      "a gap",
      (task) => ({ ...task, history: [...task.history, { from: "running", to: "pending", at: 1, by: "x", why: "" }] }),
      ["transition 2 of its history begins at running, not at pending"],
    ],
    [
      "a move that there is not",
      (task) => ({
        ...task,
        state: "completed",
        endedAt: 1,
        history: [...task.history, { from: "pending", to: "completed", at: 1, by: "x", why: "" }],
      }),
      ["transition 2 of its history goes from pending to completed"],
    ],
    ["no revision", (task) => ({ ...task, revision: 0, attempts: -1 }), ["its revision is 0", "it has -1 attempts"]],
  ])("a task by itself: %s", (_title, change, wrong) => {
    expect(wrongIn(change({ ...newTask("a"), revision: 1 }))).toEqual(wrong);
  });
});

describe("backup and restore", () => {
  const file = () => join(folder, "backup.gz");
  const backup = () => storage("backup", "--source-dir", data, "--out", file(), "--json");
  const restore = () => storage("restore", file(), "--to", "filesystem", "--target-dir", other(), "--json");

  test("what was written comes back, by count and checksum, in a file for its owner alone", async () => {
    const { sums } = JSON.parse((await backup()).stdout) as { sums: unknown };

    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(JSON.parse((await restore()).stdout)).toEqual({ file: file(), sums });
    const restored = await FilesystemStorage.open(other(), { reserveBytes: 0 });
    expect((await restored.taskByKey("k"))?.id).toBe("a");
    expect((await restored.readLog("a")).lines).toEqual([{ at: 1, stream: "stdout", text: "hello" }]);
    expect(await restored.audit({ after: 2, limit: 9 })).toMatchObject([{ action: "storage.restored" }]);
    await restored.close();
    expect((await restore()).stderr).toContain("the target holds tasks of its own; choose one that is empty");
  });

  test.each<[title: string, change: (text: string) => string, message: string]>([
    ["changed", (text) => text.replace("hello", "HELLO"), "its checksum does not fit: it was changed"],
    ["cut off", (text) => text.split("\n").slice(0, -2).join("\n") + "\n", "was cut off: its end is missing"],
    ["something behind it", (text) => `${text}{"log":"a","lines":[]}\n`, "something stands behind its end"],
    ["no JSON", (text) => text.replace('{"log"', "log"), "is not JSON: it was changed"],
    [
      "another release's",
      (text) => text.replace('"format":1', '"format":9'),
      "is of format 9, and this noetl-ops reads 1",
    ],
    ["something else", () => '{"records":{}}\n', "is no backup of an orchestrator"],
    ["nothing", () => "", "is no backup of an orchestrator"],
  ])("refuses a file that is %s, before it writes anything", async (_title, change, message) => {
    await backup();
    writeFileSync(file(), gzipSync(change(gunzipSync(readFileSync(file())).toString())));

    const { status, stderr } = await restore();

    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  test.each<[title: string, content: () => Buffer | undefined, message: string]>([
    ["half a file", () => readFileSync(file()).subarray(0, 60), "was cut off"],
    ["no gzip", () => Buffer.from("hello"), "is no backup, or was changed"],
    ["no file", () => undefined, "cannot read"],
  ])("refuses %s", async (_title, content, message) => {
    await backup();
    const made = content();
    if (made) writeFileSync(file(), made);
    else rmSync(file());

    expect(await restore()).toMatchObject({ status: 1, stderr: expect.stringContaining(message) as unknown });
  });

  test("says where it cannot be written, and leaves nothing", async () => {
    const { status, stderr } = await storage("backup", "--source-dir", data, "--out", join(folder, "none", "b.gz"));

    expect([status, stderr]).toEqual([1, expect.stringContaining(`cannot write ${join(folder, "none", "b.gz")}`)]);
    expect(readdirSync(folder)).toEqual(["data"]);
  });
});
