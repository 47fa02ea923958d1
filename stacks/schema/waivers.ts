import { z } from "zod";
import { date, line, reason, ruleName } from "./fields";

const waiverSchema = z
  .strictObject({
    rule: ruleName().describe("Rule of the finding, as `noetl-ops check` prints it: `nats-servers-removed`."),
    resource: line(500)
      .optional()
      .describe("Only this resource, as `noetl-ops check` prints it: `StatefulSet nats`. Default: all of the rule."),
    reason: reason().describe("Why it is all right, for whoever reads the output."),
    until: date().describe("Last day on which it counts, in UTC."),
  })
  .describe("A finding that is accepted for a while.");

export const waiversSchema = z
  .array(waiverSchema)
  .max(100)
  .default([])
  .describe(
    "Findings of `noetl-ops check` and `noetl-ops preview` that are accepted for a while, each with a reason. Nothing that is deployed depends on them.",
  );
