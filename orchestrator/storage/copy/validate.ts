import { hasEnded, mayMove, STATES, type TaskState } from "../../tasks/states";
import type { Task } from "../../tasks/task";
import type { Storage } from "../storage";
import { countOf, pagesOf } from "./pages";

/** Something in a storage that does not fit. */
export interface Finding {
  /** As `task ID`, `audit entry 7`. */
  where: string;
  what: string;
}

export interface Validated {
  findings: Finding[];
  tasks: number;
  documents: number;
  auditEntries: number;
}

/** Entries of the audit log that are read at once. */
const ENTRIES = 500;

/** Looks at everything in a storage: whether the chain is whole, references lead somewhere, and what is told twice agrees. */
export async function validate(
  storage: Storage,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Validated> {
  const findings: Finding[] = [];
  const find = (where: string, what: string) => findings.push({ where, what });
  const audited = await auditedStates(storage);
  const counted: Record<TaskState, number> = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
  const open = new Set<string>();
  const total = await countOf(storage);
  let [tasks, seq] = [0, 0];
  for await (const page of pagesOf(storage)) {
    for (const task of page) {
      const where = `task ${task.id}`;
      for (const what of wrongIn(task)) find(where, what);
      if (task.seq <= seq) find(where, `its place ${task.seq} in the order of submission is not behind ${seq}`);
      ({ seq } = task);
      counted[task.state]++;
      if (!hasEnded(task.state)) open.add(task.id);
      const entry = audited.get(task.id);
      if (entry && entry.to !== task.state)
        find(where, `it is ${task.state}, and audit entry ${entry.n} says ${entry.to}`);
      if (task.key !== undefined && (await storage.taskByKey(task.key))?.id !== task.id) {
        find(where, "its idempotency key leads to another task, or nowhere");
      }
      const needed = hasEnded(task.state) ? [] : task.dependsOn;
      for (const id of needed) if (!(await storage.stateOf(id))) find(where, `it depends on ${id}, which is not there`);
      await storage.readLog(task.id, { limit: 1 }).catch((error: unknown) => {
        find(where, `its log cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
    tasks += page.length;
    onProgress(tasks, Math.max(tasks, total));
  }
  const counts = await storage.counts();
  for (const state of STATES) {
    if (counts[state] !== counted[state])
      find("counts", `${counts[state]} ${state} tasks are counted, and ${counted[state]} are there`);
  }
  for await (const { id } of storage.unended()) {
    if (!open.delete(id)) find(`task ${id}`, "it is listed among those that have not ended, and is not one of them");
  }
  for (const id of open) find(`task ${id}`, "it has not ended, and is not listed among those");
  const audit = await storage.verifyAudit();
  if (!audit.whole) find(`audit entry ${audit.at}`, audit.reason);
  let documents = 0;
  for (const collection of await storage.collections()) documents += (await storage.documents(collection)).length;
  return { findings, tasks, documents, auditEntries: audit.whole ? audit.entries : audit.at - 1 };
}

/** What is wrong with a task by itself. */
export function wrongIn({ state, revision, lease, history, endedAt, attempts }: Task): string[] {
  const wrong: string[] = [];
  if (revision < 1) wrong.push(`its revision is ${revision}`);
  if (attempts < 0) wrong.push(`it has ${attempts} attempts`);
  if (state === "running" && !lease) wrong.push("it runs without a lease");
  if (state !== "running" && lease) wrong.push(`it is ${state}, and has a lease`);
  if (hasEnded(state) && endedAt === undefined) wrong.push(`it is ${state}, and has no end`);
  history.forEach(({ from, to }, at) => {
    const before = history[at - 1]?.to ?? null;
    if (from !== before)
      wrong.push(`transition ${at + 1} of its history begins at ${from ?? "nothing"}, not at ${before ?? "nothing"}`);
    else if (from !== null && !mayMove(from, to))
      wrong.push(`transition ${at + 1} of its history goes from ${from} to ${to}`);
  });
  const last = history.at(-1)?.to;
  if (last !== state) wrong.push(`it is ${state}, and its history ends with ${last ?? "nothing"}`);
  return wrong;
}

/** The state of each task as the audit log has it. */
async function auditedStates(storage: Storage): Promise<Map<string, { n: number; to: TaskState }>> {
  const states = new Map<string, { n: number; to: TaskState }>();
  for (let after = 0; ;) {
    const entries = await storage.audit({ after, limit: ENTRIES });
    for (const { n, task, to } of entries) if (task !== undefined && to !== undefined) states.set(task, { n, to });
    after = entries.at(-1)?.n ?? after;
    if (entries.length < ENTRIES) return states;
  }
}
