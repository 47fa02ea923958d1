import type { ConfigProblem } from "./problem";

/** How to mark parts of the text; every function is the identity where there is no colour. */
export interface ProblemStyle {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  cyan(text: string): string;
}

const plain = (text: string) => text;
const PLAIN: ProblemStyle = { bold: plain, dim: plain, red: plain, cyan: plain };

/** Problems that are printed in full; a broken generator of stack files makes thousands. */
const MAX_PRINTED = 50;

/**
 * The problems of one stack for people:
 *
 * ```
 * Pulumi.kind.yaml: 1 problem
 *
 *   12:14  noetl:nats.storage: "5 Gib" is not a size
 *          allowed: a size such as 512Mi or 5Gi
 *          did you mean: 5Gi
 * ```
 *
 * @param error What `ConfigError` holds.
 * @param style Colours. Default: none.
 * @returns Lines without a final newline.
 */
export function formatProblems(
  { source, problems }: { source: string; problems: readonly ConfigProblem[] },
  style: ProblemStyle = PLAIN,
): string {
  const printed = problems.slice(0, MAX_PRINTED);
  const width = Math.max(...printed.map((problem) => place(problem).length));
  const blocks = printed.map((problem) => formatProblem(problem, { source, width, style }));
  const more = problems.length - printed.length;
  return [
    `${style.bold(source)}: ${style.red(count(problems.length))}`,
    ...blocks,
    ...(more > 0 ? [`  … and ${count(more, "more problem")}`] : []),
  ].join("\n\n");
}

interface Layout {
  source: string;
  width: number;
  style: ProblemStyle;
}

function formatProblem(problem: ConfigProblem, { source, width, style }: Layout): string {
  const margin = width > 0 ? " ".repeat(width + 4) : "  ";
  const head = width > 0 ? `  ${style.dim(place(problem).padEnd(width))}  ` : margin;
  const subject = problem.path === source ? "" : `${style.bold(problem.path)}: `;
  const details = [
    problem.allowed !== undefined && `${style.dim("allowed:")} ${problem.allowed}`,
    problem.suggestion !== undefined && `${style.dim("did you mean:")} ${style.cyan(problem.suggestion)}`,
    problem.next !== undefined && `${style.dim("next:")} ${problem.next}`,
  ].filter((line) => line !== false);
  return [`${head}${subject}${problem.message}`, ...details.map((line) => `${margin}${line}`)].join("\n");
}

function place({ line, column }: ConfigProblem): string {
  return line === undefined ? "" : `${line}:${column ?? 1}`;
}

function count(number: number, noun = "problem"): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
