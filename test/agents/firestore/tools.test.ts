import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { overHttp, type Connected } from "./connections";
import { Emulator } from "./emulator";

const PROJECT = "tools";
let emulator: Emulator;
let agent: Connected;

beforeAll(async () => {
  emulator = await Emulator.start();
  agent = await overHttp(emulator, PROJECT);
});

afterAll(async () => {
  await agent.close();
  await emulator.stop();
});

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);

/** What a tool answers; the text is the same as the structured content. */
async function call(tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const result = await agent.client.callTool({ name: tool, arguments: args });
  const [content] = result.content as { type: string; text: string }[];
  expect(JSON.parse(content?.text ?? "")).toEqual(result.structuredContent);
  const answer = result.structuredContent as Record<string, unknown>;
  expect(result.isError ?? false).toBe(answer.ok === false);
  expect(result._meta).toEqual({ backend: "firestore", tool, status_code: answer.status_code ?? 200 });
  return answer;
}

/** The error that a call ends with, and its status. */
async function refusal(tool: string, args: Record<string, unknown>): Promise<string> {
  const { ok, status, error, status_code, ...rest } = await call(tool, args);
  expect({ ok, status, rest }).toEqual({ ok: false, status: "error", rest: {} });
  return `${String(status_code)} ${String(error)}`;
}

async function found(args: Record<string, unknown>): Promise<string[]> {
  const { documents } = await call("query_collection", args);
  return (documents as { path: string }[]).map(({ path }) => path.replace(/^.*\//, ""));
}

test("tells its nine tools, each with a schema of its arguments", async () => {
  const { tools } = await agent.client.listTools();
  expect(tools.map((tool) => [tool.name, tool.inputSchema.required])).toEqual([
    ["set_doc", ["path", "data"]],
    ["batch_set_docs", ["items"]],
    ["get_doc", ["path"]],
    ["batch_get_docs", ["items"]],
    ["delete_doc", ["path"]],
    ["query_collection", ["collection_path"]],
    ["append_event", ["thread_path", "event"]],
    ["batch_append_events", ["items"]],
    ["replay_events", ["thread_path"]],
  ]);
  const query = tools.find((tool) => tool.name === "query_collection");
  expect(query?.inputSchema.properties).toMatchObject({
    limit: { type: "integer", minimum: 1, maximum: 500, default: 50 },
  });
  expect(query?.annotations).toEqual({
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  });
});

test("set_doc replaces a document, or with merge its top-level fields, and get_doc reads it", async () => {
  expect(await call("set_doc", { path: "/docs/a/", data: { kept: { x: 1 }, map: { old: 1 } } })).toEqual({
    ok: true,
    path: "docs/a",
    updateTime: TIME,
  });
  await call("set_doc", { path: "docs/a", data: { map: { new: [true, null, 1.5, "ä"] } }, merge: true });
  const answer = await call("get_doc", { path: "docs/a" });
  expect(answer).toEqual({
    ok: true,
    found: true,
    path: "docs/a",
    document: {
      path: "docs/a",
      createTime: TIME,
      updateTime: TIME,
      data: { kept: { x: 1 }, map: { new: [true, null, 1.5, "ä"] } },
    },
  });
  await call("set_doc", { path: "docs/a", data: {}, merge: true });
  expect(await call("get_doc", { path: "docs/a" })).toMatchObject({ document: { data: { kept: { x: 1 } } } });
  await call("set_doc", { path: "docs/a", data: {} });
  expect(await call("get_doc", { path: "docs/a" })).toMatchObject({ document: { data: {} } });
});

test("get_doc and delete_doc of what is not there are no errors", async () => {
  const path = "docs/none";
  expect(await call("get_doc", { path })).toEqual({ ok: true, found: false, path, document: null });
  expect(await call("delete_doc", { path })).toEqual({ ok: true, path, deleted: false, not_found: true });
});

test("delete_doc leaves what is below", async () => {
  await call("set_doc", { path: "docs/parent", data: {} });
  await call("set_doc", { path: "docs/parent/below/child", data: { x: 1 } });
  expect(await call("delete_doc", { path: "docs/parent" })).toMatchObject({ deleted: true, not_found: false });
  expect(await call("get_doc", { path: "docs/parent" })).toMatchObject({ found: false });
  expect(await call("get_doc", { path: "docs/parent/below/child" })).toMatchObject({ found: true });
});

test("batch_set_docs writes what it can, in the order of the items, and tells the rest with 207", async () => {
  const answer = await call("batch_set_docs", {
    items: [
      { path: "batch/a", doc: { x: 1 } },
      { path: "batch", doc: {} },
      { path: "batch/a", data: { x: 2 } },
      { path: "batch/b", doc: { x: 1 }, data: { x: 1 } },
      "batch/c",
    ],
  });
  expect(answer).toEqual({
    ok: false,
    status: "error",
    status_code: 207,
    error: "3 of 5 items failed; errors has each",
    count: 5,
    succeeded: 2,
    failed: 3,
    results: [
      { index: 0, path: "batch/a", updateTime: TIME },
      { index: 2, path: "batch/a", updateTime: TIME },
    ],
    errors: [
      {
        index: 1,
        status_code: 400,
        error: "path: must point to a document: an even number of segments, such as trips/t1",
      },
      { index: 3, status_code: 400, error: "must have either doc or data" },
      { index: 4, status_code: 400, error: "Invalid input: expected object, received string" },
    ],
  });
  expect(await call("get_doc", { path: "batch/a" })).toMatchObject({ document: { data: { x: 2 } } });
  expect(await call("batch_set_docs", { items: [{ path: "batch/a", doc: {} }] })).toMatchObject({
    ok: true,
    count: 1,
    succeeded: 1,
    failed: 0,
    errors: [],
  });
});

test("batch_set_docs tells what Firestore refuses, item by item", async () => {
  emulator.failNext(7);
  expect(await call("batch_set_docs", { items: [{ path: "batch/a", doc: {} }] })).toMatchObject({
    status_code: 207,
    errors: [{ index: 0, status_code: 403, error: "7 PERMISSION_DENIED: as the test wants it" }],
  });
});

test("batch_get_docs reads by path or object, also what is not there", async () => {
  await call("set_doc", { path: "got/a", data: { x: 1 } });
  const document = { path: "got/a", createTime: TIME, updateTime: TIME, data: { x: 1 } };
  const results = [
    { index: 0, found: true, path: "got/a", document },
    { index: 1, found: false, path: "got/none", document: null },
  ];
  expect(await call("batch_get_docs", { items: ["got/a", { path: "got/none" }] })).toEqual({
    ok: true,
    count: 2,
    succeeded: 2,
    failed: 0,
    results,
    errors: [],
    by_path: { "got/a": results[0], "got/none": results[1] },
  });
  expect(await call("batch_get_docs", { items: ["got/a", "a//b"] })).toMatchObject({
    status_code: 207,
    succeeded: 1,
    errors: [{ index: 1, status_code: 400, error: "must not have empty segments" }],
  });
});

describe("query_collection", () => {
  beforeAll(async () => {
    const items = [1, 2, 3, 4, 5].map((n) => ({
      path: `cities/c${n}`,
      doc: { n, even: n % 2 === 0, tags: [`t${n}`, "all"] },
    }));
    await call("batch_set_docs", { items });
  });

  test.each<[string, unknown, string[]]>([
    ["==", 3, ["c3"]],
    ["=", 3, ["c3"]],
    ["!=", 3, ["c1", "c2", "c4", "c5"]],
    ["<", 3, ["c1", "c2"]],
    ["<=", 3, ["c1", "c2", "c3"]],
    [">", 3, ["c4", "c5"]],
    [">=", 3, ["c3", "c4", "c5"]],
    ["in", [5, 1, 9], ["c1", "c5"]],
  ])("n %s %j", async (op, value, wanted) => {
    expect(await found({ collection_path: "cities", where: [{ field: "n", op, value }] })).toEqual(wanted);
  });

  test("array-contains", async () => {
    const contains = (value: string) => ({ field: "tags", op: "array-contains", value });
    expect(await found({ collection_path: "cities", where: [contains("t2")] })).toEqual(["c2"]);
    expect(await found({ collection_path: "cities", where: [contains("none")] })).toEqual([]);
  });

  test("all filters hold, == by default", async () => {
    const where = [
      { field: "even", value: true },
      { field: "n", op: ">", value: 2 },
    ];
    expect(await found({ collection_path: "cities", where })).toEqual(["c4"]);
  });

  test("orders either way, and answers at most as many as asked for", async () => {
    const by = (direction: string) => ({ collection_path: "cities", order_by: { field: "n", direction }, limit: 2 });
    expect(await found(by("asc"))).toEqual(["c1", "c2"]);
    expect(await found(by("DESCENDING"))).toEqual(["c5", "c4"]);
  });

  test("given no limit, answers 50", async () => {
    const items = Array.from({ length: 60 }, (_, n) => ({ path: `many/m${n}`, doc: { n } }));
    await call("batch_set_docs", { items });
    expect(await call("query_collection", { collection_path: "many" })).toMatchObject({ count: 50 });
    expect(await call("query_collection", { collection_path: "many", limit: 500 })).toMatchObject({ count: 60 });
  });
});

test("append_event, batch_append_events and replay_events keep a log in order", async () => {
  const thread_path = "threads/t1";
  expect(await call("append_event", { thread_path, event: { type: "first" } })).toMatchObject({
    ok: true,
    seq: 1,
    path: "threads/t1/events/0000000000000001",
  });
  const answer = await call("batch_append_events", {
    items: [
      { thread_path, event: { type: "second", payload: { x: 1 }, parent_seq: 1 } },
      { thread_path: "threads", event: { type: "lost" } },
      { thread_path: "threads/t2", event: { type: "elsewhere" } },
      { thread_path, event: {} },
    ],
  });
  expect(answer).toMatchObject({
    status_code: 207,
    count: 4,
    results: [
      { index: 0, thread_path, seq: 2 },
      { index: 2, thread_path: "threads/t2", seq: 1 },
      { index: 3, thread_path, seq: 3 },
    ],
    errors: [{ index: 1, status_code: 400 }],
  });
  expect(await call("replay_events", { thread_path, seq_from: 2 })).toEqual({
    ok: true,
    thread_path,
    count: 2,
    next_seq: null,
    events: [
      {
        path: "threads/t1/events/0000000000000002",
        seq: 2,
        type: "second",
        payload: { x: 1 },
        thread_path,
        parent_seq: 1,
        append_id: expect.any(String),
        server_time: TIME,
      },
      expect.objectContaining({ seq: 3, type: "event", payload: {} }),
    ],
  });
  const range = { seq_from: 1, seq_to: 2, limit: 1, type_filter: ["second", "first"] };
  expect(await call("replay_events", { thread_path, ...range })).toMatchObject({ count: 1, next_seq: 2 });
});

test("secrets in events reach neither database, answer nor log", async () => {
  const thread_path = "threads/secret";
  const CANARY = "c4n4ry";
  const payload = {
    headers: { Authorization: `Bearer ${CANARY}`, "X-API-Key": CANARY, accept: "json" },
    nested: [{ password: CANARY, db_passwd: CANARY }, { credentials: { user: CANARY, list: [CANARY] } }],
    token: { deep: CANARY },
    total_tokens: 812,
    tokens: { prompt: 5, text: CANARY },
  };
  const answer = await call("append_event", { thread_path, event: { type: "http", payload } });
  const replayed = await call("replay_events", { thread_path });
  const redacted = {
    headers: { Authorization: "<REDACTED>", "X-API-Key": "<REDACTED>", accept: "json" },
    nested: [
      { password: "<REDACTED>", db_passwd: "<REDACTED>" },
      { credentials: { user: "<REDACTED>", list: ["<REDACTED>"] } },
    ],
    token: "<REDACTED>",
    total_tokens: 812,
    tokens: { prompt: 5, text: "<REDACTED>" },
  };
  expect(answer).toMatchObject({ event: { payload: redacted } });
  expect(replayed).toMatchObject({ events: [{ payload: redacted }] });
  await call("set_doc", { path: "docs/canary", data: { text: CANARY } });
  await call("set_doc", { path: `docs/${CANARY}/odd`, data: {} });
  const stored = await emulator.client(PROJECT).collection("threads/secret/events").get();
  expect(
    JSON.stringify(
      stored.docs.map((doc) => doc.data()),
      (_, v: unknown) => (typeof v === "bigint" ? Number(v) : v),
    ),
  ).not.toContain(CANARY);
  expect(agent.log()).toContain('"message":"tool call","tool":"set_doc","status_code":400');
  expect(agent.log()).not.toContain(CANARY);
});

test.each<[string, Record<string, unknown>, string]>([
  [
    "set_doc",
    {},
    "path: Invalid input: expected string, received undefined; data: Invalid input: expected record, received undefined",
  ],
  ["set_doc", { path: "a/b", data: [] }, "data: Invalid input: expected record, received array"],
  ["set_doc", { path: "a/b", data: {}, mrege: true }, 'Unrecognized key: "mrege"'],
  ["get_doc", { path: "a" }, "path: must point to a document: an even number of segments, such as trips/t1"],
  ["get_doc", { path: "" }, "path: must not have empty segments"],
  ["get_doc", { path: "a/../b/c" }, "path: must not have '.' or '..' as a segment"],
  ["get_doc", { path: "a/__x__" }, "path: must not have segments like __this__"],
  ["get_doc", { path: `a/${"ä".repeat(751)}` }, "path: must not have segments over 1500 bytes"],
  ["batch_get_docs", { items: [] }, "items: Too small: expected array to have >=1 items"],
  [
    "batch_get_docs",
    { items: Array.from({ length: 501 }, () => "a/b") },
    "items: Too big: expected array to have <=500 items",
  ],
  [
    "batch_append_events",
    { items: Array.from({ length: 101 }, () => ({})) },
    "items: Too big: expected array to have <=100 items",
  ],
  [
    "query_collection",
    { collection_path: "a/b" },
    "collection_path: must point to a collection: an odd number of segments, such as trips or trips/t1/stops",
  ],
  ["query_collection", { collection_path: "a", limit: 501 }, "limit: Too big: expected number to be <=500"],
  ["query_collection", { collection_path: "a", limit: 0 }, "limit: Too small: expected number to be >=1"],
  [
    "query_collection",
    {
      collection_path: "a",
      where: [
        { field: "x", value: 1 },
        { field: "x", op: "like", value: 1 },
      ],
    },
    'where[1].op: Invalid option: expected one of "=="|"="|"!="|"<"|"<="|">"|">="|"in"|"array-contains"',
  ],
  [
    "query_collection",
    { collection_path: "a", where: [{ field: "x" }] },
    "where[0].value: Invalid input: expected nonoptional, received undefined",
  ],
  [
    "query_collection",
    { collection_path: "a", where: [{ field: "x", op: "in", value: 1 }] },
    "where[0].value: must be a list of 1 to 30 values, because op is in",
  ],
  [
    "query_collection",
    { collection_path: "a", where: [{ field: "x", op: "in", value: [] }] },
    "where[0].value: must be a list of 1 to 30 values, because op is in",
  ],
  [
    "append_event",
    { thread_path: "t/a", event: { type: "", data: 1 } },
    'event.type: Too small: expected string to have >=1 characters; event: Unrecognized key: "data"',
  ],
  [
    "append_event",
    { thread_path: "t", event: {} },
    "thread_path: must point to a document: an even number of segments, such as trips/t1",
  ],
  [
    "replay_events",
    { thread_path: "t/a", seq_from: -1, limit: 501 },
    "seq_from: Too small: expected number to be >=0; limit: Too big: expected number to be <=500",
  ],
  [
    "no_such",
    {},
    "there is no tool 'no_such'; there are set_doc, batch_set_docs, get_doc, batch_get_docs, delete_doc, query_collection, append_event, batch_append_events, replay_events",
  ],
])("%# %s refuses wrong arguments", async (tool, args, message) => {
  expect(await refusal(tool, args)).toBe(`400 ${message}`);
});

test("what Firestore refuses is told in its words", async () => {
  emulator.failNext(9);
  expect(await refusal("set_doc", { path: "a/b", data: {} })).toBe("400 9 FAILED_PRECONDITION: as the test wants it");
  expect(await refusal("query_collection", { collection_path: "a", where: [{ field: "a..b", value: 1 }] })).toMatch(
    /^400 Value for argument "fieldPath" is not a valid field path/,
  );
});
