import { describe, expect, test } from "@jest/globals";
import { formatEvent, formatReport, formatRigs } from "../../../operations/rigs/format";
import { junitReport } from "../../../operations/rigs/junit";
import { markdownReport } from "../../../operations/rigs/markdown";
import type { RigReport, StepReport } from "../../../operations/rigs/report";
import { plain } from "../../../preview/style";

const step = (more: Partial<StepReport>): StepReport => ({
  phase: "assert",
  title: "look",
  seconds: 1.2,
  result: "done",
  evidence: [],
  notes: [],
  ...more,
});

const report: RigReport = {
  rig: "shard-routing-n2",
  mode: "run",
  stack: "kind",
  context: "kind-noetl",
  namespace: "noetl",
  started: "2026-11-21T10:00:00.000Z",
  seconds: 12.3,
  result: "failed",
  steps: [
    step({ phase: "apply", title: "databases", notes: ["one is there"] }),
    step({
      result: "failed",
      evidence: [
        { what: "shard of 1 | 2", expected: "1", seen: "1", ok: true },
        { what: "shard of 42", expected: "0", seen: '<"none">', ok: false },
      ],
    }),
    step({ title: "metrics", result: "failed", problem: "no answer\nnext: wait" }),
    step({ title: "never", result: "skipped", seconds: 0 }),
  ],
  changes: [
    { title: "Secret noetl/s: make it", putBack: true },
    { title: "Deployment noetl/d: two shards", putBack: false, problem: "refused" },
  ],
  leaves: ["a database"],
  journal: "/state/c1-noetl.jsonl",
};

describe("a report", () => {
  test("for people names what is wrong, what is not put back, and what to do", () => {
    expect(formatReport(report)).toBe(
      [
        "shard-routing-n2  failed, 1 of 2 as expected  stack kind · kind-noetl/noetl · 12.3 s",
        "  ✓ apply   databases  1.2 s",
        "      one is there",
        "  ✗ assert  look  1 of 2  1.2 s",
        '      shard of 42: expected 0, seen <"none">',
        "  ✗ assert  metrics  1.2 s",
        "      no answer",
        "      next: wait",
        "  – assert  never",
        "  not put back: Deployment noetl/d: two shards",
        "  stays: a database",
        "  journal: /state/c1-noetl.jsonl",
        "next: noetl-ops verify --revert",
        "",
      ].join("\n"),
    );
  });

  test("without changes says nothing of them", () => {
    const { journal: _, ...rest } = report;
    const text = formatReport({ ...rest, result: "passed", steps: [], changes: [], leaves: [] });

    expect(text).toBe("shard-routing-n2  passed, 0 of 0 as expected  stack kind · kind-noetl/noetl · 12.3 s\n");
  });

  test("as Markdown has every piece of evidence", () => {
    expect(markdownReport(report).split("\n")).toEqual([
      "## shard-routing-n2: failed, 1 of 2 as expected",
      "",
      "Stack `kind`, context `kind-noetl`, namespace `noetl`; 2026-11-21T10:00:00.000Z, 12.3 s.",
      "",
      "| phase | step | seconds | |",
      "| --- | --- | ---: | --- |",
      "| apply | databases | 1.2 | done |",
      "| assert | look | 1.2 | failed |",
      "| assert | metrics | 1.2 | failed: no answer<br>next: wait |",
      "| assert | never |  | skipped |",
      "",
      "| | looked at | expected | seen |",
      "| --- | --- | --- | --- |",
      "| ✓ | shard of 1 \\| 2 | 1 | 1 |",
      '| ✗ | shard of 42 | 0 | <"none"> |',
      "",
      "| changed | put back |",
      "| --- | --- |",
      "| Secret noetl/s: make it | yes |",
      "| Deployment noetl/d: two shards | **no**: refused |",
      "",
      "Stays: a database",
      "",
      "Left to put back: `noetl-ops verify --revert` (journal /state/c1-noetl.jsonl)",
      "",
    ]);
  });

  test("as JUnit is a test case for each piece of evidence, and one for a step without", () => {
    expect(junitReport(report).split("\n")).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      "<testsuites>",
      '  <testsuite name="noetl-ops verify shard-routing-n2" tests="5" failures="1" errors="1" skipped="1" time="12.3" timestamp="2026-11-21T10:00:00">',
      '    <testcase classname="shard-routing-n2.apply" name="databases" time="1.2"/>',
      '    <testcase classname="shard-routing-n2.assert" name="shard of 1 | 2" time="0"/>',
      '    <testcase classname="shard-routing-n2.assert" name="shard of 42" time="0"><failure message="shard of 42: expected 0, seen &lt;&quot;none&quot;&gt;"/></testcase>',
      '    <testcase classname="shard-routing-n2.assert" name="metrics" time="1.2"><error message="no answer&#10;next: wait"/></testcase>',
      '    <testcase classname="shard-routing-n2.assert" name="never" time="0"><skipped/></testcase>',
      "  </testsuite>",
      "</testsuites>",
      "",
    ]);
  });
});

test("what is under way is told line by line", () => {
  expect(formatEvent({ event: "begin", phase: "apply", title: "databases" }, plain)).toBe("apply   databases …");
  expect(formatEvent({ event: "change", title: "Secret noetl/s: make it" }, plain)).toBe(
    "        changing Secret noetl/s: make it",
  );
  expect(formatEvent({ event: "end", step: step({}) }, plain)).toBe("        ✓ look 1.2 s");
  expect(formatEvent({ event: "end", step: step({ result: "failed", problem: "no\nmore" }) }, plain)).toBe(
    "        ✗ look 1.2 s: no",
  );
});

test("the rigs are listed one a line", () => {
  const rig = { proves: [], changes: [], needs: () => [], steps: () => [] };
  const rigs = [
    { ...rig, name: "a", summary: "first" },
    { ...rig, name: "bcd", summary: "second" },
  ];

  expect(formatRigs(rigs, plain)).toBe("a    first\nbcd  second\n");
});
