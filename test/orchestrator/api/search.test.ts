import { describe, expect, test } from "@jest/globals";
import { found } from "../../../orchestrator/api/search";
import type { Page, TaskQuery } from "../../../orchestrator/storage/query";
import type { Storage } from "../../../orchestrator/storage/storage";
import { newTask } from "../made";

/** A storage of tasks that are numbered from 0; every tenth is of the stack `rare`. Its cursor is the next number. */
function stored(count: number, stackOf = (n: number) => (n % 10 === 0 ? "rare" : "often")) {
  const asked: TaskQuery[] = [];
  const storage = {
    tasks: (query: TaskQuery): Promise<Page> => {
      asked.push(query);
      const start = Number(query.cursor ?? 0);
      const end = Math.min(count, start + (query.limit ?? 100));
      const tasks = Array.from({ length: end - start }, (_, index) =>
        newTask(`t${start + index}`, { stack: stackOf(start + index) }),
      );
      return Promise.resolve({ tasks, ...(end < count && { cursor: String(end) }) });
    },
  } as unknown as Storage;
  return { storage, asked };
}
const ids = ({ tasks }: Page): string[] => tasks.map(({ id }) => id);

describe("a search among tasks", () => {
  test("given no words, is the storage's own page", async () => {
    const { storage, asked } = stored(500);
    expect(ids(await found(storage, "  ", { limit: 2, stack: "rare" }))).toEqual(["t0", "t1"]);
    expect(asked).toEqual([{ limit: 2, stack: "rare" }]);
  });

  test("given words, finds tasks that have all of them, in any field, in any case", async () => {
    const { storage } = stored(30);
    expect(ids(await found(storage, "RARE clus ann", { limit: 100 }))).toEqual(["t0", "t10", "t20"]);
    expect(ids(await found(storage, "t29", { limit: 100 }))).toEqual(["t29"]);
    expect(await found(storage, "t29 rare", { limit: 100 })).toEqual({ tasks: [] });
  });

  test("given page after page, tells each that is there once, never more than asked for", async () => {
    const { storage } = stored(1000);
    const all: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Page = await found(storage, "rare", { limit: 7, cursor });
      expect(page.tasks.length).toBeLessThanOrEqual(7);
      all.push(...ids(page));
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(all).toEqual(Array.from({ length: 100 }, (_, index) => `t${10 * index}`));
  });

  test("given words that nothing has, reads 2,000 tasks and gives a cursor to go on with", async () => {
    const { storage, asked } = stored(10_000);
    expect(await found(storage, "nowhere", { limit: 500 })).toEqual({ tasks: [], cursor: "2000" });
    expect(asked).toHaveLength(4);
  });
});
