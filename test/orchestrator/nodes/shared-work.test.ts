import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Desk } from "../../../orchestrator/nodes/desk";
import { OwnDesk } from "../../../orchestrator/nodes/own-desk";
import { SharedWork } from "../../../orchestrator/nodes/shared-work";
import type { Claim } from "../../../orchestrator/queue/leases";
import { nth, Opened } from "../queue/opened";
import { settled } from "../queue/played-clock";

const LEASE_MS = 30_000;
/** So long without an answer, a node gives its tasks up. */
const PATIENCE_MS = 18_000;
/** Before a node looks again who leads. */
const AGAIN_MS = 100;

describe("the work of a node that another one leads", () => {
  let opened: Opened;
  let own: OwnDesk;
  let desk: Desk | undefined;
  let work: SharedWork;
  beforeEach(async () => {
    opened = await Opened.create({ leaseMs: LEASE_MS });
    own = new OwnDesk(opened.queue, () => false);
    desk = own;
    const { clock } = opened;
    const settings = { leaseMs: LEASE_MS, graceMs: 1000 };
    work = new SharedWork({ node: "n1", concurrency: 1, clock, settings, desk: () => desk });
  });
  afterEach(async () => {
    const closed = work.close();
    await opened.clock.pass(AGAIN_MS);
    await closed;
    own.close();
    await opened.close();
  });

  async function given(): Promise<Claim> {
    await settled();
    return nth(await work.take(1), 0);
  }

  /** Nobody leads for so long that the node gives its task up; then somebody does. */
  async function waitedInVain(): Promise<void> {
    desk = undefined;
    own.close();
    await opened.clock.pass(PATIENCE_MS);
    await work.reap();
    own = new OwnDesk(opened.queue, () => false);
    desk = own;
    await opened.clock.pass(AGAIN_MS);
  }

  test("given a leader that is away for a while, a task goes on, and its end is heard", async () => {
    const { id } = await opened.submit();
    const claim = await given();
    desk = undefined;
    const ended = work.complete(claim, { ok: true });
    await opened.clock.pass(PATIENCE_MS - 1000);
    desk = own;
    await opened.clock.pass(AGAIN_MS);
    await ended;

    expect(await opened.storage.task(id)).toMatchObject({ state: "completed", attempts: 1, result: { ok: true } });
  });

  test("given no answer for too long, a task is told to stop, and nobody begins with it before it has", async () => {
    const { id } = await opened.submit();
    const claim = await given();
    const told: string[] = [];
    work.onStop(claim, (why) => told.push(why));

    await waitedInVain();

    expect(told).toEqual(["the leader has not answered for too long"]);
    expect(work.isHeld(claim)).toBe(false);
    expect(await opened.storage.task(id)).toMatchObject({ state: "running", attempts: 1 });
    expect(await work.take(1)).toEqual([]);
  });

  test("given that it has stopped, it is given out again at once, and the attempt does not count", async () => {
    const { id } = await opened.submit();
    const claim = await given();
    await waitedInVain();

    const { token } = claim;
    await expect(work.complete(claim, { ok: true })).rejects.toThrow(
      `task ${id}: the lease with token ${token} is no longer held`,
    );
    await opened.clock.pass(AGAIN_MS);

    const again = await given();
    expect(again.token).toBeGreaterThan(token);
    const { attempts, history } = (await opened.storage.task(id)) ?? {};
    expect(attempts).toBe(1);
    expect(history?.map(({ why }) => why)).toEqual(["submitted", "attempt 1", "n1 does not run it", "attempt 1"]);
  });
});
