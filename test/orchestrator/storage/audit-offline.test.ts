import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { auditLine, entryOfLine } from "../../../orchestrator/storage/audit";
import { OfflineAudit } from "../../../orchestrator/storage/filesystem/audit-offline";
import { FilesystemStorage } from "../../../orchestrator/storage/filesystem/storage";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-audit-"));
  file = join(folder, "queue.rkvs", "audit.log");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A storage with so many entries, each in a commit of its own. */
async function filled(count: number, segmentBytes?: number): Promise<FilesystemStorage> {
  const storage = await FilesystemStorage.open(folder, { reserveBytes: 4096, ...(segmentBytes && { segmentBytes }) });
  for (let n = 1; n <= count; n++) await note(storage, n);
  return storage;
}

async function note(storage: FilesystemStorage, n: number): Promise<void> {
  const { durable } = await storage.commit({
    audit: [{ at: n, by: n % 2 === 0 ? "ann" : "bob", action: "queue.paused", why: `reason ${n}` }],
  });
  await durable;
}

const verified = async (hash?: string) => (await OfflineAudit.open(folder)).verify(hash);
const lines = () => readFileSync(file, "utf8").split("\n").slice(0, -1);
const write = (all: readonly string[]) => {
  writeFileSync(file, all.map((line) => `${line}\n`).join(""));
};

test("a folder that nobody has open, and one that a service works in", async () => {
  const storage = await filled(3);
  expect(await verified()).toMatchObject({ whole: true, entries: 3 });
  await note(storage, 4);
  expect(await verified()).toMatchObject({ whole: true, entries: 4 });
  await storage.close();
  const { hash } = entryOfLine(lines().at(-1) ?? "") ?? {};
  expect(await verified()).toEqual({ whole: true, entries: 4, hash, unwritten: 0 });
});

test("nothing is written", async () => {
  const storage = await filled(3);
  await storage.close();
  const state = () =>
    readdirSync(join(folder, "queue.rkvs")).map((name) => [name, statSync(join(folder, "queue.rkvs", name)).mtimeMs]);
  const before = state();
  await verified();
  expect(state()).toEqual(before);
});

test("what a crash has kept from the audit log is taken from the log of commits", async () => {
  await (await filled(4)).close();
  const all = lines();
  truncateSync(file, all.slice(0, 2).join("\n").length + 1);
  expect(await verified()).toMatchObject({ whole: true, entries: 4, unwritten: 2 });
  // A hole where the disk had not yet written, and half a line.
  write([...all.slice(0, 2), "\0".repeat(100)]);
  appendFileSync(file, "half of a");
  expect(await verified()).toMatchObject({ whole: true, entries: 4, unwritten: 2, hash: all.at(-1)?.slice(0, 64) });
});

test("a hash that was printed before tells whether the end was cut off", async () => {
  const storage = await filled(4);
  await storage.close();
  const [, second = ""] = lines();
  expect(await verified(second.slice(0, 64))).toMatchObject({ whole: true, found: true });
  expect(await verified("0".repeat(64))).toMatchObject({ whole: true, found: false });
});

describe("the first entry that is wrong is named", () => {
  // Small files of the log: the first ones are whole, and only the audit log still has their entries.
  beforeEach(async () => {
    await (await filled(20, 512)).close();
    expect(readdirSync(join(folder, "queue.rkvs", "queue")).some((name) => name.endsWith(".heads"))).toBe(true);
  });

  test.each<[title: string, change: (all: string[]) => string[], at: number, reason: string]>([
    ["changed", (all) => all.map((line) => line.replace("reason 3", "reason 9")), 3, "its hash does not follow"],
    ["taken out", (all) => all.filter((_line, at) => at !== 2), 3, "entry 4 stands in its place"],
    ["put in", (all) => [...all.slice(0, 3), ...all.slice(2)], 4, "entry 3 stands in its place"],
    ["no entry", (all) => all.map((line, at) => (at === 2 ? "x" : line)), 3, "it is no entry"],
    ["cut off before those of the log of commits", (all) => all.slice(0, 2), 3, "it is not there"],
  ])("%s", async (_title, change, at, reason) => {
    write(change(lines()));
    expect(await verified()).toMatchObject({ whole: false, at, reason: expect.stringContaining(reason) as unknown });
  });

  test("changed with all hashes behind it, which the log of commits tells", async () => {
    const texts = lines().map((line) => line.slice(65).replace("reason 20", "reason 21"));
    let hash = "0".repeat(64);
    const forged = texts.map((text) => {
      const made = auditLine(hash, text);
      ({ hash } = made);
      return made.line.trimEnd();
    });
    write(forged);
    expect(await verified()).toMatchObject({ whole: false, at: 20, reason: "the log of commits says otherwise" });
  });
});

describe("a log of several files", () => {
  const open = async () => FilesystemStorage.open(folder, { reserveBytes: 4096, auditBytes: 400 });
  const files = () => readdirSync(join(folder, "queue.rkvs")).filter((name) => name.startsWith("audit"));
  let hashes: string[];

  beforeEach(async () => {
    const storage = await open();
    for (let n = 1; n <= 9; n++) {
      await note(storage, n);
      // Each time written: a file ends where entries come that find it full.
      await storage.audit({ after: 0, limit: 1 });
    }
    hashes = (await storage.audit({ after: 0, limit: 100 })).map(({ hash }) => hash);
    await storage.close();
  });

  test("is one chain, and is read as one", async () => {
    expect(files()).toEqual(["audit-000000000000005.log", "audit-000000000000008.log", "audit.log"]);
    expect(await verified()).toEqual({ whole: true, entries: 9, hash: hashes[8], unwritten: 0 });
    const storage = await open();
    const numbers = async (after: number, limit: number) => (await storage.audit({ after, limit })).map(({ n }) => n);
    expect(await numbers(0, 100)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await numbers(2, 4)).toEqual([3, 4, 5, 6]);
    expect(await numbers(5, 2)).toEqual([6, 7]);
    await note(storage, 10);
    expect(await storage.verifyAudit()).toMatchObject({ whole: true, entries: 10 });
    await storage.close();
    const all: number[] = [];
    for await (const { n } of (await OfflineAudit.open(folder)).entries()) all.push(n);
    expect(all).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test("whose older files were archived away is verified from there, against the last hash of what is gone", async () => {
    renameSync(file, join(folder, "audit.log"));
    const after = { n: 4, hash: hashes[3] };
    expect(await verified(hashes[3])).toEqual({
      whole: true,
      entries: 5,
      hash: hashes[8],
      after,
      unwritten: 0,
      found: true,
    });
    expect(await verified(hashes[2])).toMatchObject({ whole: true, found: false });
    const storage = await open();
    await note(storage, 10);
    expect(await storage.verifyAudit()).toMatchObject({ whole: true, entries: 6, after });
    expect((await storage.audit({ after: 0, limit: 1 })).map(({ n }) => n)).toEqual([5]);
    await storage.close();
  });

  test("of which one in the middle is gone, or stands on another chain, is broken", async () => {
    const second = join(folder, "queue.rkvs", "audit-000000000000005.log");
    const text = readFileSync(second, "utf8");
    writeFileSync(second, text.replace(hashes[3] ?? "", "0".repeat(64)));
    expect(await verified()).toMatchObject({ whole: false, at: 5, reason: "its file follows another entry 4" });
    rmSync(second);
    expect(await verified()).toMatchObject({
      whole: false,
      at: 5,
      reason: "a file that follows entry 7 stands in its place",
    });
  });

  test.each([
    ["nothing", ""],
    ["half of its first line", "5f1d"],
  ])("a crash has left %s in a new file: it is begun again, and nothing is lost or doubled", async (_what, text) => {
    const torn = join(folder, "queue.rkvs", "audit-000000000000010.log");
    writeFileSync(torn, text);
    expect(await verified()).toMatchObject({ whole: true, entries: 9 });
    const storage = await open();
    await note(storage, 10);
    expect(await storage.verifyAudit()).toMatchObject({ whole: true, entries: 10 });
    await storage.close();
    expect(await verified()).toMatchObject({ whole: true, entries: 10 });
  });

  test("of which a whole file has lost its first line is not opened", async () => {
    const second = join(folder, "queue.rkvs", "audit-000000000000005.log");
    const before = readFileSync(second, "utf8");
    writeFileSync(second, before.slice(before.indexOf("\n") + 1));
    await expect(open()).rejects.toMatchObject({ code: "storage-broken" });
    expect(readFileSync(second, "utf8")).toBe(before.slice(before.indexOf("\n") + 1));
  });
});

test("a folder that is none is told", async () => {
  await expect(OfflineAudit.open(join(folder, "none"))).rejects.toThrow(/is no folder of an orchestrator/);
});
