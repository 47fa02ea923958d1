/**
 * Queue and filesystem storage of the orchestrator against graphile-worker and pg-boss (PostgreSQL, fsync on) and BullMQ
 * (Redis, appendfsync always): `npm run bench:orchestrator`. Needs PostgreSQL and redis-server; the peers' packages are
 * installed into a temporary folder. All on this machine, in turn, each measurement in a process of its own, all durable.
 *
 * 1. Submitting: one call a task, 32 in flight.
 * 2. Draining tasks that do nothing, 10 and 50 at once. graphile-worker and pg-boss in their fastest ways: fetched ahead
 *    and ended in batches.
 * 3. From submitting to the stored end at 200 tasks a second, 10 at once, behind 2,000 that warm the process up.
 * 4. Start with 100,000 waiting until the first one runs, and the process's memory then. Target: under a second.
 *
 * 5. Submitting over HTTP, 32 connections: the whole API against bare Fastify that appends each body to a file with the
 *    same shared sync. Target: at least 70 %. Also as processor time of the server, which other programs disturb less.
 *
 * 6. Cost of a task, as processor time, while 1,000, 100,000 and 1,000,000 others wait. Target: flat.
 *
 * `-- --rounds 1 --count 4000 --systems ours,bullmq --only queue,http,cost` for less: fewer rounds, tasks (two and a half
 * times as many wait in 4.), peers and parts. What it prints are the tables of docs/orchestrator-queue.md.
 *
 * Target: ahead of each. The floor is an append to a file with one sync for 32.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build, buildSync } from "esbuild";
import { postgresPrograms, startPostgres } from "../test/real/database/postgres-server";
import { freePort } from "../test/real/support/ports";
import { waitFor } from "../test/real/support/wait";
import { median } from "./measure";
import type { Measure } from "./orchestrator/child";
import type { Place } from "./orchestrator/driver";
import { floor } from "./orchestrator/floor";
import { httpRates } from "./orchestrator/http-load";
import { figure, markdownTable } from "./orchestrator/table";

/** Those that run on Node 20. */
const PEERS = ["pg-boss@10.4.2", "graphile-worker@0.17.3", "bullmq@6.7.0", "ioredis@5.11.1", "pg@8.23.1"];
const NAMES = {
  ours: "orchestrator",
  bullmq: "BullMQ",
  graphile: "graphile-worker",
  "pg-boss": "pg-boss",
} as const;
type System = keyof typeof NAMES;
type Figures = Record<string, number>;

/** What can be measured by itself. */
const PARTS = ["queue", "http", "cost"] as const;
type Part = (typeof PARTS)[number];

interface Options {
  rounds: number;
  count: number;
  only: readonly Part[];
}

/** Tasks that wait at a start. */
const waitingAt = (count: number): number => Math.ceil(2.5 * count);
/** How many tasks wait while the cost of one is measured. */
const SIZES = [1000, 100_000, 1_000_000];
const COSTS = [
  ["submitting", "processor time to submit one", "µs"],
  ["running", "processor time to run one", "µs"],
  ["ms", "opening", "ms"],
  ["megabytes", "memory of the process", "MB"],
] as const;

/** Measurements that follow each other on the same tasks, and the rows that they give. */
const measurements = (
  count: number,
): {
  steps: [Measure, object][];
  rows: [figure: string, title: string, unit: string][];
}[] => [
  {
    steps: [["submit", { count }]],
    rows: [["perSecond", "submitted /s, 32 in flight", "/s"]],
  },
  ...[10, 50].map((concurrency): ReturnType<typeof measurements>[number] => ({
    steps: [
      ["fill", { count }],
      ["drain", { count, concurrency }],
    ],
    rows: [["perSecond", `drained /s, ${concurrency} at once`, "/s"]],
  })),
  {
    steps: [["latency", { count: 2000 }]],
    rows: [
      ["p50", "to the stored end at 200/s p50", "ms"],
      ["p99", "to the stored end at 200/s p99", "ms"],
    ],
  },
  {
    steps: [
      ["fill", { count: waitingAt(count) }],
      ["start", {}],
    ],
    rows: [
      ["ms", `start with ${waitingAt(count).toLocaleString("en")} waiting`, "ms"],
      ["megabytes", "memory of the process then", "MB"],
    ],
  },
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      count: { type: "string", default: "40000" },
      systems: { type: "string", default: Object.keys(NAMES).join(",") },
      only: { type: "string", default: PARTS.join(",") },
    },
  });
  const [rounds, count] = [Number(values.rounds), Number(values.count)];
  const systems = values.systems.split(",").filter((name): name is System => name in NAMES);
  const only = PARTS.filter((part) => values.only.split(",").includes(part));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: a whole number from 1 on`);
  if (only.length === 0) throw new Error(`--only ${values.only}: some of ${PARTS.join(", ")}`);
  const root = mkdtempSync(join(tmpdir(), "noetl-bench-"));
  const child = join(root, "child.cjs");
  buildSync({
    entryPoints: [join(__dirname, "orchestrator/child.ts")],
    bundle: true,
    platform: "node",
    outfile: child,
  });
  const http = await httpProgram(root);
  const hasPeers = only.includes("queue") && systems.some((system) => system !== "ours");
  const packages = hasPeers ? installed(root) : root;
  const found = new Map<string, number[]>();
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const { steps, rows } of only.includes("queue") ? measurements(count) : []) {
        keep(found, "floor", await floor(root, 20_000));
        // Each is first in its turn.
        for (const system of turned(systems, round)) {
          const figures = await measure(system, steps, {
            root,
            packages,
            child,
          });
          for (const [figure, title] of rows) {
            keep(found, `${title} ${system}`, figures[figure] ?? NaN);
            console.error(`${round}: ${title}, ${NAMES[system]}: ${String(figures[figure])}`);
          }
        }
      }
      if (only.includes("http")) await overHttp(found, root, http, count);
      for (const size of only.includes("cost") ? SIZES : []) {
        const figures = await measure(
          "ours",
          [
            ["fill", { count: size }],
            ["cost", {}],
          ],
          { root, packages, child },
        );
        for (const [name] of COSTS) keep(found, `${name} at ${size}`, figures[name] ?? NaN);
      }
      console.error(`round ${round} of ${rounds} done`);
    }
    print(found, systems, { rounds, count, only });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function overHttp(found: Map<string, number[]>, root: string, program: string, count: number): Promise<void> {
  const folders = { bare: mkdtempSync(join(root, "http-")), ours: mkdtempSync(join(root, "http-")) };
  const rates = await httpRates(program, folders, count);
  for (const [system, { perSecond, micros }] of Object.entries(rates)) {
    keep(found, `http ${system}`, perSecond);
    keep(found, `http processor ${system}`, micros);
  }
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true });
}

/** The server of `http.ts` as one file, like the one that is shipped; what it reads beside its sources is still there. */
async function httpProgram(root: string): Promise<string> {
  const outfile = join(root, "http.cjs");
  await build({
    entryPoints: [join(__dirname, "orchestrator/http.ts")],
    bundle: true,
    platform: "node",
    outfile,
    external: ["dockerode", "fastify"],
    logLevel: "error",
    plugins: [
      {
        name: "folders",
        setup: (bundle) => {
          bundle.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
            contents: readFileSync(path, "utf8").replaceAll("__dirname", JSON.stringify(dirname(path))),
            loader: "ts",
          }));
        },
      },
    ],
  });
  return outfile;
}

/** Runs the steps on a new store, and gives the figures of the last one. */
async function measure(
  system: System,
  steps: [Measure, object][],
  { root, packages, child }: { root: string; packages: string; child: string },
): Promise<Figures> {
  const folder = mkdtempSync(join(root, `${system}-`));
  const place: Place = { folder, packages, postgres: "", redisPort: 0 };
  let stop: () => Promise<unknown> = () => Promise.resolve();
  if (system === "bullmq") ({ port: place.redisPort, stop } = await startRedis(folder));
  else if (system !== "ours") {
    const programs = postgresPrograms();
    if (programs === undefined) throw new Error("PostgreSQL is not installed");
    // Its own defaults are durable: fsync and synchronous_commit are on.
    const server = await startPostgres(programs, { user: "bench", password: "bench" }, []);
    place.postgres = `postgres://bench:bench@127.0.0.1:${server.port}/postgres`;
    stop = () => server.stop();
  }
  try {
    let figures: Figures = {};
    for (const [name, asked] of steps) {
      const run = spawnSync(process.execPath, [child, system, name, JSON.stringify({ ...place, ...asked })], {
        encoding: "utf8",
      });
      if (run.status !== 0) throw new Error(`${system}, ${name}: ${run.stderr}`);
      figures = JSON.parse(run.stdout) as Figures;
    }
    return figures;
  } finally {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startRedis(folder: string): Promise<{ port: number; stop: () => Promise<unknown> }> {
  const port = await freePort();
  const args = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--dir",
    folder,
    "--save",
    "",
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
  ];
  const server = spawn("redis-server", args, { stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  const answers = () =>
    spawnSync("redis-cli", ["-p", String(port), "ping"], {
      encoding: "utf8",
    }).stdout.startsWith("PONG") || undefined;
  await waitFor("Redis", answers);
  return {
    port,
    stop: () => {
      server.kill();
      return ended;
    },
  };
}

/** Installs the peers, in exactly these versions. */
function installed(root: string): string {
  const folder = join(root, "peers");
  mkdirSync(folder);
  const { status, stderr } = spawnSync("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", ...PEERS], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`npm install: ${stderr}`);
  return folder;
}

function turned(systems: System[], round: number): System[] {
  const first = round % systems.length;
  return [...systems.slice(first), ...systems.slice(0, first)];
}

function keep(found: Map<string, number[]>, name: string, figure: number): void {
  found.set(name, [...(found.get(name) ?? []), figure]);
}

const medianOf = (found: Map<string, number[]>, name: string) => median(found.get(name) ?? []);

/** The tables of docs/orchestrator-queue.md. */
function print(found: Map<string, number[]>, systems: System[], options: Options): void {
  const { rounds, count, only } = options;
  const show = (name: string, unit: string) => figure(medianOf(found, name), unit);
  console.log(`Node ${process.version}, ${rounds} rounds of ${count} tasks, medians\n`);
  if (only.includes("queue")) {
    const rows = measurements(count).flatMap((measurement) =>
      measurement.rows.map(([, title, unit]) => [title, ...systems.map((system) => show(`${title} ${system}`, unit))]),
    );
    console.log(markdownTable(["", ...systems.map((system) => NAMES[system])], rows));
    console.log(`\nThe disk takes ${show("floor", "/s")} appends a second, 32 a sync.\n`);
  }
  if (only.includes("http")) {
    const row = (title: string, name: string, unit: string, share: (ours: number, bare: number) => number) => {
      const [ours, bare] = [medianOf(found, `${name} ours`), medianOf(found, `${name} bare`)];
      return [title, figure(ours, unit), figure(bare, unit), `${Math.round(100 * share(ours, bare))} %`];
    };
    const rows = [
      row("submitted over HTTP /s", "http", "/s", (ours, bare) => ours / bare),
      row("processor time of one", "http processor", "µs", (ours, bare) => bare / ours),
    ];
    console.log(`${markdownTable(["", "orchestrator", "bare Fastify", "share"], rows)}\n`);
  }
  if (!only.includes("cost")) return;
  const rows = COSTS.map(([name, title, unit]) => [title, ...SIZES.map((size) => show(`${name} at ${size}`, unit))]);
  console.log(markdownTable(["", ...SIZES.map((size) => `${size.toLocaleString("en")} wait`)], rows));
}

void main();
