import { STATES } from "../../tasks/states";
import type { Task } from "../../tasks/task";
import type { Storage } from "../storage";

/** Tasks that are read at once. */
const PAGE = 250;

/** All tasks, in the order of submission, and those that are submitted meanwhile. */
export async function* pagesOf(storage: Storage): AsyncGenerator<readonly Task[]> {
  for (let cursor: string | undefined; ;) {
    const page = await storage.tasks({ first: "oldest", limit: PAGE, ...(cursor !== undefined && { cursor }) });
    yield page.tasks;
    if (page.cursor === undefined) return;
    ({ cursor } = page);
  }
}

/** How many tasks there are. */
export async function countOf(storage: Storage): Promise<number> {
  const counts = await storage.counts();
  return STATES.reduce((all, state) => all + counts[state], 0);
}

/** Whether nothing was ever done in it. */
export async function isEmpty(storage: Storage): Promise<boolean> {
  const [entry] = await storage.audit({ after: 0, limit: 1 });
  return !entry && (await countOf(storage)) === 0;
}
