import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sumsOf } from "../../../orchestrator/storage/copy/copier";
import { marksOf } from "../../../orchestrator/storage/copy/marks";
import { validate } from "../../../orchestrator/storage/copy/validate";
import { openStorage, type StorageKind } from "../../../orchestrator/storage/open";
import { placeNamed, SERVER_VARIABLE } from "./places";
import { surrealImpossible, SurrealServerProcess } from "./surreal-server";
import { bundled, Heard, live } from "./lives";

interface Moves {
  kind: StorageKind;
  tasks: number;
  kills: number;
  lines: number;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-migrate-"));
  bundled("migrate-child.ts", join(folder, "child.cjs"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const TITLE =
  "between a folder and $kind under load, through $kills kills: source and target are equal, nothing is lost";
test.each<Moves>([
  { kind: "filesystem", tasks: 200, kills: 12, lines: 60 },
  { kind: "surrealdb-embedded", tasks: 80, kills: 8, lines: 40 },
])(TITLE, moves);

const impossible = surrealImpossible();
(impossible === undefined ? test : test.skip).each<Moves>([
  { kind: "surrealdb-server", tasks: 80, kills: 8, lines: 40 },
])(`${TITLE}${impossible === undefined ? "" : ` (skipped: ${impossible})`}`, async (of) => {
  const server = await SurrealServerProcess.start();
  process.env[SERVER_VARIABLE] = JSON.stringify(server.place());
  try {
    await moves(of);
  } finally {
    Reflect.deleteProperty(process.env, SERVER_VARIABLE);
    await server.stop();
  }
});

async function moves(of: Moves): Promise<void> {
  const { kind, tasks, kills, lines } = of;
  const place = join(folder, kind);
  const heard = new Heard();
  const variables = { [SERVER_VARIABLE]: process.env[SERVER_VARIABLE] ?? "" };
  const life = (killAfter: number | undefined) =>
    live(heard, [join(folder, "child.cjs"), place, String(heard.next), String(tasks), kind], killAfter, variables);
  for (let kill = 0; kill < kills; kill++) await life(Math.floor(Math.random() * lines));
  expect({ exit: await life(undefined), errors: heard.errors }).toEqual({ exit: 0, errors: [] });

  expect(heard.acknowledged.size).toBe(tasks);
  expect(heard.again).toEqual([]);
  const [a, b] = [
    await openStorage({ kind: "filesystem", dataDir: join(place, "a") }),
    await openStorage(placeNamed(kind, join(place, "b"))),
  ];
  try {
    const isMovedToB = (await marksOf(a)).moved !== undefined;
    const [source, target] = isMovedToB ? [a, b] : [b, a];
    const [{ audit, ...ours }, { audit: theirs, ...rest }] = [await sumsOf(source), await sumsOf(target)];
    // By then nothing was left to be done: only that it was moved came after it.
    expect(rest).toEqual(ours);
    expect(theirs.count).toBe(audit.count + 1);
    expect(await target.audit({ after: audit.count - 1, limit: 2 })).toMatchObject([
      { n: audit.count, hash: audit.sha256 },
      { n: theirs.count, action: "storage.moved" },
    ]);
    expect(await target.counts()).toEqual({ pending: 0, running: 0, completed: tasks, failed: 0, cancelled: 0 });
    const lost: number[] = [];
    for (let n = 0; n < tasks; n++) if (!(await target.taskByKey(`task ${n}`))) lost.push(n);
    expect(lost).toEqual([]);
    expect((await validate(target)).findings).toEqual([]);
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}
