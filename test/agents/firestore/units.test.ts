import { Firestore, GeoPoint, Timestamp, FieldValue } from "@google-cloud/firestore";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readSettings, WrongSettings } from "../../../agents/firestore/environment";
import { Failure, failureOf } from "../../../agents/firestore/failure";
import { isLoopback } from "../../../agents/firestore/http";
import { KeyedQueue } from "../../../agents/firestore/keyed-queue";
import { logTo, traceOf } from "../../../agents/firestore/log";
import { redact, REDACTED } from "../../../agents/firestore/redact";
import { Agent } from "../../../agents/firestore/server";
import { isBearer, readToken } from "../../../agents/firestore/token";
import { plain } from "../../../agents/firestore/values";

describe("settings", () => {
  test("given a project alone, listens on this machine only", () => {
    expect(readSettings({ GOOGLE_CLOUD_PROJECT: "p", OTHER: "x" })).toEqual({
      project: "p",
      database: "(default)",
      emulator: undefined,
      http: { host: "127.0.0.1", port: 8780, token: undefined },
      logLevel: "INFO",
    });
  });

  test("given everything, takes it", () => {
    expect(
      readSettings({
        GOOGLE_CLOUD_PROJECT: "p",
        FIRESTORE_DATABASE: "noetl",
        FIRESTORE_EMULATOR_HOST: "localhost:8080",
        MCP_HOST: "0.0.0.0",
        MCP_PORT: "65535",
        MCP_TOKEN_FILE: "/token",
        LOG_LEVEL: "ERROR",
      }),
    ).toEqual({
      project: "p",
      database: "noetl",
      emulator: "localhost:8080",
      http: { host: "0.0.0.0", port: 65535, token: { file: "/token" } },
      logLevel: "ERROR",
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ["nothing", {}, "GOOGLE_CLOUD_PROJECT is missing"],
    [
      "much that is wrong",
      { MCP_PORT: "x", LOG_LEVEL: "loud", FIRESTORE_EMULATOR_HOST: "http://x", MCP_TOKEN: "" },
      [
        "GOOGLE_CLOUD_PROJECT is missing",
        "FIRESTORE_EMULATOR_HOST must be HOST:PORT",
        "MCP_PORT must be a port",
        "MCP_TOKEN must not be empty",
        "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR",
      ].join("\n"),
    ],
    [
      "an open address without a token",
      { GOOGLE_CLOUD_PROJECT: "p", MCP_HOST: "0.0.0.0" },
      "MCP_HOST without MCP_TOKEN_FILE or MCP_TOKEN must be a loopback address, not 0.0.0.0",
    ],
    [
      "two tokens",
      { GOOGLE_CLOUD_PROJECT: "p", MCP_TOKEN: "c4n4ry", MCP_TOKEN_FILE: "/token" },
      "MCP_TOKEN is given by MCP_TOKEN_FILE already",
    ],
  ])("given %s, says what to mend", (_, variables, message) => {
    expect(() => readSettings(variables)).toThrow(new WrongSettings(message));
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.8.8.8", true],
  ["localhost", true],
  ["::1", true],
  ["127.0.0.1.example.com", false],
  ["0.0.0.0", false],
  ["::", false],
  ["", false],
])("host '%s' is reached from this machine only: %s", (host, wanted) => {
  expect(isLoopback(host)).toBe(wanted);
});

describe("token", () => {
  test("only the token itself is taken", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\S{1,40}$/), fc.stringMatching(/^\S{1,40}$/), (token, other) => {
        expect(isBearer(`Bearer ${token}`, token)).toBe(true);
        expect(isBearer(`Bearer ${other}`, token)).toBe(other === token);
        expect(isBearer(token, token)).toBe(false);
      }),
    );
  });

  test("an empty one is never taken", async () => {
    await expect(readToken({ value: "" })).rejects.toThrow("the token is empty");
    expect(isBearer(undefined, "x")).toBe(false);
  });
});

test("values of Firestore become JSON without loss", () => {
  const db = new Firestore({ projectId: "p" });
  expect(
    plain({
      small: 5n,
      large: 2n ** 60n,
      largest: BigInt(Number.MAX_SAFE_INTEGER),
      nan: NaN,
      infinite: -Infinity,
      time: new Timestamp(1_700_000_000, 123_456_000),
      bytes: Buffer.from("hello"),
      place: new GeoPoint(1.5, -2),
      reference: db.doc("a/b"),
      vector: FieldValue.vector([1, 2]),
      list: [null, { deep: 1n }],
      flag: false,
    }),
  ).toEqual({
    small: 5,
    large: "1152921504606846976",
    largest: Number.MAX_SAFE_INTEGER,
    nan: "NaN",
    infinite: "-Infinity",
    time: "2023-11-14T22:13:20.123456Z",
    bytes: "aGVsbG8=",
    place: { latitude: 1.5, longitude: -2 },
    reference: "a/b",
    vector: [1, 2],
    list: [null, { deep: 1 }],
    flag: false,
  });
});

describe("redaction", () => {
  const keys = fc.constantFrom(
    "Authorization",
    "api_key",
    "x-API-key",
    "dbPassword",
    "refreshToken",
    "clientSecret",
    "privateKey",
  );

  test("no text below a sensitive key stays, wherever it is", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 3 }),
        keys,
        fc.array(fc.constantFrom("a", "0"), { maxLength: 4 }),
        (json, key, way) => {
          const secret = { [key]: ["c4n4ry", { deeper: "c4n4ry" }] };
          const value = way.reduce<unknown>(
            (inner, step) => (step === "0" ? [json, inner] : { [step]: inner, json }),
            secret,
          );
          expect(JSON.stringify(redact(value))).not.toContain("c4n4ry");
        },
      ),
    );
  });

  test("numbers stay below keys that only look sensitive, and nothing else changes", () => {
    expect(redact({ total_tokens: 5, token: 5, a: ["x", null, true], tokens: { n: 1, t: "x" } })).toEqual({
      total_tokens: 5,
      token: REDACTED,
      a: ["x", null, true],
      tokens: { n: 1, t: REDACTED },
    });
  });
});

describe("failures", () => {
  const grpc = (code: number) => Object.assign(new Error("  what\n happened "), { code });

  test.each([
    [3, 400],
    [5, 404],
    [7, 403],
    [8, 429],
    [14, 503],
    [16, 401],
    [99, 500],
  ])("status %d of gRPC is %d of HTTP", (code, statusCode) => {
    expect(failureOf(grpc(code))).toMatchObject({ statusCode, message: "what happened" });
  });

  test("an error of ours tells the caller nothing of itself, and the log only where it was", async () => {
    expect(failureOf(new TypeError("c4n4ry"))).toMatchObject({
      statusCode: 500,
      message: "internal error of the agent; its log has more",
    });
    expect(JSON.stringify(traceOf(new TypeError("c4n4ry")))).not.toContain("c4n4ry");
    expect(traceOf("c4n4ry")).toEqual({ error: "string", at: [] });
    expect(failureOf(new Failure(409, "known"))).toMatchObject({ statusCode: 409, message: "known" });

    let log = "";
    const broken = {
      doc: () => {
        throw new TypeError("c4n4ry");
      },
    } as unknown as Firestore;
    const agent = new Agent(
      broken,
      logTo(
        (line) => (log += line),
        "INFO",
        () => new Date(0),
      ),
    );
    expect(await agent.call("get_doc", { path: "a/b" })).toMatchObject({
      isError: true,
      structuredContent: { status_code: 500, error: "internal error of the agent; its log has more" },
    });
    expect(log).toContain(
      '{"severity":"ERROR","time":"1970-01-01T00:00:00.000Z","message":"call failed","status_code":500,"error":"TypeError"',
    );
    expect(log).not.toContain("c4n4ry");
  });

  test("a database that does not answer ends a call, not the agent", async () => {
    const silent = { doc: () => ({ get: () => new Promise(() => undefined) }) } as unknown as Firestore;
    const agent = new Agent(silent, () => undefined, 20);
    expect(await agent.call("get_doc", { path: "a/b" })).toMatchObject({
      structuredContent: {
        status_code: 504,
        error: "no answer of Firestore within 0.02 s; what was to be written may still be",
      },
    });
  });
});

test("the log leaves out what is below its level", () => {
  let lines = "";
  const log = logTo(
    (line) => (lines += line),
    "WARNING",
    () => new Date(0),
  );
  log("INFO", "not this");
  log("WARNING", "this", { n: 1 });
  expect(lines).toBe('{"severity":"WARNING","time":"1970-01-01T00:00:00.000Z","message":"this","n":1}\n');
});

test("a queue keeps the order of each key, goes on after a failure, and lets other keys pass", async () => {
  const queue = new KeyedQueue();
  const done: string[] = [];
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const first = queue.run("a", async () => {
    await gate;
    done.push("a1");
    throw new Error("a1 failed");
  });
  const second = queue.run("a", () => Promise.resolve(done.push("a2")));
  await queue.run("b", () => Promise.resolve(done.push("b1")));
  release();
  await expect(first).rejects.toThrow("a1 failed");
  await second;
  expect(done).toEqual(["b1", "a1", "a2"]);
});
