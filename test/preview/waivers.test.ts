import { describe, expect, test } from "@jest/globals";
import type { Finding } from "../../preview/checks";
import { applyWaivers } from "../../preview/waivers";
import type { WaiverConfig } from "../../stacks/schema";

const URN = "urn:pulumi:kind::noetl::kubernetes:apps/v1:StatefulSet::nats";
const FINDING: Finding = { severity: "error", rule: "nats-store-lowered", resource: URN, message: "m", fix: "f" };
const REASON = "the streams are empty";
const KNOWN = ["nats-store-lowered", "volume-shrunk", "node-budget"];

function judge(findings: Finding[], waivers: Partial<WaiverConfig>[], today = "2026-11-21", asked = KNOWN): Finding[] {
  const complete = waivers.map((waiver) => ({
    rule: "nats-store-lowered",
    reason: REASON,
    until: "2026-12-31",
    ...waiver,
  }));
  return applyWaivers(findings, complete, { today, asked, known: KNOWN });
}

describe("waivers", () => {
  test.each([
    ["the rule", {}],
    ["the rule and the URN", { resource: URN }],
    ["the rule and the resource as it is printed", { resource: "StatefulSet nats" }],
    ["its last day", { until: "2026-11-21" }],
  ])("given %s, when judged, then the finding is waived with the reason", (_, waiver) => {
    const until = "until" in waiver ? waiver.until : "2026-12-31";
    expect(judge([FINDING], [waiver])).toEqual([{ ...FINDING, waived: { reason: REASON, until } }]);
  });

  test("given a key of the stack file, when judged, then a finding about it is waived", () => {
    const finding = { ...FINDING, severity: "warning" as const, rule: "node-budget", resource: "noetl:cluster.nodes" };
    expect(judge([finding], [{ rule: "node-budget", resource: "noetl:cluster.nodes" }])).toMatchObject([
      { waived: {} },
    ]);
  });

  test.each([
    ["another rule", { rule: "volume-shrunk" }, "nothing is found that volume-shrunk would waive", "remove it"],
    [
      "another resource",
      { resource: "StatefulSet postgres" },
      "nothing is found that nats-store-lowered for StatefulSet postgres would waive",
      "remove it",
    ],
    [
      "a misspelt rule",
      { rule: "nats-store-lowerd" },
      "there is no rule nats-store-lowerd",
      "did you mean nats-store-lowered?",
    ],
    ["a rule of nowhere", { rule: "everything" }, "there is no rule everything", "remove it"],
    [
      "a day that is over",
      { until: "2026-11-20" },
      "the waiver of nats-store-lowered ended on 2026-11-20 (the streams are empty)",
      "mend what it waived and remove it, or give it a new date and a reason that still holds",
    ],
  ])(
    "given a waiver of %s, when judged, then the finding stays, and the waiver is a warning",
    (_, waiver, message, fix) => {
      expect(judge([FINDING], [waiver])).toEqual([
        FINDING,
        { severity: "warning", rule: "waivers", resource: "noetl:waivers[0]", message, fix },
      ]);
    },
  );

  test("given a rule that was not asked, when judged, then its waiver may have a use elsewhere", () => {
    expect(judge([], [{ rule: "volume-shrunk" }], "2026-11-21", ["node-budget"])).toEqual([]);
  });

  test("given information, when judged, then there is nothing to waive", () => {
    const info: Finding = { ...FINDING, severity: "info" };
    expect(judge([info], [{}])).toMatchObject([info, { rule: "waivers" }]);
  });

  test("given a waiver of waivers, when judged, then it is no rule", () => {
    expect(judge([], [{ rule: "waivers" }])).toMatchObject([{ message: "there is no rule waivers" }]);
  });
});
