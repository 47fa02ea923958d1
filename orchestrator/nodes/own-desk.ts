import type { Queue } from "../queue/queue";
import type { Claim } from "../queue/leases";
import type { TaskKind } from "../tasks/kinds";
import { Refusal } from "../tasks/errors";
import { type Asked, type Desk, type Ended, type Given, type Heard, type Held, NotLeading, type Said } from "./desk";

/** Milliseconds that a node waits for tasks before it asks again. */
const WAIT_MS = 5000;

/** What the leader itself does: it has the Docker Engine that they are on. */
export const isLeaders = (kind: TaskKind): boolean => kind === "test_environment";

interface Waiting {
  node: string;
  wake: () => void;
}

/** The desk of the node that leads, over its queue. */
export class OwnDesk implements Desk {
  private readonly waiting = new Set<Waiting>();
  /** Number of the last lines that each node has said. */
  private readonly last = new Map<string, number>();
  private readonly offReady: () => void;
  private closed = false;

  /** @param isOver Whether the term is over, by a clock that never jumps: somebody else may lead by now. */
  constructor(
    private readonly queue: Queue,
    private readonly isOver: () => boolean,
  ) {
    this.offReady = queue.core.onReady(() => {
      for (const { wake } of this.waiting) wake();
    });
  }

  async take({ node, held, free }: Asked, signal: AbortSignal): Promise<Given> {
    this.assertLeading();
    await this.takeBackFrom(node, held);
    const end = performance.now() + WAIT_MS;
    for (;;) {
      this.assertLeading();
      const stop = this.stops(node, held);
      const claims =
        free > 0 && !signal.aborted
          ? await this.queue.claims.take(free, { owner: node, of: (kind) => !isLeaders(kind) })
          : [];
      for (const claim of claims) this.listen(node, claim);
      const left = end - performance.now();
      if (claims.length > 0 || stop.length > 0 || left <= 0 || signal.aborted) return { claims, stop };
      await this.wait(node, left, signal);
    }
  }

  async say(said: Said): Promise<Heard> {
    this.assertLeading();
    const { claims, core } = this.queue;
    const { node, held } = said;
    const lost: Pick<Held, "id" | "token">[] = [];
    for (const one of held) {
      const claim = claimOf(one);
      if (!claims.isHeld(claim)) lost.push({ id: one.id, token: one.token });
      else {
        claims.beat(claim);
        this.listen(node, claim);
      }
    }
    const last = this.last.get(node) ?? 0;
    const logs = said.logs.filter((one) => one.n > last && claims.isHeld(claimOf(one)));
    await Promise.all(logs.map(async ({ id, lines }) => core.storage.appendLog(id, lines)));
    await Promise.all(logs.map(async ({ id }) => core.storage.flushLog(id)));
    this.last.set(node, Math.max(last, ...logs.map(({ n }) => n)));
    await Promise.all(
      said.progress.map(async (one) => unlessLost(async () => claims.progress(claimOf(one), one.progress))),
    );
    // An end whose answer was lost is said again, and is then nobody's any more.
    await Promise.all(said.ends.map(async (end) => unlessLost(async () => this.end(end))));
    return { lost, stop: this.stops(node, held) };
  }

  close(): void {
    this.closed = true;
    this.offReady();
    for (const { wake } of this.waiting) wake();
  }

  private async end(end: Ended): Promise<unknown> {
    const { claims } = this.queue;
    const claim = claimOf(end);
    if (end.how === "completed") return claims.complete(claim, end.result);
    if (end.how === "failed") return claims.fail(claim, end.error);
    return claims.handBack(claim, end.why);
  }

  /** What was given to a node that does not have it: it did not arrive, or was given up there and has stopped. */
  private async takeBackFrom(node: string, held: readonly Held[]): Promise<void> {
    const tokens = new Set(held.map(({ token }) => token));
    const missing = this.queue.claims.of(node).filter(({ token }) => !tokens.has(token));
    await Promise.all(
      missing.map(async (claim) =>
        unlessLost(async () => this.queue.claims.handBack(claim, `${node} does not run it`)),
      ),
    );
  }

  /** Those that must stop, and were not told yet. */
  private stops(node: string, held: readonly Held[]): Given["stop"] {
    const told = new Set(held.filter((one) => one.told).map(({ token }) => token));
    return this.queue.claims
      .of(node)
      .flatMap(({ task, token, stopping }) =>
        stopping === undefined || told.has(token) ? [] : [{ id: task.id, token, why: stopping }],
      );
  }

  private listen(node: string, claim: Claim): void {
    this.queue.claims.onStop(claim, () => {
      for (const one of this.waiting) if (one.node === node) one.wake();
    });
  }

  private async wait(node: string, ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.waiting.delete(waiting);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      const waiting = { node, wake };
      this.waiting.add(waiting);
      signal.addEventListener("abort", wake);
    });
  }

  private assertLeading(): void {
    if (this.closed || this.isOver()) throw new NotLeading("this node does not lead");
  }
}

/** Claims are known by id and token. */
function claimOf({ id, token }: { id: string; token: number }): Claim {
  return { task: { id } as Claim["task"], token };
}

async function unlessLost(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "lease-lost")) throw error;
  }
}
