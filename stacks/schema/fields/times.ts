import { z } from "zod";
import { isDay } from "../day";
import { leaf } from "./leaf";

/** A time span as nats-server reads it. */
export function duration() {
  return leaf(z.string().regex(/^[1-9]\d{0,8}(ms|s|m|h)$/), {
    kind: "time span",
    allowed: "a whole number with ms, s, m or h, such as 10s",
  });
}

/** A time of day in UTC, on the hour or half hour. */
export function timeOfDay() {
  return leaf(z.string().regex(/^([01]\d|2[0-3]):[03]0$/), {
    kind: "time of day",
    allowed: 'a time in UTC on the hour or half hour, such as "03:00", in quotes',
  });
}

const CRON_STEP = "(/[1-9][0-9]?)?";

const cronField = (value: string) => `(\\*|(${value})(-(${value}))?)${CRON_STEP}`;

const cronList = (value: string) => `${cronField(value)}(,${cronField(value)})*`;

const CRON = new RegExp(
  `^${[
    cronList("[0-5]?[0-9]"),
    cronList("[01]?[0-9]|2[0-3]"),
    cronList("[1-9]|[12][0-9]|3[01]"),
    cronList("[1-9]|1[0-2]"),
    cronList("[0-6]"),
  ].join(" ")}$`,
);

/** A cron expression of five fields. */
export function cronSchedule() {
  return leaf(z.string().regex(CRON), {
    kind: "schedule",
    allowed: 'minute, hour, day of month, month and day of week (0 to 6), such as "0 * * * *" or "*/15 3 * * 1-5"',
  });
}

/** A day of the calendar. */
export function date() {
  return leaf(
    z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/)
      .refine(isDay),
    { kind: "date", allowed: 'a day such as "2027-03-31", in quotes' },
  );
}

/** A moment, in UTC. */
export function instant() {
  return leaf(
    z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)
      .refine((text) => !Number.isNaN(Date.parse(text))),
    { kind: "moment", allowed: 'a moment in UTC such as "2026-11-21T10:00:00Z", in quotes' },
  );
}
