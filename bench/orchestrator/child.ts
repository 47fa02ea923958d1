import { openBullmq } from "./bullmq";
import type { Driver, Open, Place } from "./driver";
import { openGraphile } from "./graphile";
import { openOurs } from "./ours";
import { openPgBoss } from "./pg-boss";

/** Runs one measurement of one system in a process of its own, and prints its figures as JSON. */
export const SYSTEMS = {
  ours: openOurs,
  bullmq: openBullmq,
  graphile: openGraphile,
  "pg-boss": openPgBoss,
} satisfies Record<string, Open>;

const IN_FLIGHT = 32;
/** Tasks that warm everything up, before some are measured by themselves. */
const WARM = 2000;
const PAYLOAD = {
  infra: "production",
  settings: "./settings.yaml",
  servers: ["web-01", "web-02"],
  check_mode: false,
};

/** What can be measured; each gives its figures by name. */
const MEASURES = { submit, drain, latency, fill, start, cost };
export type Measure = keyof typeof MEASURES;

async function main(): Promise<void> {
  const [system, measure, text = "{}"] = process.argv.slice(2) as [keyof typeof SYSTEMS, Measure, string?];
  const asked = JSON.parse(text) as Place & {
    count: number;
    concurrency: number;
  };
  const begin = performance.now();
  const driver = await SYSTEMS[system](asked);
  const figures = await MEASURES[measure](driver, asked, begin);
  console.log(JSON.stringify(figures));
  await driver.close();
  process.exit(0);
}

async function submit(driver: Driver, { count }: { count: number }) {
  let at = 0;
  const one = async () => {
    while (at++ < count) await driver.submit({ ...PAYLOAD, n: at });
  };
  return {
    perSecond: await rate(count, () => Promise.all(Array.from({ length: IN_FLIGHT }, one))),
  };
}

/** Runs what a `fill` has left. */
async function drain(driver: Driver, { count, concurrency }: { count: number; concurrency: number }) {
  const perSecond = await rate(count, async () => {
    await new Promise<void>((resolve) => {
      let done = 0;
      void driver.run(
        concurrency,
        () => undefined,
        () => {
          if (++done === count) resolve();
        },
      );
    });
  });
  return { perSecond };
}

/** From the call to the stored end, at 200 tasks a second, of a process that is warm: V8 compiles what has run often. */
async function latency(driver: Driver, { count }: { count: number }) {
  const took: number[] = [];
  let ended = 0;
  const starts = new Map<number, number>();
  let settle: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (settle = resolve));
  await driver.run(
    10,
    () => undefined,
    (payload) => {
      const { n } = payload as { n: number };
      if (n >= WARM) took.push(performance.now() - (starts.get(n) ?? NaN));
      if (++ended === WARM + count) settle();
    },
  );
  const begin = performance.now();
  for (let n = 0; n < WARM + count; n++) {
    const wait = begin + n * 5 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    starts.set(n, performance.now());
    void driver.submit({ ...PAYLOAD, n });
  }
  await all;
  took.sort((a, b) => a - b);
  const part = (share: number) => took[Math.floor(share * (took.length - 1))] ?? NaN;
  return { p50: part(0.5), p99: part(0.99) };
}

async function fill(driver: Driver, { count }: { count: number }) {
  for (let at = 0; at < count; at += 1000) {
    await driver.fill(
      Array.from({ length: Math.min(1000, count - at) }, (_, of) => ({
        ...PAYLOAD,
        n: at + of,
      })),
    );
  }
  return {};
}

/** From opening until the first task runs, and what the process then takes. */
async function start(driver: Driver, _asked: object, begin: number) {
  await new Promise<void>((resolve) => {
    void driver.run(1, resolve, () => undefined);
  });
  return {
    ms: performance.now() - begin,
    megabytes: process.memoryUsage.rss() / 1e6,
  };
}

/** Tasks whose cost is measured. */
const MEASURED = 5000;

/** Microseconds of processor time that a task takes to be submitted, and to be run, beside those that a `fill` has left. */
async function cost(driver: Driver, _asked: object, begin: number) {
  const ms = performance.now() - begin;
  const spent = () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  };
  const submitted = async (count: number) => {
    const before = spent();
    await submit(driver, { count });
    return (spent() - before) / count;
  };
  await submitted(WARM);
  const submitting = await submitted(MEASURED);
  let ended = 0;
  let before = 0;
  const after = await new Promise<number>((resolve) => {
    void driver.run(
      50,
      () => undefined,
      () => {
        ended++;
        if (ended === WARM) before = spent();
        if (ended === WARM + MEASURED) resolve(spent());
      },
    );
  });
  return { submitting, running: (after - before) / MEASURED, ms, megabytes: process.memoryUsage.rss() / 1e6 };
}

async function rate(count: number, run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return (count / (performance.now() - start)) * 1000;
}

void main();
