import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { FilesystemStorage } from "../../../orchestrator/storage/filesystem/storage";

interface Held {
  pid: number;
  host: string;
  started: string;
}

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "noetl-lock-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const open = async () => FilesystemStorage.open(folder, { reserveBytes: 0, watchLock: 50 });
const lock = () => join(folder, "queue.rkvs", "lock");

test("a second one is refused while the first has the folder", async () => {
  const first = await open();
  await expect(open()).rejects.toMatchObject({
    name: "UserError",
    message: expect.stringContaining(`process ${process.pid} on `),
  });
  await first.close();
  const second = await open();
  expect(second.notices).toEqual([]);
  await second.close();
});

test.each([
  // No process has a number as great.
  ["one that ended", (held: Held) => ({ ...held, pid: 2 ** 22 + 1 })],
  ["one whose number was given again", (held: Held) => ({ ...held, started: `${held.started.split("/")[0] ?? ""}/1` })],
  ["one of another machine that gives no sign of life", (held: Held) => ({ ...held, host: "elsewhere" })],
])("the lock of %s is taken over, and told", async (_, change) => {
  const first = await open();
  const held = JSON.parse(await readFile(lock(), "utf8")) as Held;
  await first.close();
  await writeFile(lock(), JSON.stringify(change(held)));

  const second = await open();

  expect(second.notices).toEqual([expect.stringContaining("ended without letting go of the folder")]);
  await second.close();
});
