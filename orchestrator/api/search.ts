import type { Page, TaskQuery } from "../storage/query";
import type { Storage } from "../storage/storage";
import type { Task } from "../tasks/task";

/** Tasks that one request may look at: then it answers with what it has found, and a cursor to go on with. */
const MOST_READ = 2000;

/** One page of tasks in which all words of a search stand. Without words: of all tasks. */
export async function found(storage: Storage, search: string, query: TaskQuery & { limit: number }): Promise<Page> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return storage.tasks(query);
  const tasks: Task[] = [];
  let { cursor } = query;
  let read = 0;
  do {
    const page: Page = await storage.tasks({ ...query, cursor, limit: query.limit - tasks.length });
    tasks.push(...page.tasks.filter((task) => has(task, words)));
    read += page.tasks.length;
    ({ cursor } = page);
    // The rest of a page that is nearly full would be read a few at a time.
  } while (cursor !== undefined && tasks.length <= query.limit / 2 && read < MOST_READ);
  return { tasks, ...(cursor !== undefined && { cursor }) };
}

function has({ id, name = "", stack = "", kind, operation, by }: Task, words: readonly string[]): boolean {
  const text = [id, name, stack, kind, operation, by].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}
