import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildPlace } from "../../tools/cache";
import { ensureTool, findTool } from "../../tools/find";
import { silent } from "../../tools/progress";
import { fakeGo, type Sandbox, sandbox } from "./support/sandbox";

const NO_GO = "no Go toolchain on PATH (https://go.dev/dl, 1.26 or newer)";
const NOT_BUILT = "not built and not on PATH in a version from 3.6.0 to below 4.0.0";

let box: Sandbox;

beforeEach(() => {
  box = sandbox();
});

afterEach(() => {
  box.remove();
});

describe("findTool", () => {
  test("given a good version on PATH, that one", async () => {
    const path = box.command("etcd", "echo etcd Version: 3.7.1");

    expect(await findTool("etcd", box.env)).toStrictEqual({
      found: true,
      name: "etcd",
      path,
      version: "3.7.1",
      source: "PATH",
    });
  });

  test("given an old version first on PATH and a good one later, the good one", async () => {
    box.command("etcd", "echo etcd Version: 3.5.0");
    const other = join(box.folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "etcd"), "#!/bin/sh\necho etcd Version: 3.6.2\n");
    chmodSync(join(other, "etcd"), 0o755);

    expect(await findTool("etcd", { ...box.env, PATH: `${box.env.PATH}:${other}` })).toMatchObject({
      path: join(other, "etcd"),
      version: "3.6.2",
    });
  });

  test("given a version on PATH that is not good and a build in the cache, the build", async () => {
    box.command("etcd", "echo etcd Version: 3.5.0");
    const place = buildPlace("etcd", box.env);
    mkdirSync(place.bin, { recursive: true });

    expect(await findTool("etcd", box.env)).toStrictEqual({
      found: true,
      name: "etcd",
      path: join(place.bin, "etcd"),
      version: "3.6.16",
      source: "cache",
      files: place.files,
    });
  });

  test("given neither and no Go, why there is none", async () => {
    const path = box.command("etcd", "echo etcd Version: 3.5.0");

    expect(await findTool("etcd", box.env)).toStrictEqual({
      found: false,
      name: "etcd",
      reason: `${NOT_BUILT}; ${path} is 3.5.0; ${NO_GO}`,
    });
  });

  test("given a program that does not tell its version, it is not taken", async () => {
    const path = box.command("etcd", "exit 1");

    expect(await findTool("etcd", box.env)).toMatchObject({
      reason: `${NOT_BUILT}; ${path} is of no known version; ${NO_GO}`,
    });
  });

  test("given a Go toolchain, how to build it", async () => {
    fakeGo(box);

    expect(await findTool("etcd", box.env)).toMatchObject({
      reason: `${NOT_BUILT}; build it with: npx tsx tools/main.ts etcd`,
    });
  });

  test("given a tool that needs files of its own version, none from PATH", async () => {
    box.command("kwok", "echo kwok version 0.8.0");

    expect(await findTool("kwok", box.env)).toMatchObject({ found: false, reason: `not built; ${NO_GO}` });
  });

  test("given a relative XDG_CACHE_HOME, the cache is in HOME", () => {
    expect(buildPlace("etcd", { HOME: "/home/ann", XDG_CACHE_HOME: "cache" }).bin).toMatch(
      /^\/home\/ann\/\.cache\/noetl-platform\/tools\/etcd\/v3\.6\.16-[0-9a-f]{12}\/bin$/,
    );
  });
});

describe("ensureTool", () => {
  const builds = (): number => readFileSync(join(box.folder, "builds"), "utf8").trim().split("\n").length;

  test("given no Go toolchain, why there is none", async () => {
    expect(await ensureTool("etcd", { env: box.env, progress: silent })).toMatchObject({
      found: false,
      reason: `${NOT_BUILT}; ${NO_GO}`,
    });
  });

  test("builds once, and leaves nothing but the build and its log", async () => {
    fakeGo(box);

    const first = await ensureTool("etcd", { env: box.env, progress: silent });
    const second = await ensureTool("etcd", { env: box.env, progress: silent });

    const { bin, home, log } = buildPlace("etcd", box.env);
    expect(first).toMatchObject({ found: true, path: join(bin, "etcd"), source: "cache" });
    expect(second).toStrictEqual(first);
    expect(builds()).toBe(1);
    expect(readdirSync(home).sort()).toStrictEqual(["bin", "files"]);
    expect(readdirSync(dirname(home)).map((name) => join(dirname(home), name))).toStrictEqual([home, log]);
  });

  test("given two that ask at the same time, one build", async () => {
    fakeGo(box);
    const waits: string[] = [];
    const progress = () => ({ ...silent("", ""), now: (doing: string) => waits.push(doing) });

    const both = await Promise.all([1, 2].map(() => ensureTool("etcd", { env: box.env, progress })));

    expect(both.map(({ found }) => found)).toStrictEqual([true, true]);
    expect(builds()).toBe(1);
    expect(waits).toStrictEqual([`waiting for process ${process.pid}, which builds it`]);
  });

  test("given a build that fails, one line with the log's place, then the end of the log; no draft is left", async () => {
    fakeGo(box, "echo some.go:1: not so; exit 2");

    const tool = await ensureTool("etcd", { env: box.env, progress: silent });

    const { home, log } = buildPlace("etcd", box.env);
    expect(tool).toStrictEqual({
      found: false,
      name: "etcd",
      reason: `cannot build etcd v3.6.16: go build ended with 2; log: ${log}\n    some.go:1: not so`,
    });
    expect(readFileSync(log, "utf8")).toBe("some.go:1: not so\ngo build ended with 2\n");
    expect(readdirSync(dirname(home)).map((name) => join(dirname(home), name))).toStrictEqual([log]);
  });

  test("given a module that cannot be downloaded, what go says", async () => {
    box.command("go", `echo '{"Error": "no such version"}'; exit 1`);

    expect(await ensureTool("etcd", { env: box.env, progress: silent })).toMatchObject({
      reason: expect.stringMatching(
        /^cannot build etcd v3\.6\.16: go mod download -json go\.etcd\.io\/etcd\/server\/v3@v3\.6\.16 failed: no such version; log: /,
      ) as unknown,
    });
  });

  test("given a build that is interrupted, it says so and leaves no draft", async () => {
    const interruption = new AbortController();
    fakeGo(box, `exec sleep 3600`);
    const building = ensureTool("etcd", { env: box.env, progress: silent, signal: interruption.signal });
    const started = join(box.folder, "builds");
    while (!existsSync(started)) await new Promise(setImmediate);

    interruption.abort();

    const { home, log } = buildPlace("etcd", box.env);
    expect(await building).toMatchObject({ reason: `cannot build etcd v3.6.16: interrupted; log: ${log}` });
    expect(existsSync(home)).toBe(false);
    expect(readdirSync(dirname(home)).map((name) => join(dirname(home), name))).toStrictEqual([log]);
  });

  test("given what a killed build left behind, it builds and cleans up", async () => {
    fakeGo(box);
    const { home, log } = buildPlace("etcd", box.env);
    const dead = 2 ** 22 + 1;
    mkdirSync(`${home}.draft-${dead}`, { recursive: true });
    writeFileSync(`${home}.lock`, `${dead} 1`);
    writeFileSync(`${home}.lock.draft-${dead}-1`, `${dead} 1`);

    expect(await ensureTool("etcd", { env: box.env, progress: silent })).toMatchObject({ found: true });
    expect(readdirSync(dirname(home)).map((name) => join(dirname(home), name))).toStrictEqual([home, log]);
  });

  test("given a lock whose process id now belongs to another process, it is not waited for", async () => {
    fakeGo(box);
    const { home } = buildPlace("etcd", box.env);
    mkdirSync(dirname(home), { recursive: true });
    writeFileSync(`${home}.lock`, `${process.ppid} 1`);

    expect(await ensureTool("etcd", { env: box.env, progress: silent })).toMatchObject({ found: true });
  });
});

describe("a tool of a Rust crate", () => {
  const NONE = "not built and not on PATH in a version from 3.0.0 to below 4.0.0";

  test("given no Rust toolchain, why there is none, whatever Go there is", async () => {
    fakeGo(box);

    expect(await ensureTool("surreal", { env: box.env, progress: silent })).toStrictEqual({
      found: false,
      name: "surreal",
      reason: `${NONE}; no Rust toolchain on PATH (https://rustup.rs, 1.90 or newer)`,
    });
  });

  test("is built in a crate of its own, of which only the executable is kept", async () => {
    box.command("cargo", 'mkdir -p "$CARGO_TARGET_DIR/release" && cp Cargo.toml "$CARGO_TARGET_DIR/release/surreal"');

    const tool = await ensureTool("surreal", { env: box.env, progress: silent });

    const { home, bin, files } = buildPlace("surrealdb", box.env);
    const path = join(bin, "surreal");
    expect(tool).toStrictEqual({ found: true, name: "surreal", path, version: "3.3.5", source: "cache", files });
    expect(readFileSync(path, "utf8")).toContain('surrealdb-server = { version = "=3.3.5", default-features = false');
    expect(readdirSync(home).sort()).toStrictEqual(["bin", "files"]);
  });

  test("given a build that fails, what cargo says", async () => {
    box.command("cargo", "echo error: linker not found; exit 101");

    expect(await ensureTool("surreal", { env: box.env, progress: silent })).toMatchObject({
      reason: expect.stringMatching(
        /^cannot build surrealdb 3\.3\.5: cargo build ended with 101; log: .*\n {4}error: linker not found$/,
      ) as unknown,
    });
  });
});
