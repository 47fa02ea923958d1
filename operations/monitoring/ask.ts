import { type Finding, type Row, unusable, type Verdict } from "./finding";
import { ApiProblem, type ProblemKind } from "./problem";
import type { Prometheus } from "./prometheus";
import { DEFAULT_LIMITS } from "./of-stack";
import { type Limits, type Recipe, type RecipeName, RECIPES, rowsFor } from "./recipes";
import type { Scope } from "./selector";

/** What came of a question: what was found, or why nothing could be. */
export interface Outcome {
  query: RecipeName;
  question: string;
  /** What it should be, where something is expected. */
  expected?: string;
  /** The API's base URL. */
  place: string;
  verdict: Verdict | ProblemKind;
  /** Why, in a sentence without its point. */
  reason: string;
  /** What to do, when there was no answer. */
  next?: string;
  /** Seconds that the API wants to be left alone. */
  retryAfter?: number;
  rows: readonly Row[];
  /** What the API warns of. */
  warnings: readonly string[];
}

/** What `noetl-ops query` ends with: each outcome has its own. */
export const EXIT_CODES: Record<Outcome["verdict"], number> = {
  green: 0,
  info: 0,
  red: 1,
  noData: 3,
  nan: 4,
  partial: 5,
  unreachable: 6,
  unauthorized: 7,
  rateLimited: 8,
  unsupported: 9,
  refused: 9,
  unreadable: 9,
};

/**
 * Asks one of the recipes. Whatever the API does is an outcome; only mistakes of the user are thrown.
 *
 * @param scope Labels of the series that are meant. Default: all.
 * @param limits Default: those of a stack that says nothing of them.
 */
export async function ask(
  query: RecipeName,
  api: Prometheus,
  scope: Scope = {},
  limits: Limits = DEFAULT_LIMITS,
): Promise<Outcome> {
  const recipe: Recipe = RECIPES[query];
  const { question, expected } = recipe;
  const head = { query, question, ...(expected && { expected: expected(limits) }), place: api.url };
  try {
    const { finding, warnings } = await findingOf(recipe, api, scope, limits);
    return { ...head, ...withWarnings(finding, warnings), warnings };
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    const { kind, message, next, retryAfter } = error;
    return {
      ...head,
      verdict: kind,
      reason: message,
      next,
      ...(retryAfter !== undefined && { retryAfter }),
      rows: [],
      warnings: [],
    };
  }
}

async function findingOf(recipe: Recipe, api: Prometheus, scope: Scope, limits: Limits) {
  if (recipe.ask) return recipe.ask(api, scope);
  const { rows, warnings } = await rowsFor(recipe.expressions(scope), api);
  return { finding: recipe.judge ? recipe.judge(rows, limits) : informed(rows), warnings };
}

function informed(rows: readonly Row[]): Finding {
  const all = rows.every(({ value }) => value === undefined);
  const found = unusable(rows, "nobody has such metrics");
  if (found?.verdict === "nan" || (found && all)) return found;
  return { verdict: "info", reason: "for information: nothing is expected of it", rows };
}

/** An answer of which something is missing may be red, but not green. */
function withWarnings(finding: Finding, warnings: readonly string[]): Finding {
  if (warnings.length === 0 || !["green", "info"].includes(finding.verdict)) return finding;
  return { ...finding, verdict: "partial", reason: `the answer is not all there is: ${warnings.join("; ")}` };
}
