import { z } from "zod";
import { StackRefusal } from "../engine/stack-folder";
import { DockerDown, EnvironmentError } from "../environments/errors";
import { withoutSecrets } from "../redact";
import { Refusal, type RefusalCode } from "../tasks/errors";
import { ERROR_CODE_NAMES, isErrorCode, meaningOf, type ErrorCode } from "./error-codes";

/** What is wrong with one field of a request. */
export interface FieldProblem {
  /** `body.servers[0]`, `query.limit`, `path.id`, `header.idempotency-key`. */
  path: string;
  message: string;
}

/** A request that is refused; becomes an answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param problems The first one's path is the answer's. */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly problems: readonly FieldProblem[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    const { status, retryAfter } = meaningOf(code);
    this.status = status;
    this.headers = { ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }), ...headers };
  }
}

const fieldProblem = z.strictObject({ path: z.string(), message: z.string() });

/** What every answer with an error status looks like. */
export const problemAnswer = z
  .strictObject({
    success: z.literal(false),
    data: z.null(),
    error: z.strictObject({
      code: z.enum(ERROR_CODE_NAMES).describe("Stable, for programs."),
      message: z.string().describe("For people."),
      path: z.string().nullable().describe("The field that is to blame, as body.servers[0]; null when none is."),
      problems: z.array(fieldProblem).describe("All fields that are to blame."),
    }),
  })
  .describe("A request that was refused.");

/** The answer of an error. */
export function problemOf({ code, message, problems }: ApiError): z.infer<typeof problemAnswer> {
  const shown = problems.map(({ path, message: text }) => ({
    path: withoutSecrets(path),
    message: withoutSecrets(text),
  }));
  return {
    success: false,
    data: null,
    error: { code, message: withoutSecrets(message), path: shown[0]?.path ?? null, problems: shown },
  };
}

/** The field that a refusal of the core is about. */
const FIELD: Partial<Record<RefusalCode, string>> = {
  "not-found": "path.id",
  "wrong-state": "path.id",
  "schedule-exists": "body.id",
  "key-reused": "header.idempotency-key",
  "dependency-failed": "body.depends_on",
  "dependency-cycle": "body.tasks",
  "dependency-unknown": "body.depends_on",
};

/** Messages of Fastify's own refusals: theirs change with its versions. */
const FASTIFY: Record<string, readonly [code: ErrorCode, message: string, path: string]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["media-type", "send a body as application/json", "header.content-type"],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["invalid", "the body is empty; leave out content-type, or send JSON", "body"],
  FST_ERR_CTP_INVALID_JSON_BODY: ["malformed-json", "the body is not JSON", "body"],
  FST_ERR_CTP_BODY_TOO_LARGE: ["too-large", "the body is too large", "body"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["invalid", "content-length does not fit the body", "header.content-length"],
  FST_ERR_BAD_URL: ["invalid", "the address cannot be decoded", "path"],
  FST_ERR_MAX_PARAM_LENGTH: ["address-too-long", "a part of the address is too long", "path"],
};

/**
 * What to answer an error with; undefined: it is a bug of ours, of which nobody is told more than that.
 *
 * @param place Where a field of the body stands. Default: `body`.
 */
export function apiErrorOf(error: unknown, place = "body"): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof Refusal) {
    const { code, message } = error;
    const path = fieldOf(error);
    return new ApiError(code, message, path === undefined ? [] : [{ path, message }]);
  }
  if (error instanceof StackRefusal) {
    const { code, field, message } = error;
    return new ApiError(code, message, [{ path: `${place}.${field}`, message }]);
  }
  if (error instanceof EnvironmentError) {
    const { code, message, field } = error;
    // What only a task can fail with is no answer.
    if (!isErrorCode(code)) return undefined;
    const path = field === "id" ? "path.id" : `${place}.${field}`;
    return new ApiError(code, message, field === undefined ? [] : [{ path, message }]);
  }
  if (error instanceof DockerDown) return new ApiError(error.code, error.message);
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  const known = FASTIFY[error.code];
  if (!known) return undefined;
  const [code, message, path] = known;
  return new ApiError(code, message, [{ path, message }]);
}

function fieldOf({ code, message, details: { field, retried } }: Refusal): string | undefined {
  // Of a task that was submitted before.
  if (retried !== undefined) return "path.id";
  if (code !== "invalid") return FIELD[code];
  if (field !== undefined) return `body.${field}`;
  return message.startsWith("cursor") ? "query.cursor" : undefined;
}

/** The error of input that its schema refuses. Messages of schemas never repeat a value. */
export function invalid(place: string, { issues }: z.ZodError): ApiError {
  const problems = issues.flatMap((issue): FieldProblem[] => {
    const path = pathOf(place, issue.path);
    if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
    return issue.keys.map((key) => ({ path: pathOf(path, [key]), message: "there is no such field" }));
  });
  const [first] = problems;
  return new ApiError("invalid", `${first?.path ?? place}: ${first?.message ?? "it is invalid"}`, problems);
}

function pathOf(place: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}.${String(key).slice(0, 100)}`),
    place,
  );
}
