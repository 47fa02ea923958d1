import { writeSync } from "node:fs";
import { join } from "node:path";
import { Queue } from "../../../orchestrator/queue/queue";
import { Runner } from "../../../orchestrator/queue/runner";
import { OwnWork } from "../../../orchestrator/queue/work";
import { assertServable, marksOf } from "../../../orchestrator/storage/copy/marks";
import { migrate } from "../../../orchestrator/storage/copy/migrate";
import { Movable } from "../../../orchestrator/storage/copy/movable";
import { openStorage } from "../../../orchestrator/storage/open";
import { placeNamed } from "./places";
import type { Storage } from "../../../orchestrator/storage/storage";

/*
 * A service that is killed again and again while its storage is moved to another one and back, without an end, and it is
 * worked on: submits what was not yet acknowledged, and runs what waits. Says each step on its own line, at once: `A n`:
 * task n was answered; `R n`: it begins; `C n`: its end was reported; `M`: everything was moved once more.
 */
async function main(): Promise<void> {
  const [folder = "", from = "0", count = "0", kind = "filesystem"] = process.argv.slice(2);
  const say = (line: string) => writeSync(1, `${line}\n`);
  const options = { segmentBytes: 1_000_000, reserveBytes: 0, termMs: 1000 };
  const both = [
    await openStorage({ kind: "filesystem", dataDir: join(folder, "a") }, options),
    await openStorage(placeNamed(kind, join(folder, "b")), options),
  ] as const;
  const first = await lastWord(both);
  const names = new Map<Storage, string>([
    [both[0], "a"],
    [both[1], "b"],
  ]);
  const storage = new Movable(first);
  const settings = { concurrency: { total: 10, kinds: {} }, backoff: { firstMs: 20, longestMs: 100 } };
  const queue = await Queue.open({ storage, owner: `migrate/${process.pid}`, settings });
  queue.listen((event) => {
    if (event.type === "task" && event.note.to === "completed") say(`C ${Number(event.task.input.n)}`);
  });
  say("opened");
  new Runner(
    new OwnWork(queue),
    async ({ input }, context) => {
      const n = Number(input.n);
      say(`R ${n}`);
      await context.log([{ at: n, stream: "stdout", text: `line of ${n}` }]);
      if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, n % 20));
      return { n };
    },
    (error) => {
      say(`error ${String(error)}`);
    },
  );
  let next = Number(from);
  const submit = async () => {
    while (next < Number(count)) {
      const n = next++;
      // More than there are kills: the same task may be at work in each of them.
      const submission = { kind: "cluster", operation: "update", input: { n }, key: `task ${n}`, retries: 50 } as const;
      await queue.submit(submission, "migrate");
      say(`A ${n}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const move = async () => {
    const target = both[storage.inner === both[0] ? 1 : 0];
    const [source, to] = [names.get(storage.inner) ?? "", names.get(target) ?? ""];
    await migrate(storage, target, { from: source, to, by: "migrate", now: Date.now });
    say("M");
  };
  const over = new AbortController();
  const moving = (async () => {
    while (!over.signal.aborted) {
      await move();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await move();
  })();
  await Promise.all([submit(), submit()]);
  while ((await storage.counts()).pending + (await storage.counts()).running > 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
  over.abort();
  await moving;
  queue.close();
  for (const one of both) await one.close();
  // The engine of SurrealDB keeps a process alive.
  process.exit();
}

/** The one that is served; between the last two marks, the one that was just left. */
async function lastWord(both: readonly [Storage, Storage]): Promise<Storage> {
  for (const one of both) {
    const isServed = await assertServable(one).then(
      () => true,
      () => false,
    );
    // A target that was opened and has nothing yet is served as well as any new one.
    if (isServed && (one === both[0] || (await marksOf(one)).id !== undefined)) return one;
  }
  for (const one of both) if (!(await marksOf(one)).copy) return one;
  throw new Error("neither of them is the last word");
}

main().catch((error: unknown) => {
  writeSync(
    1,
    `error ${error instanceof Error ? (error.stack ?? error.message).replaceAll("\n", " ") : String(error)}\n`,
  );
  process.exit(1);
});
