import { z } from "zod";
import { type HttpOptions, originOf, request } from "./http";
import { ApiProblem } from "./problem";

/** A series and its value now; the value may be NaN or infinite. */
export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** What an API answered, and in how far it is not all. */
export interface Answer<T> {
  value: T;
  /** What the API warns of: a store that did not answer, a limit that cut the result. */
  warnings: readonly string[];
}

/** A group of rules that the server evaluates. */
export interface RuleGroup {
  name: string;
  rules: readonly LoadedRule[];
}

export interface LoadedRule {
  name: string;
  type: "alerting" | "recording";
  /** `ok`, `err` or `unknown` before the first evaluation. */
  health: string;
  lastError?: string | undefined;
}

/** An alert that is pending or firing. */
export interface LoadedAlert {
  labels: Readonly<Record<string, string>>;
  state: string;
}

const warnings = z.array(z.string()).optional();
const labels = z.record(z.string(), z.string());
const sample = z.tuple([z.number(), z.string()]);

const queryAnswer = z.object({
  status: z.literal("success"),
  warnings,
  data: z.discriminatedUnion("resultType", [
    z.object({ resultType: z.literal("vector"), result: z.array(z.object({ metric: labels, value: sample })) }),
    z.object({ resultType: z.literal("scalar"), result: sample }),
  ]),
});

const rulesAnswer = z.object({
  status: z.literal("success"),
  warnings,
  data: z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        rules: z.array(
          z.object({
            name: z.string(),
            type: z.enum(["alerting", "recording"]),
            health: z.string(),
            lastError: z.string().optional(),
          }),
        ),
      }),
    ),
  }),
});

const alertsAnswer = z.object({
  status: z.literal("success"),
  warnings,
  data: z.object({ alerts: z.array(z.object({ labels, state: z.string() })) }),
});

/** Where rules and alerts are asked for, when it is elsewhere. */
export interface PrometheusOptions extends HttpOptions {
  /** Base URL for rules and alerts, without a token. Default: that of the queries. */
  rulesUrl?: string | undefined;
}

/**
 * The HTTP API of Prometheus, or of what speaks like it, as Google Managed Prometheus does.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export class Prometheus {
  /** @param url Base URL, before `/api/v1`. */
  constructor(
    readonly url: string,
    private readonly options: PrometheusOptions = {},
  ) {}

  /** Evaluates an expression now. @throws ApiProblem */
  async query(expression: string): Promise<Answer<Sample[]>> {
    const body = new URLSearchParams({ query: expression });
    const text = await request(`${trimmed(this.url)}/api/v1/query`, this.options, { method: "POST", body });
    const { data, warnings: said = [] } = read(text, queryAnswer, this.url);
    const samples = data.resultType === "scalar" ? [{ metric: {}, value: data.result }] : data.result;
    return {
      value: samples.map(({ metric, value }) => ({ labels: metric, value: numberOf(value[1]) })),
      warnings: said,
    };
  }

  /** The rules that are evaluated. @throws ApiProblem */
  async rules(): Promise<Answer<RuleGroup[]>> {
    const { data, warnings: said = [] } = await this.ask("rules", rulesAnswer);
    return { value: data.groups, warnings: said };
  }

  /** The alerts that are pending or firing. @throws ApiProblem */
  async alerts(): Promise<Answer<LoadedAlert[]>> {
    const { data, warnings: said = [] } = await this.ask("alerts", alertsAnswer);
    return { value: data.alerts, warnings: said };
  }

  private async ask<T>(path: "rules" | "alerts", schema: z.ZodType<T>): Promise<T> {
    const { rulesUrl, token, limit } = this.options;
    const base = rulesUrl ?? this.url;
    const options = { ...(limit !== undefined && { limit }), ...(rulesUrl === undefined && { token }) };
    try {
      return read(await request(`${trimmed(base)}/api/v1/${path}`, options), schema, base);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.kind !== "unsupported") throw error;
      throw new ApiProblem(
        "unsupported",
        `${originOf(base)} does not serve ${path}`,
        "Google's query API has no rules: port-forward the rule-evaluator of gmp-system, and name it with --rules-url",
      );
    }
  }
}

function read<T>(text: string, schema: z.ZodType<T>, url: string): T {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    data = undefined;
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new ApiProblem(
    "unreadable",
    `${originOf(url)} does not answer like Prometheus`,
    "check the URL: it is that of the API, before /api/v1",
  );
}

function numberOf(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, "");
}
