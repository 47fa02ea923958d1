import { writeSync } from "node:fs";
import { Queue } from "../../../orchestrator/queue/queue";
import { Runner } from "../../../orchestrator/queue/runner";
import { OwnWork } from "../../../orchestrator/queue/work";
import { openStorage } from "../../../orchestrator/storage/open";
import { placeNamed } from "./places";
import { PermanentError, Refusal } from "../../../orchestrator/tasks/errors";
import { UserError } from "../../../stacks/errors";

/*
 * A service that is killed again and again: submits tasks that were not yet acknowledged, and runs what waits. Says each
 * step on its own line, at once: `A n`: task n was answered; `R n`: it begins; `C n`, `F n`: its end was reported.
 */
async function main(): Promise<void> {
  const [folder = "", from = "0", count = "0", kind = "filesystem"] = process.argv.slice(2);
  const say = (line: string) => writeSync(1, `${line}\n`);
  const storage = await openStorage(placeNamed(kind, folder), {
    segmentBytes: 1_000_000,
    wasteBytes: 1_000_000,
    auditBytes: 200_000,
    termMs: 1500,
  });
  // Where others could run them, tasks of a process that was killed wait for the end of their leases.
  const settings = { leaseMs: 1500, concurrency: { total: 20, kinds: {} }, backoff: { firstMs: 20, longestMs: 100 } };
  const queue = await Queue.open({ storage, owner: `crash/${process.pid}`, settings });
  queue.listen((event) => {
    if (event.type !== "task") return;
    const n = Number(event.task.input.n);
    if (event.note.to === "completed") say(`C ${n}`);
    else if (event.task.state === "failed" && event.note.to === "failed") say(`F ${n}`);
  });
  say("opened");
  new Runner(
    new OwnWork(queue),
    async ({ input, attempts }) => {
      const n = Number(input.n);
      say(`R ${n}`);
      if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, n % 20));
      if (n % 50 === 0) throw new PermanentError("never", "it never works");
      if (n % 20 === 0 && attempts < 2) throw new Error("it does not work yet");
      return { n };
    },
    failed,
  );
  let next = Number(from);
  const submit = async () => {
    while (next < Number(count)) {
      const n = next++;
      // One task in ten goes to a stack, so that they also wait for each other.
      const stack = n % 10 === 0 ? `stack-${n % 7}` : undefined;
      await queue.submit({ kind: "cluster", operation: "update", stack, input: { n }, key: `task ${n}` }, "crash");
      say(`A ${n}`);
    }
  };
  await Promise.all([submit(), submit(), submit(), submit()]);
  while ((await storage.counts()).pending + (await storage.counts()).running > 0) {
    const { state, reason = state } = storage.health();
    if (state === "broken") throw new Refusal("storage-broken", reason);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  queue.close();
  await storage.close();
  // The engine of SurrealDB keeps a process alive.
  process.exit();
}

/** Without its database it ends, as a service does that is started again. */
function failed(error: unknown): void {
  const isAway = error instanceof Refusal && /^storage-(away|broken)$/.test(error.code);
  if (!isAway && !(error instanceof UserError)) writeSync(1, `error ${String(error)}\n`);
  process.exit(2);
}

main().catch(failed);
