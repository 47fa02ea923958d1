import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { newToken } from "../../../orchestrator/api/tokens";
import { RateLimit } from "../../../orchestrator/api/rate";
import type { Role } from "../../../orchestrator/api/roles";
import { systemClock } from "../../../orchestrator/queue/clock";
import { PermanentError } from "../../../orchestrator/tasks/errors";
import { endless, Served } from "./served";

describe("a service without tokens", () => {
  let served: Served;

  beforeEach(async () => {
    served = await Served.start();
  });

  afterEach(async () => {
    await served.stop();
  });

  test("runs the seed's calls: submit and wait, read one, list all, health", async () => {
    const body = {
      infra: "production",
      settings: "./settings.yaml",
      servers: ["web-01", "web-02"],
      check_mode: false,
      wait: true,
    };
    const submitted = await served.ask("POST", "/workflows/servers/create", body);
    expect(submitted.status).toBe(200);
    const id = submitted.json.data as string;
    expect(submitted.json).toEqual({ success: true, data: id, error: null });
    expect(submitted.headers.get("location")).toBe(`/tasks/${id}`);
    expect(await served.task(id)).toMatchObject({
      id,
      kind: "servers",
      operation: "create",
      status: "Completed",
      stack: "production",
      input: { infra: "production", settings: "./settings.yaml", servers: ["web-01", "web-02"] },
      attempts: 1,
      by: "local",
      result: { done: true },
      error: null,
    });
    const list = await served.ask("GET", "/tasks");
    expect(list.json).toMatchObject({ success: true, data: [{ id }], error: null, cursor: null });
    const health = await served.ask("GET", "/health");
    expect(health.json).toMatchObject({ success: true, data: { status: "healthy", reasons: [], engine: "scripted" } });
  });

  test("check_mode is a preview of the operation", async () => {
    const id = await served.submit({ operation: "destroy", check_mode: true, wait: true });
    expect(await served.task(id)).toMatchObject({ operation: "preview", input: { preview_of: "destroy" } });
  });

  test("a task that was waited for and failed is told so", async () => {
    served.script = () => Promise.reject(new PermanentError("server-unknown", "no such server"));
    const { status, json } = await served.ask("POST", "/workflows/servers/create", { infra: "kind", wait: true });
    expect(status).toBe(200);
    expect(json).toEqual({
      success: false,
      data: json.data,
      error: { code: "server-unknown", message: "no such server" },
    });
  });

  test("the same idempotency key gives the same task, and is refused for another request", async () => {
    const headers = { "idempotency-key": "k1" };
    const first = await served.submit({}, headers);
    const again = await served.ask("POST", "/workflows/cluster/create", { infra: "kind" }, headers);
    expect(again.json.data).toBe(first);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    const other = await served.ask("POST", "/workflows/cluster/create", { infra: "production" }, headers);
    expect(other.status).toBe(409);
    expect(other.json.error).toMatchObject({ code: "key-reused", path: "header.idempotency-key" });
  });

  test("what needs approval is previewed first, and runs once it is approved", async () => {
    const operations: string[] = [];
    served.script = ({ operation }) => {
      operations.push(operation);
      return Promise.resolve({});
    };
    const id = await served.submit({ require_approval: true });
    const [previewId = ""] = (await served.task(id)).depends_on;
    await served.ask("GET", `/tasks/${previewId}/events`);
    const waiting = await served.ask("GET", "/tasks?needs_approval=true");
    expect(waiting.json.data).toMatchObject([{ id, approval: { state: "waiting" } }]);
    expect((await served.ask("POST", `/tasks/${id}/approve`, { why: "read it" })).status).toBe(200);
    await served.ask("GET", `/tasks/${id}/events`);
    expect(await served.task(id)).toMatchObject({
      status: "Completed",
      approval: { state: "approved", by: "local", why: "read it" },
    });
    expect(operations).toEqual(["preview", "create"]);
  });

  test("a rejected task is cancelled", async () => {
    const id = await served.submit({ require_approval: true });
    const { json } = await served.ask("POST", `/tasks/${id}/reject`, { why: "too much" });
    expect(json.data).toMatchObject({ status: "Cancelled" });
  });

  test("cancel stops what runs; a second one is refused; retry runs it again", async () => {
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (started = resolve));
    served.script = (work, context) => {
      started();
      return endless(work, context);
    };
    const id = await served.submit();
    await running;
    expect((await served.ask("POST", `/tasks/${id}/cancel`)).status).toBe(200);
    await served.ask("GET", `/tasks/${id}/events`);
    expect((await served.task(id)).status).toBe("Cancelled");
    const again = await served.ask("POST", `/tasks/${id}/cancel`);
    expect(again.status).toBe(409);
    expect(again.json.error).toMatchObject({ code: "wrong-state", path: "path.id" });
    served.script = () => Promise.resolve("second");
    await served.ask("POST", `/tasks/${id}/retry`);
    await served.ask("GET", `/tasks/${id}/events`);
    expect(await served.task(id)).toMatchObject({ status: "Completed", result: "second" });
  });

  test("a batch is submitted whole, with dependencies by ref, or not at all", async () => {
    const tasks = [
      { workflow: "taskserv", infra: "kind", taskserv: "server", depends_on: ["db"] },
      { workflow: "taskserv", infra: "kind", taskserv: "postgres", ref: "db" },
    ];
    const { status, json } = await served.ask("POST", "/tasks/batch", { tasks });
    expect(status).toBe(202);
    const [server = "", database = ""] = json.data as string[];
    expect((await served.task(server)).depends_on).toEqual([database]);
    const circle = tasks.map((task) => ({ ...task, ref: task.taskserv, depends_on: ["server", "postgres"] }));
    const refused = await served.ask("POST", "/tasks/batch", { tasks: circle });
    expect(refused.status).toBe(422);
    expect(refused.json.error?.code).toBe("dependency-cycle");
    const unknown = await served.ask("POST", "/tasks/batch", {
      tasks: [...tasks, { workflow: "cluster", infra: "x" }],
    });
    expect(unknown.json.error).toMatchObject({ code: "stack-unknown", path: "body.tasks[2].infra" });
    expect((await served.ask("GET", "/tasks")).json.data).toHaveLength(2);
  });

  test("pages of a list follow each other by cursor, and filters hold", async () => {
    const ids = [];
    for (let at = 0; at < 5; at++)
      ids.push(await served.submit({ infra: at === 2 ? "production" : "kind", wait: true }));
    const first = await served.ask("GET", "/tasks?limit=2&first=oldest");
    const { cursor } = first.json as unknown as { cursor: string };
    const second = await served.ask("GET", `/tasks?limit=2&first=oldest&cursor=${cursor}`);
    expect([first, second].flatMap(({ json }) => (json.data as { id: string }[]).map(({ id }) => id))).toEqual(
      ids.slice(0, 4),
    );
    const some = await served.ask("GET", "/tasks?stack=production&status=Completed&status=Failed");
    expect(some.json.data).toMatchObject([{ id: ids[2] }]);
    expect((await served.ask("GET", "/tasks?cursor=x")).json.error).toMatchObject({
      code: "invalid",
      path: "query.cursor",
    });
  });

  test("events tell each transition once, and go on after the last one that was seen", async () => {
    const id = await served.submit({ wait: true });
    const { text, headers } = await served.ask("GET", `/tasks/${id}/events`);
    expect(headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(movesIn(text)).toEqual(["Pending", "Running", "Completed"]);
    const [first = ""] = /^id: \d+$/m.exec(text) ?? [];
    const rest = await served.ask("GET", `/tasks/${id}/events`, undefined, { "last-event-id": first.slice(4) });
    expect(movesIn(rest.text)).toEqual(["Running", "Completed"]);
  });

  test("all events can be watched from any event on", async () => {
    const id = await served.submit({ wait: true });
    const abort = new AbortController();
    const response = await fetch(`${served.service.url}/events`, {
      headers: { "last-event-id": "0" },
      signal: abort.signal,
    });
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes("task.completed")) break;
    }
    abort.abort();
    expect(movesIn(text)).toEqual(["Pending", "Running", "Completed"]);
    expect(text).toContain(id);
  });

  test("logs are a JSON object a line, also of a task that still runs", async () => {
    served.script = async (_work, context) => {
      await context.log([{ at: 1000, stream: "stdout", text: "one" }]);
      await context.log([{ at: 2000, stream: "stderr", text: "two" }]);
      return null;
    };
    const id = await served.submit();
    const { text } = await served.ask("GET", `/tasks/${id}/logs?follow=true`);
    expect(text).toBe(
      '{"at":"1970-01-01T00:00:01.000Z","stream":"stdout","text":"one"}\n' +
        '{"at":"1970-01-01T00:00:02.000Z","stream":"stderr","text":"two"}\n',
    );
    expect((await served.ask("GET", `/tasks/${id}/logs?after=1`)).text).toContain("two");
  });

  test("a paused stack begins nothing until it is resumed", async () => {
    await served.ask("POST", "/queue/pause", { scope: { stack: "kind" }, why: "freeze" });
    const id = await served.submit();
    const other = await served.submit({ infra: "production", wait: true });
    expect((await served.task(other)).status).toBe("Completed");
    expect((await served.task(id)).status).toBe("Pending");
    await served.ask("POST", "/queue/resume", { scope: { stack: "kind" } });
    await served.ask("GET", `/tasks/${id}/events`);
    expect((await served.task(id)).status).toBe("Completed");
    const audit = await served.ask("GET", "/audit?limit=1");
    expect(audit.json.data).toMatchObject([{ n: 1, action: "queue.paused", by: "local", why: "stack kind: freeze" }]);
    expect((await served.ask("GET", "/audit/verify")).json.data).toMatchObject({ whole: true });
  });

  test("a drained service takes nothing and begins nothing until everything is resumed", async () => {
    await served.ask("POST", "/queue/pause", { scope: { kind: "cluster" }, why: "freeze" });
    const id = await served.submit();
    const drained = await served.ask("POST", "/queue/drain", { why: "moving" });
    expect(drained.status).toBe(202);
    expect(drained.json.data).toMatchObject({ draining: true, running: 0, paused: [{ scope: { kind: "cluster" } }] });
    const refused = await served.ask("POST", "/workflows/cluster/create", { infra: "kind" });
    expect([refused.status, refused.json.error?.code, refused.headers.get("retry-after")]).toEqual([
      503,
      "draining",
      "5",
    ]);
    expect((await served.ask("GET", "/health")).json.data).toMatchObject({
      status: "unhealthy",
      reasons: ["the service is drained, until everything is resumed"],
    });
    await served.ask("POST", "/queue/resume", { scope: { kind: "cluster" } });
    expect((await served.task(id)).status).toBe("Pending");
    await served.ask("POST", "/queue/resume", { scope: { all: true } });
    await served.ask("GET", `/tasks/${id}/events`);
    expect((await served.task(id)).status).toBe("Completed");
    expect((await served.ask("GET", "/queue")).json.data).toMatchObject({ draining: false, paused: [] });
    const audit = await served.ask("GET", "/audit");
    expect((audit.json.data as { action: string }[]).map(({ action }) => action)).toEqual(
      expect.arrayContaining(["queue.paused", "queue.drained", "queue.resumed"]),
    );
  });

  test("a schedule is made, shown with its next times, paused, resumed and deleted", async () => {
    const task = { workflow: "cluster", infra: "kind", operation: "drift" };
    const body = { id: "nightly", cron: "0 3 1 1 *", timezone: "Europe/Prague", task };
    const made = await served.ask("POST", "/schedules", body);
    expect(made.status).toBe(201);
    expect(made.headers.get("location")).toBe("/schedules/nightly");
    const { next, ...shown } = made.json.data as { next: string[] };
    expect(shown).toMatchObject({
      ...body,
      overlap: "skip",
      by: "local",
      paused: null,
      last_at: null,
      last_task: null,
    });
    expect(next).toHaveLength(5);
    expect(next[0]).toMatch(/^\d{4}-01-01T02:00:00.000Z$/);
    const again = await served.ask("POST", "/schedules", body);
    expect([again.status, again.json.error]).toMatchObject([409, { code: "schedule-exists", path: "body.id" }]);
    const paused = await served.ask("POST", "/schedules/nightly/pause", { why: "freeze" });
    expect(paused.json.data).toMatchObject({ paused: { by: "local", why: "freeze" }, next: [] });
    expect((await served.ask("POST", "/schedules/nightly/resume")).json.data).toMatchObject({ paused: null, next });
    expect((await served.ask("GET", "/schedules")).json.data).toMatchObject([{ id: "nightly" }]);
    expect((await served.ask("DELETE", "/schedules/nightly")).json.data).toMatchObject({ id: "nightly" });
    expect((await served.ask("GET", "/schedules/nightly")).status).toBe(404);
  });

  test.each<[title: string, body: object, status: number, code: string, path: string]>([
    ["a cron expression that is none", { cron: "61 3 * * *" }, 400, "invalid", "body.cron"],
    ["one that never comes", { cron: "0 0 30 2 *" }, 400, "invalid", "body.cron"],
    ["a time zone that there is not", { timezone: "Mars/Olympus" }, 400, "invalid", "body.timezone"],
    ["a policy that there is not", { overlap: "queue" }, 400, "invalid", "body.overlap"],
    ["a name with blanks", { id: "a b" }, 400, "invalid", "body.id"],
    ["an unknown stack", { task: { workflow: "cluster", infra: "knd" } }, 404, "stack-unknown", "body.task.infra"],
    ["a wait", { task: { workflow: "cluster", infra: "kind", wait: true } }, 400, "invalid", "body.task.wait"],
  ])("a schedule with %s is refused", async (_title, change, status, code, path) => {
    const body = { id: "a", cron: "0 3 * * *", task: { workflow: "cluster", infra: "kind" }, ...change };
    const answer = await served.ask("POST", "/schedules", body);
    expect(answer.json).toMatchObject({ success: false, error: { code, path } });
    expect(answer.status).toBe(status);
    expect((await served.ask("GET", "/schedules")).json.data).toEqual([]);
  });

  test("what runs when the service stops goes on when it starts again", async () => {
    let started: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (started = resolve));
    served.script = (work, context) => {
      started();
      return endless(work, context);
    };
    const id = await served.submit();
    await running;
    await served.service.stop(0);
    served.script = () => Promise.resolve("after");
    await served.restart();
    await served.ask("GET", `/tasks/${id}/events`);
    expect(await served.task(id)).toMatchObject({ status: "Completed", result: "after", attempts: 1 });
  });

  test("metrics count tasks and requests", async () => {
    await served.submit({ wait: true });
    const { text } = await served.ask("GET", "/metrics");
    expect(text).toContain('noetl_orchestrator_tasks{status="Completed"} 1');
    expect(text).toContain(
      'noetl_orchestrator_transitions_total{kind="cluster",operation="create",status="Completed"} 1',
    );
    expect(text).toContain("# TYPE noetl_orchestrator_http_request_seconds histogram");
  });

  test("the docs page loads nothing from elsewhere", async () => {
    const { text, headers } = await served.ask("GET", "/docs");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(text).toContain("POST /workflows/servers/create");
    expect(text).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});

describe("a service with tokens", () => {
  let served: Served;
  const made = (["viewer", "operator", "approver", "admin"] as const).map((role) => newToken(`the-${role}`, role));

  beforeEach(async () => {
    served = await Served.start();
    await served.service.stop(0);
    const file = join(served.folder, "tokens.yaml");
    writeFileSync(file, JSON.stringify({ tokens: made.map(({ entry }) => entry) }));
    await served.restart({ tokens: file });
  });

  afterEach(async () => {
    await served.stop();
  });

  function as(role: Role): Record<string, string> {
    const token = made.find(({ entry }) => entry.role === role)?.token ?? "";
    return { authorization: `Bearer ${token}` };
  }

  test("nobody without a token, and no token that is not known", async () => {
    for (const authorization of [
      undefined,
      "Bearer",
      "Basic eDp5",
      "Bearer noetl_canary",
      `Bearer noetl_${"a".repeat(43)}`,
    ]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const answer = await served.ask("POST", "/workflows/cluster/create", "{", headers);
      expect(answer.status).toBe(401);
      expect(answer.json.error).toMatchObject({ code: "unauthorized", path: "header.authorization" });
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      expect(answer.text).not.toContain("canary");
    }
  });

  test.each<[Role, number, number, number]>([
    ["viewer", 403, 403, 403],
    ["operator", 202, 403, 403],
    ["approver", 403, 404, 403],
    ["admin", 202, 404, 200],
  ])("%s: submit %i, approve %i, pause %i", async (role, submit, approve, pause) => {
    expect((await served.ask("GET", "/tasks", undefined, as(role))).status).toBe(200);
    expect((await served.ask("POST", "/workflows/cluster/create", { infra: "kind" }, as(role))).status).toBe(submit);
    expect((await served.ask("POST", "/tasks/x/approve", undefined, as(role))).status).toBe(approve);
    expect((await served.ask("POST", "/queue/pause", { scope: { all: true } }, as(role))).status).toBe(pause);
  });

  test("nobody approves what they have submitted", async () => {
    const id = await served.submit({ require_approval: true }, as("admin"));
    const own = await served.ask("POST", `/tasks/${id}/approve`, undefined, as("admin"));
    expect(own.status).toBe(403);
    expect(own.json.error).toMatchObject({ code: "own-task" });
    expect((await served.ask("POST", `/tasks/${id}/approve`, undefined, as("approver"))).status).toBe(200);
    await served.ask("GET", `/tasks/${id}/events`, undefined, as("viewer"));
    expect((await served.task(id, as("viewer"))).approval).toMatchObject({ by: "the-approver" });
  });

  test("nobody approves what their own schedule has submitted", async () => {
    const task = { workflow: "cluster", infra: "kind", require_approval: true };
    await served.ask("POST", "/schedules", { id: "each-second", cron: "* * * * * *", task }, as("admin"));
    const events = await fetch(`${served.service.url}/events`, { headers: { "last-event-id": "0", ...as("viewer") } });
    let text = "";
    for await (const chunk of events.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes('"to":"Completed"')) break;
    }
    const { json } = await served.ask("GET", "/tasks?needs_approval=true", undefined, as("viewer"));
    const [{ id, by } = { id: "", by: "" }] = json.data as { id: string; by: string }[];
    expect(by).toBe("schedule each-second of the-admin");
    const own = await served.ask("POST", `/tasks/${id}/approve`, undefined, as("admin"));
    expect([own.status, own.json.error]).toMatchObject([403, { code: "own-task", path: "path.id" }]);
    expect((await served.ask("POST", `/tasks/${id}/approve`, undefined, as("approver"))).status).toBe(200);
  });

  test("no token is in the log", async () => {
    await served.submit({ wait: true }, as("operator"));
    await served.service.stop(0);
    const text = JSON.stringify(served.log);
    expect(text).toContain("the-operator");
    for (const { token } of made) expect(text).not.toContain(token);
  });
});

test("without tokens nothing but loopback is listened to", async () => {
  await expect(Served.start({ host: "0.0.0.0" })).rejects.toThrow("without tokens, only this machine may connect");
});

test("a clock that jumps changes no order, and holds nothing up", async () => {
  let jump = 0;
  const jumping = await Served.start({ clock: { ...systemClock, now: () => Date.now() + jump } });
  try {
    const ids: string[] = [];
    for (const hours of [0, 24, -24]) {
      jump = hours * 3_600_000;
      ids.push(await jumping.submit({ wait: true }));
    }
    const { json } = await jumping.ask("GET", "/tasks");
    const listed = json.data as { id: string; status: string }[];
    expect(listed.map(({ id, status }) => [id, status])).toEqual(ids.reverse().map((id) => [id, "Completed"]));
  } finally {
    await jumping.stop();
  }
});

test("a rate is kept for each person, with a burst of two seconds", () => {
  let now = 0;
  const limit = new RateLimit(1, () => now);
  limit.take("ann");
  limit.take("ann");
  expect(() => {
    limit.take("ann");
  }).toThrow("more than 1 requests a second");
  limit.take("bob");
  now = 1000;
  limit.take("ann");
});

/** What tasks moved to, in a stream of events. */
function movesIn(text: string): string[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => (JSON.parse(data) as { to: string }).to);
}
