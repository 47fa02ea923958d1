import { expect, test } from "@jest/globals";
import { latestOnly } from "../../../orchestrator/environments/latest";

test("given values faster than they can be told, the first and the last are told, one at a time", async () => {
  const told: number[] = [];
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const latest = latestOnly(async (value: number) => {
    await gate;
    told.push(value);
  });

  for (const value of [1, 2, 3]) latest.tell(value);
  open();
  await latest.told();

  expect(told).toEqual([1, 3]);
});

test("given telling that fails, nobody but who waits for it hears of it, and nothing more is told", async () => {
  const tried: number[] = [];
  const latest = latestOnly((value: number) => {
    tried.push(value);
    return Promise.reject(new Error("the lease is lost"));
  });

  latest.tell(1);
  await expect(latest.told()).rejects.toThrow("the lease is lost");
  latest.tell(2);
  await expect(latest.told()).rejects.toThrow("the lease is lost");

  expect(tried).toEqual([1]);
});
