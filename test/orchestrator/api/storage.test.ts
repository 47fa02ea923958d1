import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { MigrationView } from "../../../orchestrator/api/routes/storage";
import { newToken } from "../../../orchestrator/api/tokens";
import { readBackup } from "../../../orchestrator/storage/copy/restore";
import { Served } from "./served";

let served: Served;
let target: string;

beforeEach(async () => {
  target = mkdtempSync(join(tmpdir(), "noetl-target-"));
  served = await Served.start({ storage: { reserveBytes: 4096 } });
});
afterEach(async () => {
  await served.stop();
  rmSync(target, { recursive: true });
});

async function migration(): Promise<MigrationView> {
  for (;;) {
    const { data } = (await served.ask("GET", "/storage/migration")).json;
    const view = data as MigrationView;
    if (!["copying", "comparing", "moving"].includes(view.state)) return view;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const begin = (to = target) => served.ask("POST", "/storage/migration", { to: "filesystem", target_dir: to });

test("a service moves what it keeps while it works, goes on there, and is not started on the old place again", async () => {
  expect((await served.ask("GET", "/storage/migration")).json.data).toBeNull();
  const before = await served.submit({ wait: true });

  expect((await begin()).status).toBe(202);
  const view = await migration();

  expect(view).toMatchObject({
    state: "moved",
    to: `filesystem in ${target}`,
    sums: { tasks: { count: 1 } },
    error: null,
  });
  const after = await served.submit({ wait: true });
  expect((await served.task(before)).status).toBe("Completed");
  expect((await served.task(after)).status).toBe("Completed");
  const { data } = (await served.ask("GET", "/audit?limit=1000")).json;
  expect(data).toContainEqual(expect.objectContaining({ action: "storage.moved" }));
  expect((await served.ask("GET", "/audit/verify")).json.data).toMatchObject({ whole: true });

  await served.service.stop(0);
  await expect(served.restart()).rejects.toThrow(/its tasks were moved to filesystem in .*: serve that/);
  await served.restart({ dataDir: target, storage: { reserveBytes: 4096 } });
  expect((await served.task(after)).status).toBe("Completed");
});

test("a service that has moved moves back to where it was, with what was done since", async () => {
  const before = await served.submit({ wait: true });
  await begin();
  expect(await migration()).toMatchObject({ state: "moved", to: `filesystem in ${target}` });
  const away = await served.submit({ wait: true });

  const home = join(served.folder, "data");
  await begin(home);

  expect(await migration()).toMatchObject({ state: "moved", to: `filesystem in ${home}`, error: null });
  const back = await served.submit({ wait: true });
  await served.service.stop(0);
  await served.restart({ storage: { reserveBytes: 4096 } });
  for (const id of [before, away, back]) expect((await served.task(id)).status).toBe("Completed");
});

test("what cannot be done is told, and the service works on", async () => {
  const here = await served.ask("POST", "/storage/migration", { to: "filesystem" });
  expect([here.status, here.json.error]).toEqual([
    409,
    expect.objectContaining({
      code: "wrong-state",
      path: "body.to",
      message: expect.stringContaining("already") as unknown,
    }),
  ]);
  const near = await served.ask("POST", "/storage/migration", { to: "filesystem", target_dir: "data" });
  expect([near.status, near.json.error?.path]).toEqual([400, "body.target_dir"]);
  writeFileSync(join(target, "queue.rkvs"), "a file where a folder must be");
  await begin();
  expect(await migration()).toMatchObject({ state: "failed", error: expect.stringContaining("cannot use") as unknown });
  expect((await served.task(await served.submit({ wait: true }))).status).toBe("Completed");
});

test("a backup is whole while tasks come", async () => {
  await served.submit({ wait: true });
  const [response] = await Promise.all([
    fetch(`${served.service.url}/storage/backup`),
    ...Array.from({ length: 20 }, () => served.submit()),
  ]);
  const file = join(target, "backup.gz");
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));

  expect(response.headers.get("content-type")).toBe("application/gzip");
  const { end } = await readBackup(file);
  expect(end.end.tasks.count).toBeGreaterThanOrEqual(1);
});

test("only who administers may", async () => {
  await served.service.stop(0);
  const { entry, token } = newToken("the-operator", "operator");
  const file = join(served.folder, "tokens.yaml");
  writeFileSync(file, JSON.stringify({ tokens: [entry] }));
  await served.restart({ tokens: file, storage: { reserveBytes: 4096 } });
  const headers = { authorization: `Bearer ${token}` };

  for (const [method, path, body] of [
    ["POST", "/storage/migration", { to: "filesystem" }],
    ["DELETE", "/storage/migration", undefined],
    ["GET", "/storage/backup", undefined],
  ] as const) {
    expect((await served.ask(method, path, body, headers)).json.error).toMatchObject({ code: "forbidden" });
  }
});
