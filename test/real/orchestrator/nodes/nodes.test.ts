import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { TaskView } from "../../../../orchestrator/api/task-view";
import { waitFor } from "../../support/wait";
import { surrealImpossible, SurrealServerProcess } from "../surreal-server";
import { type Answer, NodeGroup, type NodeProcess } from "./node-process";

const impossible = surrealImpossible();
const TERM_MS = 2500;
const LEASE_MS = 5000;

(impossible === undefined ? describe : describe.skip)(
  `orchestrators on one SurrealDB server${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    let server: SurrealServerProcess;
    let group: NodeGroup;
    beforeAll(async () => {
      server = await SurrealServerProcess.start();
    });
    afterAll(async () => {
      await server.stop();
    });
    afterEach(async () => {
      await group.stop();
    });

    async function started(
      count: number,
      of: { stacks: number; concurrency: number; leaseMs?: number },
    ): Promise<readonly NodeProcess[]> {
      group = await NodeGroup.make(server, count, { termMs: TERM_MS, leaseMs: LEASE_MS, ...of });
      for (const node of group.nodes) await node.start();
      return group.nodes;
    }

    async function leaderAmong(nodes: readonly NodeProcess[]): Promise<NodeProcess> {
      return waitFor("a leader", async () => {
        for (const node of nodes) if (node.isRunning && (await node.role()) === "leader") return node;
        return undefined;
      });
    }

    async function submitted(node: NodeProcess, stack: string): Promise<string> {
      return (await answered(node, "POST", "/workflows/cluster/create", { infra: stack })).data as string;
    }

    /** What a node says of all, once it knows so many: each is heard of a look after it has come. */
    async function clusterOf(node: NodeProcess, count: number): Promise<unknown> {
      return waitFor(`${count} nodes`, async () => {
        const { data } = await node.ask("GET", "/health");
        const cluster = (data as { cluster: { nodes: unknown[] } } | null)?.cluster;
        return cluster?.nodes.length === count ? cluster : undefined;
      });
    }

    const taskOf = async (node: NodeProcess, id: string) =>
      (await answered(node, "GET", `/tasks/${id}`)).data as TaskView;

    test("given a follower, it answers as the leader does: submission, cancel, events, log", async () => {
      const nodes = await started(2, { stacks: 1, concurrency: 2 });
      const leader = await leaderAmong(nodes);
      const follower = nodes.find((node) => node !== leader) ?? leader;
      await waitFor("the leader", async () => (await follower.ask("GET", "/health")).status === 200 || undefined);

      const id = await submitted(follower, "endless");
      const events = fetch(`${follower.url}/tasks/${id}/events`).then(async (response) => response.text());
      await waitFor("the task", async () => (await taskOf(leader, id)).status === "Running" || undefined);
      await answered(follower, "POST", `/tasks/${id}/cancel`);

      expect(await events).toMatch(/"to":"Running"[^]*"to":"Cancelled"/);
      expect(await taskOf(follower, id)).toMatchObject({ status: "Cancelled" });
      expect(await (await fetch(`${follower.url}/tasks/${id}/logs`)).text()).toMatch(/"text":"by \d+"/);
      expect(await clusterOf(follower, 2)).toMatchObject({
        role: "leader",
        nodes: [{ concurrency: 2 }, { concurrency: 2 }],
      });
      expect(
        group
          .record()
          .get("endless")
          ?.map(({ what }) => what),
      ).toEqual(["begin", "end"]);
    });

    test("given a leader that is killed, a follower leads, and what it ran itself goes on", async () => {
      // Long enough that the follower does not give its task up before another leads.
      const nodes = await started(2, { stacks: 1, concurrency: 1, leaseMs: 6 * TERM_MS });
      const leader = await leaderAmong(nodes);
      const follower = nodes.find((node) => node !== leader) ?? leader;
      // The one place of each is taken: one of the two runs on the follower.
      const stacks = ["endless", "endless-too"];
      const ids = await Promise.all(stacks.map(async (stack) => submitted(leader, stack)));
      const both = async (node: NodeProcess) => Promise.all(ids.map(async (id) => taskOf(node, id)));
      // A task is given before it arrives: what has not arrived when the leader is killed is given back.
      await waitFor("both", () => stacks.every((stack) => group.record().has(stack)) || undefined);

      await leader.end("SIGKILL");
      const next = await leaderAmong([follower]);

      const { went, waits } = await waitFor("the end of the lease of the other", async () => {
        const tasks = await both(next);
        const [goesOn, pending] = ["Running", "Pending"].map((status) => tasks.find((task) => task.status === status));
        return goesOn && pending ? { went: goesOn, waits: pending } : undefined;
      });
      expect([went.attempts, waits.attempts]).toEqual([1, 1]);
      await answered(next, "POST", `/tasks/${went.id}/cancel`);
      await waitFor("its end", async () => (await taskOf(next, went.id)).status === "Cancelled" || undefined);
      await waitFor("the other", async () => (await taskOf(next, waits.id)).attempts === 2 || undefined);
    });

    test("given no leader, says so and when to come back; a leader that stops is followed at once", async () => {
      const nodes = await started(2, { stacks: 1, concurrency: 1 });
      const leader = await leaderAmong(nodes);
      const follower = nodes.find((node) => node !== leader) ?? leader;
      follower.toDatabase.cut();
      await leader.end("SIGKILL");

      const { status, headers, error } = await follower.ask("GET", "/health");

      expect([status, error?.code, headers.get("retry-after")]).toEqual([503, "no-leader", "1"]);
      follower.toDatabase.mend();
      await leaderAmong([follower]);
      await leader.start();
      await clusterOf(follower, 2);
      await follower.end("SIGTERM");
      await leaderAmong([leader]);
    });

    test("three nodes, 5000 tasks, nodes killed and networks cut at random: none is lost, none is completed twice, no two write on a stack", async () => {
      const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
      process.stdout.write(`SEED=${seed}\n`);
      const random = seeded(seed);
      const nodes = await started(3, { stacks: 60, concurrency: 25 });
      await leaderAmong(nodes);
      const ids: string[] = [];
      const submitting = (async () => {
        for (let at = 0; at < 50; at++) {
          const tasks = Array.from({ length: 100 }, (_, of) => ({
            workflow: "cluster",
            infra: `s${(at * 100 + of) % 60}`,
          }));
          ids.push(...(await insisted(nodes, at, { tasks })));
        }
      })();
      for (let event = 0; event < 24; event++) {
        await delay(300 + random() * 700);
        const node = nodes[Math.floor(random() * nodes.length)];
        if (!node) throw new Error("there are three");
        const ms = 100 + random() * 2500;
        const what = random();
        if (what < 0.34) {
          await node.end("SIGKILL");
          await delay(ms / 4);
          await node.start();
        } else {
          const way = what < 0.67 ? node.toDatabase : node.toNode;
          way.cut();
          await delay(ms);
          way.mend();
        }
      }
      await submitting;
      const counts = await waitFor("all to end", async () => {
        const { data } = await (nodes[0]?.ask("GET", "/health") ?? Promise.reject(new Error("none"))).catch(() => ({
          data: undefined,
        }));
        const tasks = (data as { tasks?: Record<string, number> } | undefined)?.tasks;
        return tasks?.Pending === 0 && tasks.Running === 0 ? tasks : undefined;
      });

      expect(counts).toEqual({ Pending: 0, Running: 0, Completed: 5000, Failed: 0, Cancelled: 0 });
      expect(new Set(ids).size).toBe(5000);
      const leader = await leaderAmong(nodes);
      const twice: string[] = [];
      for (let at = 0; at < ids.length; at += 250) {
        const tasks = await Promise.all(ids.slice(at, at + 250).map(async (id) => taskOf(leader, id)));
        for (const { id, history } of tasks)
          if (history.filter(({ to }) => to === "Completed").length !== 1) twice.push(id);
      }
      expect(twice).toEqual([]);
      expect((await answered(leader, "GET", "/audit/verify")).data).toMatchObject({ whole: true });
      expect(overlaps()).toEqual([]);
    });

    /** Those that began with a stack while another was at it. One that was killed has no end: its last sign is its begin. */
    function overlaps(): string[] {
      const found: string[] = [];
      for (const [stack, entries] of group.record()) {
        const spans = new Map<number, { from: bigint; to: bigint }>();
        for (const { what, token, at } of entries) {
          if (what === "begin") spans.set(token, { from: at, to: at });
          else spans.set(token, { from: spans.get(token)?.from ?? at, to: at });
        }
        const order = [...spans].sort(([, a], [, b]) => (a.from < b.from ? -1 : 1));
        order.forEach(([token, { to }], at) => {
          const next = order[at + 1];
          if (next && next[1].from < to) found.push(`${stack}: ${next[0]} began before ${token} ended`);
          if (next && next[0] <= token) found.push(`${stack}: ${next[0]} came after ${token}`);
        });
      }
      return found;
    }
  },
);

/** Submits until it is answered: the same key gives the same tasks. */
async function insisted(nodes: readonly NodeProcess[], at: number, body: unknown): Promise<string[]> {
  for (let attempt = at; ; attempt++) {
    const node = nodes[attempt % nodes.length];
    try {
      const answer = await node?.ask("POST", "/tasks/batch", body, { "idempotency-key": `batch-${at}` });
      if (answer?.status === 202) return answer.data as string[];
      if (answer && answer.status < 500) throw new Error(`refused: ${JSON.stringify(answer)}`);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("refused")) throw error;
    }
    await delay(100);
  }
}

/** Asks again while another node is about to lead. */
async function answered(node: NodeProcess, method: string, path: string, body?: unknown): Promise<Answer> {
  return waitFor("an answer", async () => {
    const answer = await node.ask(method, path, body).catch(() => undefined);
    return answer && answer.status < 500 ? answer : undefined;
  });
}

async function delay(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Numbers from 0 to below 1: the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
