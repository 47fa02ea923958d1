import { evidenceLine } from "./format";
import type { RigReport, StepReport } from "./report";

/** The report as JUnit XML: a test case for each thing that was looked at, and one for each step that looks at nothing. */
export function junitReport(report: RigReport): string {
  const cases = report.steps.flatMap(casesOf);
  const count = (kind: TestCase["kind"]): number => cases.filter((one) => one.kind === kind).length;
  const attributes = {
    name: `noetl-ops verify ${report.rig}`,
    tests: cases.length,
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
    time: report.seconds,
    timestamp: report.started.replace(/(\.\d+)?Z$/, ""),
  };
  const lines = cases.map((one) => {
    const head = `    <testcase ${attributesOf({ classname: `${report.rig}.${one.phase}`, name: one.name, time: one.seconds })}`;
    if (one.kind === "passed") return `${head}/>`;
    if (one.kind === "skipped") return `${head}><skipped/></testcase>`;
    return `${head}><${one.kind} ${attributesOf({ message: one.message })}/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite ${attributesOf(attributes)}>`,
    ...lines,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

interface TestCase {
  phase: string;
  name: string;
  seconds: number;
  /** `error`: the step could not be done; `failure`: something is not as it must be. */
  kind: "passed" | "failure" | "error" | "skipped";
  message: string;
}

function casesOf({ phase, title, seconds, result, problem, evidence }: StepReport): TestCase[] {
  const looked = evidence.map((one): TestCase => ({
    phase,
    name: one.what,
    seconds: 0,
    kind: one.ok ? "passed" : "failure",
    message: evidenceLine(one),
  }));
  if (problem === undefined && looked.length > 0) return looked;
  const kind = result === "skipped" ? "skipped" : problem === undefined ? "passed" : "error";
  return [...looked, { phase, name: title, seconds, kind, message: problem ?? "" }];
}

function attributesOf(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(" ");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** XML knows no control characters but tab and line breaks. */
function escaped(text: string): string {
  return Array.from(text)
    .filter((letter) => letter >= " " || letter === "\n" || letter === "\t")
    .map((letter) => ENTITIES[letter] ?? letter)
    .join("");
}
