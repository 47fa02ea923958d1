import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openStorage, type StorageKind } from "../../../orchestrator/storage/open";
import { placeNamed, SERVER_VARIABLE } from "./places";
import { surrealImpossible, SurrealServerProcess } from "./surreal-server";
import { bundled, Heard, live } from "./lives";

interface Life {
  kind: StorageKind;
  tasks: number;
  kills: number;
  /** Milliseconds that a start may take. */
  start: number;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-crash-"));
  bundled("crash-child.ts", join(folder, "child.cjs"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const impossible = surrealImpossible();
let server: SurrealServerProcess | undefined;
afterAll(async () => server?.stop());

/** Exit code of a life that has lost its database. */
const LOST = 2;
const TITLE = "$kind, $tasks tasks, $kills kills: none is lost, none runs again once its end was reported, all end";
test.each<Life>([
  { kind: "filesystem", tasks: 10_000, kills: 100, start: 240 },
  { kind: "surrealdb-embedded", tasks: 600, kills: 10, start: 1500 },
])(TITLE, crashes);

(impossible === undefined ? test : test.skip).each<Life>([
  { kind: "surrealdb-server", tasks: 600, kills: 10, start: 1500 },
])(
  `${TITLE}, the database is killed as often${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  async (of) => {
    server = await SurrealServerProcess.start();
    const place = server.place();
    process.env[SERVER_VARIABLE] = JSON.stringify(place);
    try {
      await crashes(of);
    } finally {
      Reflect.deleteProperty(process.env, SERVER_VARIABLE);
    }
  },
);

async function crashes({ kind, tasks, kills, start }: Life): Promise<void> {
  const heard = new Heard();
  const child = join(folder, "child.cjs");
  const variables = { [SERVER_VARIABLE]: process.env[SERVER_VARIABLE] ?? "" };
  const life = (killAfter: number | undefined) =>
    live(heard, [child, join(folder, kind), String(heard.next), String(tasks), kind], killAfter, variables);
  for (let kill = 0; kill < kills; kill++) {
    const isEarly = kill % 10 === 9;
    const lines = Math.floor((Math.random() * 3.5 * tasks) / kills);
    await Promise.all([
      life(isEarly ? -Math.floor(40 + Math.random() * (start - 40)) : lines),
      kind === "surrealdb-server" && killServer(Math.random() * start),
    ]);
  }
  let exit: number | null;
  // Where it has lost its database, it is started again.
  do exit = await life(undefined);
  while (exit === LOST);
  expect(exit).toBe(0);

  expect(heard.errors).toEqual([]);
  expect(heard.again).toEqual([]);
  expect(heard.acknowledged.size).toBe(tasks);
  const storage = await openStorage(placeNamed(kind, join(folder, kind)));
  try {
    const { pending, running, completed, failed, cancelled } = await storage.counts();
    expect({ pending, running, cancelled, all: completed + failed }).toEqual({
      pending: 0,
      running: 0,
      cancelled: 0,
      all: tasks,
    });
    const lost: number[] = [];
    const wrong: string[] = [];
    for (let n = 0; n < tasks; n++) {
      const task = await storage.taskByKey(`task ${n}`);
      if (!task) lost.push(n);
      else if (task.state === "failed" && task.error?.code !== (n % 50 === 0 ? "never" : "lease-lost"))
        wrong.push(task.id);
    }
    expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
    expect(await storage.verifyAudit()).toMatchObject({ whole: true });
  } finally {
    await storage.close();
  }
}

async function killServer(afterMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await server?.kill();
  await server?.again();
}
