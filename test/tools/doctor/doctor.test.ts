import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { TOOL_NAMES } from "../../../tools/catalog";
import { type Finding, findings } from "../../../tools/doctor/findings";
import type { Machine } from "../../../tools/doctor/machine";
import { isReady, reportText } from "../../../tools/doctor/report";

const GIB = 2 ** 30;

const LOCK = JSON.stringify({
  packages: {
    "": { version: "0.1.0" },
    "node_modules/zod": { version: "4.6.7" },
    "node_modules/fsevents": { version: "2.3.3", optional: true },
  },
});

const VERSIONS: Readonly<Record<string, string>> = {
  git: "git version 2.39.5",
  pulumi: "v3.259.0",
  go: "go version go1.26.8 linux/amd64",
  cargo: "cargo 1.95.0 (abc 2026-08-01)",
  python3: "Python 3.11.7",
};

/** A machine that has everything, but for what a test takes away. */
function machine(without: Partial<Machine> = {}): Machine {
  return {
    node: "22.11.0",
    cores: 2,
    memory: 8 * GIB,
    disk: 40 * GIB,
    env: {},
    exists: () => true,
    onPath: (command) => [`/usr/bin/${command}`],
    says: (command) => VERSIONS[command.slice(command.lastIndexOf("/") + 1)],
    read: (file) => (file.endsWith("package-lock.json") ? LOCK : undefined),
    tools: () => Promise.resolve(TOOL_NAMES.map((name) => ({ name, found: true }))),
    ...without,
  };
}

async function finding(name: string, without: Partial<Machine>): Promise<Finding | undefined> {
  return (await findings(machine(without))).find((one) => one.name === name);
}

describe("what a machine can run", () => {
  test("given everything, all is well", async () => {
    const found = await findings(machine());

    expect(found.filter(({ state }) => state !== "ok")).toEqual([]);
    expect(isReady(found)).toBe(true);
    expect(found.map(({ name, found: what }) => `${name}: ${what}`)).toEqual([
      "Node.js: 22.11.0",
      "packages: 1, as package-lock.json says",
      "git: 2.39.5",
      "Pulumi CLI: 3.259.0",
      "kubectl: /usr/bin/kubectl",
      "kind: /usr/bin/kind",
      "Docker: /usr/bin/dockerd",
      "Go: 1.26.8",
      "Rust: 1.95.0",
      "Python: 3.11.7",
      "PostgreSQL: /usr/lib/postgresql",
      "PgBouncer: /usr/bin/pgbouncer",
      "HAProxy: /usr/bin/haproxy",
      "promtool: /usr/bin/promtool",
      "amtool: /usr/bin/amtool",
      "Chromium: /usr/bin/chromium",
      "Redis: /usr/bin/redis-server",
      "etcdctl: /usr/bin/etcdctl",
      "Docker registry: /usr/bin/docker-registry",
      "busybox: /bin/busybox",
      `built tools: ${TOOL_NAMES.length} of ${TOOL_NAMES.length}`,
      "cores: 2",
      "memory: 8.0 GiB",
      "disk: 40.0 GiB",
      "proxies: none",
    ]);
  });

  test("given nothing but Node.js and the packages, npm start and npm test are ready, and each thing says how to get it", async () => {
    const found = await findings(machine({ exists: () => false, onPath: () => [], tools: () => Promise.resolve([]) }));

    const missing = found.filter(({ state }) => state === "missing");
    expect(missing).toHaveLength(18);
    expect(missing.filter(({ next, for: use, needed }) => !next || use === "" || needed)).toEqual([]);
    expect(isReady(found)).toBe(true);
  });

  const DIFFERENT = JSON.stringify({ packages: { "node_modules/zod": { version: "4.6.6" } } });
  test.each<[string, string, Partial<Machine>, string, string]>([
    [
      "an old Node.js",
      "Node.js",
      { node: "20.18.3" },
      "20.18.3",
      "install 20.19 or newer, 22 for example: https://nodejs.org",
    ],
    [
      "no packages",
      "packages",
      { read: (file) => (file.startsWith("node_modules") ? undefined : LOCK) },
      "not installed",
      "npm ci",
    ],
    [
      "other packages",
      "packages",
      { read: (file) => (file.startsWith("node_modules") ? DIFFERENT : LOCK) },
      "1 are missing or of another version",
      "npm ci",
    ],
    [
      "another folder",
      "packages",
      { read: () => undefined },
      "no package-lock.json; is this the project's folder?",
      "npm ci",
    ],
  ])("given %s, nothing is ready", async (_, name, without, what, next) => {
    const found = await findings(machine(without));

    expect(isReady(found)).toBe(false);
    expect(found.filter(({ state }) => state !== "ok")).toEqual([
      { name, state: "missing", needed: true, found: what, for: "everything", next },
    ]);
  });

  test.each<[string, string, Partial<Machine>, Pick<Finding, "state" | "found" | "next">]>([
    [
      "an old Go",
      "Go",
      { says: (command) => (command.endsWith("/go") ? "go version go1.24.0 linux/amd64" : VERSIONS.git) },
      { state: "low", found: "1.24.0, older than 1.26.0", next: "https://go.dev/dl" },
    ],
    [
      "a Go that fails",
      "Go",
      { says: () => undefined },
      { state: "low", found: "/usr/bin/go does not tell its version", next: "https://go.dev/dl" },
    ],
    [
      "a Docker daemon of another name",
      "Docker",
      { onPath: () => [], exists: (path) => path === "/var/run/docker.sock" },
      { state: "ok", found: "/var/run/docker.sock" },
    ],
    ["one core", "cores", { cores: 1 }, { state: "low", found: "1", next: "it takes twice as long with one" }],
    ["little memory", "memory", { memory: 2 * GIB }, { state: "low", found: "2.0 GiB", next: "4 GiB are enough" }],
    ["a full disk", "disk", { disk: GIB / 2 }, { state: "low", found: "0.5 GiB", next: "12 GiB are enough" }],
    [
      "a proxy for everything",
      "proxies",
      { env: { HTTPS_PROXY: "http://proxy:3128", NO_PROXY: "example.com" } },
      { state: "low", found: "HTTPS_PROXY", next: "export NO_PROXY=localhost,127.0.0.1" },
    ],
    [
      "a proxy for others",
      "proxies",
      { env: { http_proxy: "http://proxy:3128", no_proxy: "localhost, 127.0.0.1" } },
      { state: "ok", found: "http_proxy; not for this machine" },
    ],
    [
      "two tools that are not built",
      "built tools",
      {
        tools: () =>
          Promise.resolve(TOOL_NAMES.map((name) => ({ name, found: name !== "vault-dev" && name !== "kwok" }))),
      },
      {
        state: "missing",
        found: `${TOOL_NAMES.length - 2} of ${TOOL_NAMES.length}; not kwok, vault-dev`,
        next: "npm run tools -- kwok vault-dev",
      },
    ],
  ])("given %s, says so, and all that is needed is there", async (_, name, without, expected) => {
    expect(await finding(name, without)).toMatchObject(expected);
    expect(isReady(await findings(machine(without)))).toBe(true);
  });
});

describe("the report", () => {
  const FOUND: Finding[] = [
    { name: "Node.js", state: "ok", needed: true, found: "22.11.0", for: "everything" },
    {
      name: "Go",
      state: "missing",
      needed: false,
      found: "not there",
      for: "building tools",
      next: "https://go.dev/dl",
    },
  ];

  test("says of what is missing what it is for and how to get it", () => {
    expect(reportText(FOUND, false)).toBe(
      [
        "✓ Node.js  22.11.0",
        "✗ Go       not there",
        "           for building tools",
        "           → https://go.dev/dl",
        "",
        "npm start and npm test: ready",
        "",
      ].join("\n"),
    );
  });

  test("has colours on a terminal", () => {
    expect(reportText(FOUND, true)).toContain("\u001b[31m✗\u001b[0m Go");
  });
});

test("npm run doctor, with what is wrong in its arguments, says what is right", () => {
  const doctor = join(__dirname, "..", "..", "..", "tools", "doctor", "doctor.cjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [doctor, "--all"], { encoding: "utf8" });

  expect([status, stdout, stderr]).toEqual([2, "", "Unknown option '--all'\nTry: npm run doctor -- --help\n"]);
});
