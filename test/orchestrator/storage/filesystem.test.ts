import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { FilesystemStorage } from "../../../orchestrator/storage/filesystem/storage";
import { newTask } from "../made";
import { conformsToStorage } from "./conformance";
import { DEAD, Disk } from "./disk";

conformsToStorage("FilesystemStorage on a real disk", async () => {
  const folder = await mkdtemp(join(tmpdir(), "noetl-storage-"));
  return {
    open: async () => FilesystemStorage.open(folder, { reserveBytes: 4096 }),
    // The page cache survives: the power loss is that of the disk in memory.
    crash: async (storage) => storage.close(),
    remove: async () => rm(folder, { recursive: true }),
  };
});

conformsToStorage("FilesystemStorage on a disk that loses power", () => {
  const disk = new Disk();
  let keep = 0;
  return Promise.resolve({
    open: async () => FilesystemStorage.open("/data", { files: disk, reserveBytes: 4096, processes: DEAD }),
    crash: async (storage) => {
      disk.losePower(() => keep++ % 3 === 0);
      await storage.close().catch(() => undefined);
    },
    remove: () => Promise.resolve(),
  });
});

describe("FilesystemStorage", () => {
  const LOG = "/data/queue.rkvs/queue/000000001.log";

  async function written(disk: Disk, count: number): Promise<void> {
    const storage = await FilesystemStorage.open("/data", { files: disk, reserveBytes: 0, processes: DEAD });
    for (let at = 0; at < count; at++) await (await storage.commit({ tasks: [newTask(`t${at}`)] })).durable;
    await storage.close();
  }

  it("tells that what was just decided does not survive a crash yet", async () => {
    const storage = await FilesystemStorage.open("/data", { files: new Disk(), reserveBytes: 0, processes: DEAD });

    const { durable } = await storage.commit({ tasks: [newTask("a")] });

    expect(await storage.isDurable("a")).toBe(false);
    await durable;
    expect(await storage.isDurable("a")).toBe(true);
    await storage.close();
  });

  it("cuts off a torn write, and tells so", async () => {
    const disk = new Disk();
    await written(disk, 3);
    const file = await disk.open(LOG);
    file.write(Buffer.from("NOF1 not a frame"), file.size);

    const storage = await FilesystemStorage.open("/data", { files: disk, reserveBytes: 0, processes: DEAD });

    expect(storage.notices).toEqual([
      `log: 16 bytes of a write that was never acknowledged cut off, at byte ${file.size} of ${LOG}`,
    ]);
    expect((await storage.counts()).pending).toBe(3);
    await storage.close();
  });

  it("keeps the audit log whole when an old file's heads are lost, and clears heads whose file is gone", async () => {
    const disk = new Disk();
    const options = { files: disk, reserveBytes: 0, processes: DEAD, segmentBytes: 2000 };
    const storage = await FilesystemStorage.open("/data", options);
    for (let at = 0; at < 20; at++) {
      const audit = [{ at: 1000, by: "ann", action: "submit", task: `t${at}` }];
      await (
        await storage.commit({ tasks: [newTask(`t${at}`)], audit })
      ).durable;
    }
    await storage.close();
    const heads = disk.paths().filter((path) => path.endsWith(".heads"));
    expect(heads).toHaveLength(4);
    await disk.remove(heads[0] ?? "");
    await disk.replace("/data/queue.rkvs/queue/000000999.heads", "");

    for (const _again of [1, 2]) {
      const opened = await FilesystemStorage.open("/data", options);
      expect(await opened.verifyAudit()).toMatchObject({ whole: true, entries: 20 });
      await opened.close();
    }
    expect(disk.paths().filter((path) => path.endsWith(".heads"))).toEqual(heads);
  });

  it("opens nothing when what was acknowledged was lost in the middle", async () => {
    const disk = new Disk();
    await written(disk, 3);
    const bytes = disk.bytes(LOG);
    if (bytes) bytes[100] = (bytes[100] ?? 0) ^ 1;

    const opened = FilesystemStorage.open("/data", { files: disk, reserveBytes: 0, processes: DEAD });

    await expect(opened).rejects.toMatchObject({
      code: "storage-broken",
      message: expect.stringContaining(`${LOG}: what stands at byte 0`),
    });
    expect(disk.bytes(LOG)).toBe(bytes);
    expect(disk.held).toEqual(new Set());
  });
});
