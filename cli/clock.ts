import { setTimeout } from "node:timers/promises";
import { InvalidArgumentError, Option } from "commander";
import { isDay } from "../stacks/schema/day";

/** The only place that reads the clock: everything else is told what time it is. */
export function now(): Date {
  return new Date();
}

/** Milliseconds since some moment; they only grow. */
export function elapsed(): number {
  return performance.now();
}

/** Lets some milliseconds pass. */
export async function pause(milliseconds: number): Promise<void> {
  await setTimeout(milliseconds);
}

/** The day in UTC: waivers end on a day. */
export function today(): string {
  return now().toISOString().slice(0, "2026-11-21".length);
}

/** `--today DATE`: the day on which waivers are judged. */
export function todayOption(): Option {
  return new Option("--today <date>", "judge waivers as on that day (default: today, in UTC)").argParser((text) => {
    if (isDay(text)) return text;
    throw new InvalidArgumentError("it must be a day such as 2027-03-31");
  });
}
