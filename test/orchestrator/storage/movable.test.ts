import { describe, expect, it } from "@jest/globals";
import { Movable } from "../../../orchestrator/storage/copy/movable";
import { FilesystemStorage } from "../../../orchestrator/storage/filesystem/storage";
import type { Storage } from "../../../orchestrator/storage/storage";
import { newTask } from "../made";
import { conformsToStorage } from "./conformance";
import { DEAD, Disk } from "./disk";

const open = async (disk: Disk): Promise<Storage> =>
  FilesystemStorage.open("/data", { files: disk, reserveBytes: 0, processes: DEAD });

conformsToStorage("Movable", () => {
  const disk = new Disk();
  return Promise.resolve({
    open: async () => new Movable(await open(disk)),
    crash: async (storage) => {
      disk.losePower(() => false);
      await storage.close().catch(() => undefined);
    },
    remove: () => Promise.resolve(),
  });
});

describe("Movable", () => {
  const LINE = { at: 1, stream: "stdout", text: "x" } as const;

  it("lets writes wait while it is held, and reads go on", async () => {
    const movable = new Movable(await open(new Disk()));
    const goOn = await movable.hold();
    const done: string[] = [];
    const writes = [
      movable.commit({ tasks: [newTask("a")] }).then(() => done.push("commit")),
      movable.appendLog("a", [LINE]).then(() => done.push("log")),
    ];

    expect(await movable.counts()).toMatchObject({ pending: 0 });
    expect(done).toEqual([]);
    goOn();
    await Promise.all(writes);
    expect(done.sort()).toEqual(["commit", "log"]);
    await movable.close();
  });

  it("notes what is written while it is asked to", async () => {
    const movable = new Movable(await open(new Disk()));
    await movable.commit({ tasks: [newTask("before")] });
    const changes = await movable.track();
    await movable.commit({ tasks: [newTask("a")], documents: [{ collection: "c", id: "d", revision: 0, value: 1 }] });
    await movable.appendLog("before", [LINE]);

    expect(changes.size).toBe(3);
    expect(changes.takeTasks()).toEqual(["a", "before"]);
    expect(changes.takeDocuments()).toEqual([{ collection: "c", id: "d" }]);
    movable.untrack(changes);
    await movable.commit({ tasks: [newTask("after")] });
    expect(changes.size).toBe(0);
    await movable.close();
  });

  it("reads a log on in the storage that took its place", async () => {
    const [first, second] = [await open(new Disk()), await open(new Disk())];
    const lines = ["one", "two", "three"].map((text) => ({ ...LINE, text }));
    await first.appendLog("a", lines);
    // Other bytes before them: a cursor of the first one would lead elsewhere.
    await second.appendLog(
      "a",
      lines.map((line) => ({ ...line, at: 1_000_000 })),
    );
    const movable = new Movable(first);

    const page = await movable.readLog("a", { limit: 2 });
    movable.exchange(second);
    const rest = await movable.readLog("a", { cursor: page.cursor });

    expect(rest.lines.map(({ text }) => text)).toEqual(["three"]);
    expect((await movable.readLog("a", { cursor: rest.cursor })).lines).toEqual([]);
    await Promise.all([first.close(), second.close()]);
  });
});
